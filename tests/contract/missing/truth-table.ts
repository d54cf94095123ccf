import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { findSubject } from "../../../src/approval/subject.js";
import type { Absence } from "../../../src/kit/artifacts/absence.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { adopt } from "../../../src/operations/adopt/adopt.js";
import { planAdoption } from "../../../src/operations/adopt/plan.js";
import { type Project, runSmallQuarter } from "../../support/small-quarters.js";

/** A world in which 2021Q4 and 2022Q1 were promoted as versions 1 and 2. */
export interface World {
  readonly root: string;
  readonly project: Project;
}

/** One kind of registry, and hands that do to it what retrain never does. */
export interface Backend {
  /** A registry that is empty, with a model name that nobody else uses. */
  open(root: string): Promise<{ readonly registry: () => Promise<ModelRegistry>; readonly model: string }>;
  /** Another one, as another address would be. */
  elsewhere(root: string, model: string): Promise<() => Promise<ModelRegistry>>;
  /** A copy of a world, where that is cheaper than another one. */
  copyOf?(make: () => Promise<World>): Promise<World>;
  deleteVersion(world: World, version: string): Promise<void>;
  deleteModel(world: World): Promise<void>;
}

/** What was done to a world, and who is to say so. */
export interface Row {
  readonly what: string;
  readonly done: (world: World) => Promise<Project> | Project;
  /** Undone again; absent where nobody could. */
  readonly undone?: (world: World, project: Project) => Promise<Project> | Project;
  readonly witness: Absence["witness"];
  readonly gone: Absence["what"];
  /** The version that a rollback goes to; null: no rollback is possible. */
  readonly back: string | null;
  /** Needs a world that was lived in where it stands, and no copy of one. */
  readonly isLived?: boolean;
  /** A version that can be adopted besides the candidate. */
  readonly adopts: string | null;
}

const words = { by: "Ada", reason: "it is lost" };
const now = () => new Date().toISOString();
const ANYBODY = { approvers: [], required: 1 } as const;
const day = () => now().slice(0, 10);

