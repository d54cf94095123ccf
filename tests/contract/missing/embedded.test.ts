import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { openRegistry } from "../../../src/registry/open.js";
import { runSmallQuarter } from "../../support/small-quarters.js";
import { FULL } from "../../support/thorough.js";
import { FOLDER_ROWS } from "./folder.js";
import { healthyTests } from "./healthy.js";
import { RUNBOOK_ROWS } from "./runbook-rows.js";
import { type Row, rowTest } from "./table.js";
import { type Backend, SharedWorld, World } from "./world.js";

const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
/** Its address tells two registries of a project apart, and not two projects: they move. */
const openAt = (folder: string) => async () =>
  embeddedRegistry({ folder, files: nodeFiles(), clock }, `file:${basename(folder)}`);

let made = 0;
const backend: Backend = {
  open: async (root) => ({ registry: openAt(join(root, "registry")), model: "demand" }),
  elsewhere: (root) => openAt(join(root, `registry-${++made}`)),
};

/** Every way out of every row by night; for every change of those that stand for the others. */
const waysOf = ({ isTypical = false }: Row) => (FULL || isTypical ? "every" : "first");

describe("what was live and is not there, in a folder", () => {
  const shared = new SharedWorld(backend);
  afterAll(() => shared.remove(), 120_000);
  for (const row of FOLDER_ROWS) rowTest(shared, row, waysOf(row));
  for (const row of RUNBOOK_ROWS) rowTest(new SharedWorld(backend), row, waysOf(row));
});

async function livedWorld(): Promise<World> {
  const world = await World.lived(backend);
  onTestFinished(() => world.remove());
  return world;
}

describe("what promotes as ever, in a folder", () => {
  const shared = new SharedWorld(backend);
  afterAll(() => shared.remove(), 120_000);
  healthyTests(shared, backend);

  test("a checkout that was moved, with its registry", async () => {
    const world = await livedWorld();
    const { root, project } = world;
    const elsewhere = join(root, "elsewhere");
    for (const name of ["state", "registry"])
      cpSync(join(root, name), join(elsewhere, name), { recursive: true });
    for (const name of ["state", "registry", "runbook.yaml"]) rmSync(join(root, name), { recursive: true });
    const registry = openAt(join(elsewhere, "registry"));
    const [state, runbook] = [join(elsewhere, "state"), join(elsewhere, "runbook.yaml")];
    world.project = { ...project, registry, state, runbook };
    expect((await world.promotes()).verdict).toBe("promoted 3");
  });

  test.each([
    ["all of it", ["state", "registry"]],
    ["the registry alone", ["registry"]],
  ])("a backup that was restored, of %s", async (_, restored) => {
    const world = await livedWorld();
    const { root } = world;
    for (const name of restored) cpSync(join(root, name), join(root, `${name}.backup`), { recursive: true });
    expect((await world.promotes()).verdict).toBe("promoted 3");
    for (const name of restored) {
      rmSync(join(root, name), { recursive: true });
      renameSync(join(root, `${name}.backup`), join(root, name));
    }
    expect((await world.promotes()).verdict).toBe("promoted 3");
  });

  test("a version of long ago that is gone", async () => {
    const world = await livedWorld();
    await world.promotes();
    rmSync(join(world.root, "registry/models/demand/versions/1"), { recursive: true });
    expect((await world.promotes()).verdict).toBe("promoted 4");
  });
});

test.each([
  ["damaged", (file: string) => writeFileSync(file, '{"for')],
  ["gone", (file: string) => rmSync(file)],
])("a registry.json that is %s escalates until a person says what is live", async (_, harm) => {
  const world = await livedWorld();
  const { root, project } = world;
  const registry = async () => openRegistry("file:registry", { files: nodeFiles(), clock, baseFolder: root });
  const file = join(root, "registry/registry.json");
  harm(file);
  for (const _again of [1, 2]) {
    const ended = await runSmallQuarter({ ...project, registry }, "2022Q2");
    expect(ended.verdict).toBe("escalated");
    expect(ended.decision!.rules.filter(({ blocks }) => blocks).map(({ id }) => id)).toContain(
      "champion-damaged",
    );
  }
  await (await registry()).moveAlias({
    name: "demand",
    alias: "best",
    to: "2",
    by: "Ada",
    reason: "it was live",
    decision: null,
    key: "adopt best 2",
    mend: true,
  });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ format: 1 });
  expect((await runSmallQuarter({ ...project, registry }, "2022Q2")).verdict).toMatch(/^promoted/);
});
