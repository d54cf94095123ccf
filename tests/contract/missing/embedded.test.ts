import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { openRegistry } from "../../../src/registry/open.js";
import { runSmallQuarter } from "../../support/small-quarters.js";
import {
  approvedRow,
  type Backend,
  folderOf,
  promotes,
  type Row,
  rowOf,
  runbookRows,
  type World,
  worldOf,
} from "./truth-table.js";

const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
/** Its address tells two registries of a project apart, and not two projects: worlds are copied. */
const openAt = (folder: string) => async () =>
  embeddedRegistry({ folder, files: nodeFiles(), clock }, `file:${basename(folder)}`);

let template: World | undefined;
afterAll(() => {
  if (template !== undefined) rmSync(template.root, { recursive: true });
});

const at = ({ root }: World, ...path: string[]) => join(root, "registry", ...path);
const backend: Backend = {
  open: async (root) => ({ registry: openAt(join(root, "registry")), model: "demand" }),
  elsewhere: async (root) => openAt(join(root, "regsitry")),
  async copyOf(make) {
    if (template === undefined) {
      const made = await make();
      const kept = mkdtempSync(join(tmpdir(), "retrain-world-"));
      cpSync(made.root, kept, { recursive: true });
      rmSync(join(made.root, "runbook.yaml"));
      template = { ...made, root: kept };
    }
    const root = folderOf();
    cpSync(template.root, root, { recursive: true });
    const registry = openAt(join(root, "registry"));
    const project = {
      ...template.project,
      registry,
      state: join(root, "state"),
      runbook: join(root, "runbook.yaml"),
    };
    return { root, project };
  },
  deleteVersion: async (world, version) =>
    rmSync(at(world, "models/demand/versions", version), { recursive: true }),
  deleteModel: async (world) => rmSync(at(world, "models/demand"), { recursive: true }),
};

/** A row in which something is moved away, and so can be put back. */
const moved = (
  what: string,
  from: string,
  to: string,
  told: Pick<Row, "witness" | "gone" | "back" | "adopts">,
): Row => ({
  what,
  done: (world) => {
    renameSync(at(world, from), at(world, to));
    return world.project;
  },
  undone: (world, project) => {
    rmSync(at(world, from), { recursive: true, force: true });
    renameSync(at(world, to), at(world, from));
    return project;
  },
  ...told,
});

const lost = { back: null, adopts: "3" } as const;

const ROWS: readonly Row[] = [
  moved("the champion's folder is gone", "models/demand/versions/2", "2.away", {
    witness: "moves",
    gone: "version",
    back: "1",
    adopts: "1",
  }),
  moved("the champion's folder has another number", "models/demand/versions/2", "models/demand/versions/9", {
    witness: "moves",
    gone: "version",
    back: "1",
    adopts: "3",
  }),
  moved("every version is gone", "models/demand/versions", "versions.away", {
    witness: "moves",
    gone: "version",
    ...lost,
  }),
];

describe("what was live and is not there, in a folder", () => {
  for (const row of ROWS) rowOf(backend, row);
  for (const row of runbookRows(backend)) rowOf(backend, row, 2);
  approvedRow(backend);

  for (const [what, path] of [
    ["the model's folder", "models/demand"],
    ["every model's folder", "models"],
  ] as const)
    rowOf(backend, {
      what: `${what} is gone`,
      done: (world) => {
        rmSync(at(world, path), { recursive: true });
        return world.project;
      },
      witness: "run",
      gone: "alias",
      ...lost,
    });

  for (const how of ["gone", "renamed"] as const)
    rowOf(backend, {
      what: `the registry's folder is ${how}`,
      done: ({ root, project }) => {
        if (how === "gone") rmSync(join(root, "registry"), { recursive: true });
        else renameSync(join(root, "registry"), join(root, "old"));
        return project;
      },
      witness: "state",
      gone: "model",
      back: null,
      adopts: "1",
    });

  rowOf(backend, {
    what: "the record of moves is gone, with its seal",
    done: (world) => {
      for (const file of ["alias-log.jsonl", "alias-log.seal.json"]) rmSync(at(world, "models/demand", file));
      return world.project;
    },
    witness: "run",
    gone: "alias",
    back: null,
    adopts: "2",
  });
});