export function folderOf(): string {
  const root = mkdtempSync(join(tmpdir(), "retrain-missing-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

async function emptyWorld(backend: Backend): Promise<World> {
  const root = folderOf();
  const { registry, model } = await backend.open(root);
  return {
    root,
    project: {
      state: join(root, "state"),
      registry,
      model,
      alias: "best",
      runbook: join(root, "runbook.yaml"),
      name: model,
    },
  };
}

export async function worldOf(backend: Backend): Promise<World> {
  if (backend.copyOf !== undefined) return backend.copyOf(() => livedWorld(backend));
  return livedWorld(backend);
}

async function livedWorld(backend: Backend): Promise<World> {
  const world = await emptyWorld(backend);
  for (const quarter of ["2021Q4", "2022Q1"])
    expect((await runSmallQuarter(world.project, quarter)).verdict).toMatch(/^promoted/);
  return world;
}

/** Ways out, each by what a person types; answers the project with which the quarter is run again. */
const waysOut = (
  row: Row,
): Readonly<Record<string, (world: World, project: Project) => Promise<Project>>> => {
  const adopting = (version: string | null) => async (_: World, project: Project) => {
    const registry = await project.registry();
    const plan = await planAdoption(registry, { model: project.model, alias: project.alias, version });
    if ("adopted" in plan) throw new Error("it was adopted before");
    const { outcome } = await adopt(registry, plan, ANYBODY, { ...words, expires: day() }, now());
    expect(outcome).toBe(version === null ? "left-behind" : "adopted");
    return project;
  };
  return {
    ...(row.undone === undefined
      ? {}
      : { "put back": async (world: World, project: Project) => row.undone!(world, project) }),
    ...(row.back === null
      ? {}
      : {
          "rolled back": async (_: World, project: Project) => {
            const registry = await project.registry();
            const asked = { model: project.model, alias: project.alias, to: null };
            const plan = await planRollback(registry, asked, words);
            if (!isPlan(plan)) throw new Error("it was rolled back before");
            expect((await rollBack(registry, plan, words)).record.version).toBe(row.back);
            return project;
          },
        }),
    ...(row.adopts === null ? {} : { "a version adopted": adopting(row.adopts) }),
    "started anew": adopting(null),
  };
};

/**
 * A row of the table: the next quarter escalates and says who says so, and each way out leads to a promotion.
 * @param take of its ways out only the last so many
 */
export function rowOf(backend: Backend, row: Row, take = Number.POSITIVE_INFINITY): void {
  for (const [way, follow] of Object.entries(waysOut(row)).slice(-take))
    test(`${row.what}: escalates by its ${row.witness}, and is promoted once ${way}`, async () => {
      const world = await (row.isLived ? livedWorld : worldOf)(backend);
      const project = await row.done(world);
      const ended = await runSmallQuarter(project, "2022Q2");
      expect(ended.failure).toBeNull();
      expect(ended.verdict).toBe("escalated");
      expect(ended.decision).toMatchObject({ verdict: "fail", firstRelease: false });
      expect(ended.decision!.missing).toMatchObject([{ what: row.gone, witness: row.witness }]);
      expect(ended.decision!.rules[0]).toMatchObject({
        id: "champion-missing",
        verdict: "UNKNOWN",
        blocks: true,
        detail: ended.decision!.missing![0]!.detail,
      });
      const out = await follow(world, project);
      expect((await runSmallQuarter(out, "2022Q2")).verdict).toMatch(/^promoted/);
      expect((await runSmallQuarter(out, "2022Q3")).verdict).toMatch(/^promoted/);
    });
}

/** A candidate that nothing was compared with goes live by a person's word, and is what the next one is compared with. */
export function approvedRow(backend: Backend): void {
  test("the candidate approved where the champion is missing: the next quarter is compared with it", async () => {
    const world = await worldOf(backend);
    const { project } = world;
    await backend.deleteVersion(world, "2");
    const ended = await runSmallQuarter(project, "2022Q2");
    const registry = await project.registry();
    const asked = { action: "approve", model: project.model, run: null } as const;
    const subject = await findSubject(registry, { ...asked, decision: ended.decision!.digest });
    const policy = { approvers: [], required: 1 } as const;
    const done = await approve(registry, subject!, policy, { ...words, expires: day() }, now());
    expect(done).toMatchObject({ outcome: "approved", live: "3" });
    expect((await runSmallQuarter(project, "2022Q3")).verdict).toBe("promoted 4");
  });
}

/** @param only what begins with one of these; default everything that promotes as ever */
export function promotes(backend: Backend, only: readonly string[] | null = null): void {
  const cases: Readonly<Record<string, (world: World) => Promise<Project> | Project>> = {
    "the healthy one": ({ project }) => project,
    "a second machine on the same registry": ({ root, project }) => {
      mkdirSync(join(root, "second"));
      return {
        ...project,
        state: join(root, "second", "state"),
        runbook: join(root, "second", "runbook.yaml"),
      };
    },
    "a state directory that was deleted": ({ project }) => {
      rmSync(project.state, { recursive: true });
      return project;
    },
    "a second model of another runbook, in the same state directory and registry": ({ root, project }) => ({
      ...project,
      model: `${project.model}-second`,
      runbook: join(root, "second.yaml"),
    }),
    "a second model of a copy of the project": ({ root, project }) => {
      mkdirSync(join(root, "copy"));
      cpSync(project.state, join(root, "copy", "state"), { recursive: true });
      const runbook = join(root, "copy", "runbook.yaml");
      const name = `${project.name} second`;
      return {
        ...project,
        model: `${project.model}-second`,
        state: join(root, "copy", "state"),
        runbook,
        name,
      };
    },
  };
  const chosen = Object.entries(cases).filter(([what]) => only?.some((one) => what.startsWith(one)) ?? true);
  for (const [what, done] of chosen)
    test(`${what}: promoted`, async () => {
      const world = await livedWorld(backend);
      const project = await done(world);
      expect((await runSmallQuarter(project, "2022Q2")).verdict).toMatch(/^promoted/);
    });

  if (only !== null) return;
  test("an empty world: promoted, and so is every quarter after", async () => {
    await livedWorld(backend);
  });

  test("a first release that a person has to approve: no version is missing before", async () => {
    const { project } = await emptyWorld(backend);
    const careful = { ...project, firstRelease: "escalate" as const };
    for (const quarter of ["2021Q4", "2021Q4", "2022Q1"]) {
      const ended = await runSmallQuarter(careful, quarter);
      expect(ended.verdict).toBe("escalated");
      expect(ended.decision).toMatchObject({ firstRelease: true });
      expect(ended.decision).not.toHaveProperty("missing");
    }
  });
}

/** What is the runbook's doing, on every registry. */
export const runbookRows = (backend: Backend): readonly Row[] => [
  {
    what: "model.name is another one",
    done: ({ project }) => ({ ...project, model: `${project.model}-renamed` }),
    undone: ({ project }) => project,
    witness: "state",
    gone: "name",
    back: null,
    adopts: "1",
  },
  {
    what: "model.name is another one, on a machine that has never run it",
    done: ({ root, project }) => ({
      ...project,
      model: `${project.model}-renamed`,
      state: join(root, "fresh"),
    }),
    undone: ({ project }) => project,
    isLived: true,
    witness: "run",
    gone: "name",
    back: null,
    adopts: "1",
  },
  {
    what: "model.name is another one, in a checkout that was moved",
    done: ({ root, project }) => {
      mkdirSync(join(root, "moved"));
      renameSync(project.state, join(root, "moved", "state"));
      rmSync(project.runbook);
      const moved = { state: join(root, "moved", "state"), runbook: join(root, "moved", "runbook.yaml") };
      return { ...project, ...moved, model: `${project.model}-renamed` };
    },
    undone: ({ project }, now) => ({ ...now, model: project.model }),
    witness: "state",
    gone: "name",
    back: null,
    adopts: "1",
  },
  {
    what: "model.alias is another one",
    done: ({ project }) => ({ ...project, alias: "live" }),
    undone: ({ project }) => project,
    witness: "run",
    gone: "alias",
    back: null,
    adopts: "2",
  },
  {
    what: "registry.uri is another one",
    done: async ({ root, project }) => ({
      ...project,
      registry: await backend.elsewhere(root, project.model),
    }),
    undone: ({ project }) => project,
    witness: "state",
    gone: "registry",
    back: null,
    adopts: "1",
  },
];
