import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { reject } from "../../../src/approval/reject.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { findSubject } from "../../../src/approval/subject.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { adopt } from "../../../src/operations/adopt/adopt.js";
import { planAdoption } from "../../../src/operations/adopt/plan.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { earlierOf, runSmallQuarter } from "../../support/small-quarters.js";
import { type Backend, World } from "./world.js";

const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
const openAt = (folder: string) => async () =>
  embeddedRegistry({ folder, files: nodeFiles(), clock }, `file:${basename(folder)}`);
const backend: Backend = {
  open: async (root) => ({ registry: openAt(join(root, "registry")), model: "demand" }),
  elsewhere: (root) => openAt(join(root, "other")),
};

const words = { by: "Ada", reason: "it forecast too much" };
const LOG = ["models/demand/alias-log.jsonl", "models/demand/alias-log.seal.json"];
const inRegistry = ({ root }: World, ...path: string[]) => join(root, "registry", ...path);
const copyLog = (world: World, from: string, to: string): void => {
  for (const file of LOG) cpSync(inRegistry(world, `${file}${from}`), inRegistry(world, `${file}${to}`));
};

async function livedWorld(make = World.lived): Promise<World> {
  const world = await make(backend);
  onTestFinished(() => world.remove());
  return world;
}

async function rolledBack(world: World): Promise<void> {
  const registry = await world.project.registry();
  const { model, alias } = world.project;
  const plan = await planRollback(registry, { model, alias, to: null }, words);
  if (!isPlan(plan)) throw new Error("it was rolled back before");
  expect((await rollBack(registry, plan, words)).record.version).toBe("1");
}

/** Two versions were promoted and the second one rolled back; of that the record of moves knows nothing any more, whole in itself. */
async function cutWorld(): Promise<World> {
  const world = await livedWorld();
  copyLog(world, "", ".before");
  await rolledBack(world);
  copyLog(world, "", ".after");
  copyLog(world, ".before", "");
  expect(await (await world.project.registry()).getAlias("demand", "best")).toBe("2");
  return world;
}

/** Runs of the registry as a program would have left them that says nothing of the record of moves. */
function withoutMarks(world: World): void {
  for (const id of readdirSync(inRegistry(world, "runs"))) {
    const file = inRegistry(world, "runs", id, "run.json");
    const { sha256: _, ...run } = JSON.parse(readFileSync(file, "utf8"));
    delete run.tags["retrain.trail"];
    writeFileSync(file, JSON.stringify(run));
  }
}

const adopting = async ({ project }: World, version: string): Promise<void> => {
  const registry = await project.registry();
  const asked = { model: project.model, alias: project.alias, version, earlier: await earlierOf(project) };
  const plan = await planAdoption(registry, asked);
  if ("adopted" in plan) throw new Error("it was adopted before");
  const now = clock.now();
  const policy = { approvers: [], required: 1 } as const;
  const said = { ...words, expires: now.slice(0, 10) };
  expect((await adopt(registry, plan, policy, said, now)).outcome).toBe("adopted");
};

describe("a record of moves that was cut at a line's end, with an older seal", () => {
  const ways: Readonly<Record<string, (world: World) => Promise<void>>> = {
    "the version that was gone back to is adopted": (world) => adopting(world, "1"),
    "the version that it names is adopted": (world) => adopting(world, "2"),
    "it is put back": async (world) => copyLog(world, ".after", ""),
  };
  for (const [way, follow] of Object.entries(ways))
    test(`a rollback is lost: the quarter escalates, and is promoted once ${way}`, async () => {
      const world = await cutWorld();
      const { project } = world;
      const quarter = world.quarter();
      const told = [];
      // Asked again it says the same, although the candidate was registered over what is left.
      for (const _again of [1, 2]) {
        const ended = await runSmallQuarter(project, quarter);
        expect(ended).toMatchObject({ verdict: "escalated", failure: null });
        expect(ended.decision!.rules.filter(({ blocks }) => blocks).map(({ id }) => id)).toContain(
          "champion-damaged",
        );
        told.push(ended.decision!.damaged);
      }
      expect(told[0]).toMatchObject({
        version: null,
        detail: expect.stringContaining("does not have that entry any more"),
      });
      expect(told[1]).toEqual(told[0]);
      const registry = await project.registry();
      const asked = { model: project.model, alias: project.alias };
      const damaged = { failure: { code: "registry.trail-damaged" } };
      await expect(planRollback(registry, { ...asked, to: null }, words)).rejects.toMatchObject(damaged);
      await expect(planAdoption(registry, { ...asked, version: null })).rejects.toMatchObject(damaged);
      await follow(world);
      expect((await runSmallQuarter(project, quarter)).verdict).toMatch(/^promoted/);
      await world.promotes();
    });

  test("a promotion is lost: the quarter escalates, and is promoted once it is adopted", async () => {
    const world = await livedWorld(async (over) => {
      const one = await World.empty(over);
      await one.promotes();
      return one;
    });
    copyLog(world, "", ".before");
    await world.promotes();
    copyLog(world, ".before", "");
    const quarter = world.quarter();
    expect((await runSmallQuarter(world.project, quarter)).verdict).toBe("escalated");
    await adopting(world, "2");
    expect((await runSmallQuarter(world.project, quarter)).verdict).toMatch(/^promoted/);
    await world.promotes();
  });

  test("the registry's runs say nothing of it: the state directory does, until a person has spoken", async () => {
    const world = await livedWorld();
    copyLog(world, "", ".before");
    await world.promotes();
    copyLog(world, ".before", "");
    withoutMarks(world);
    const registry = await world.project.registry();
    const asked = { model: "demand", alias: "best", to: null };
    const damaged = { failure: { code: "registry.trail-damaged" } };
    const earlier = await earlierOf(world.project);
    await expect(planRollback(registry, { ...asked, earlier }, words)).rejects.toMatchObject(damaged);
    expect(isPlan(await planRollback(registry, asked, words))).toBe(true);
    await adopting(world, "2");
    expect(isPlan(await planRollback(registry, { ...asked, earlier }, words))).toBe(true);
  });

  test("on a machine that has never run a quarter it is the registry that says so", async () => {
    const world = await cutWorld();
    world.project = { ...world.project, state: join(world.root, "fresh") };
    expect((await runSmallQuarter(world.project, world.quarter())).verdict).toBe("escalated");
  });

  test("a rejection is lost: it does not come back as a first release", async () => {
    const world = await livedWorld(World.empty);
    const { project } = world;
    const quarter = world.quarter();
    const careful = { ...project, firstRelease: "escalate" as const };
    const { decision } = await runSmallQuarter(careful, quarter);
    const registry = await project.registry();
    const asked = { action: "reject", model: "demand", run: null } as const;
    copyLog(world, "", ".before");
    const subject = await findSubject(registry, { ...asked, decision: decision!.digest });
    await reject(registry, subject!, words);
    copyLog(world, ".before", "");
    const ended = await runSmallQuarter(project, quarter);
    expect(ended.verdict).toBe("escalated");
    expect(ended.decision).toMatchObject({ damaged: { version: null } });
    const again = findSubject(registry, { ...asked, decision: ended.decision!.digest });
    await expect(again).rejects.toMatchObject({ failure: { code: "registry.trail-damaged" } });
  });
});