describe("what promotes as ever, in a folder", () => {
  promotes(backend);

  const firstQuarter = async () => {
    const root = folderOf();
    const { registry, model } = await backend.open(root);
    const runbook = join(root, "runbook.yaml");
    const project = { state: join(root, "state"), registry, model, alias: "best", runbook, name: model };
    expect((await runSmallQuarter(project, "2021Q4")).verdict).toBe("promoted 1");
    return { root, project };
  };

  test("a checkout that was moved, with its registry", async () => {
    const { root, project } = await firstQuarter();
    const elsewhere = folderOf();
    for (const name of ["state", "registry"]) renameSync(join(root, name), join(elsewhere, name));
    rmSync(project.runbook);
    const moved = { state: join(elsewhere, "state"), runbook: join(elsewhere, "runbook.yaml") };
    const registry = openAt(join(elsewhere, "registry"));
    expect((await runSmallQuarter({ ...project, ...moved, registry }, "2022Q1")).verdict).toBe("promoted 2");
  });

  test("a backup that was restored, of all of it or of the registry alone", async () => {
    for (const restored of [["state", "registry"], ["registry"]]) {
      const { root, project } = await firstQuarter();
      for (const name of restored)
        cpSync(join(root, name), join(root, `${name}.backup`), { recursive: true });
      expect((await runSmallQuarter(project, "2022Q1")).verdict).toBe("promoted 2");
      for (const name of restored) {
        rmSync(join(root, name), { recursive: true });
        renameSync(join(root, `${name}.backup`), join(root, name));
      }
      expect((await runSmallQuarter(project, "2022Q2")).verdict).toBe("promoted 2");
    }
  });
});

describe("the version that a rollback would go to", () => {
  test("is missed once, and no more after a person has approved", async () => {
    const root = folderOf();
    const { registry, model } = await backend.open(root);
    const runbook = join(root, "runbook.yaml");
    const project = { state: join(root, "state"), registry, model, alias: "best", runbook, name: model };
    for (const quarter of ["2021Q4", "2022Q1", "2022Q2"])
      expect((await runSmallQuarter(project, quarter)).verdict).toMatch(/^promoted/);
    // One of long ago is no way back.
    await backend.deleteVersion({ root, project }, "1");
    expect((await runSmallQuarter(project, "2022Q3")).verdict).toBe("promoted 4");
    await backend.deleteVersion({ root, project }, "3");
    const ended = await runSmallQuarter(project, "2022Q4");
    expect(ended.verdict).toBe("escalated");
    expect(ended.decision).toMatchObject({
      baseline: { version: "4" },
      missing: [{ what: "version", version: "3", witness: "moves" }],
    });
  });
});

describe("damage in a folder: the next quarter escalates, and nothing is promoted", () => {
  const damages: Readonly<Record<string, readonly [path: string, rule: string]>> = {
    "the champion's graph": ["models/demand/versions/2/model/model.onnx", "champion-damaged"],
    "the champion's record": ["models/demand/versions/2/version.json", "champion-damaged"],
    "the record of moves": ["models/demand/alias-log.jsonl", "champion-damaged"],
    "the version before the champion": ["models/demand/versions/1/version.json", "champion-missing"],
  };
  for (const [what, [path, rule]] of Object.entries(damages))
    test(what, async () => {
      const { root, project } = await worldOf(backend);
      const file = join(root, "registry", path);
      const bytes = readFileSync(file);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, bytes);
      const ended = await runSmallQuarter(project, "2022Q2");
      expect(ended.verdict).toBe("escalated");
      expect(ended.decision!.rules.filter(({ blocks }) => blocks).map(({ id }) => id)).toContain(rule);
    });
});

test.each([
  ["damaged", (file: string) => writeFileSync(file, '{"for')],
  ["gone", (file: string) => rmSync(file)],
])("a registry.json that is %s escalates until a person says what is live", async (_, harm) => {
  const { root, project } = await worldOf(backend);
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
