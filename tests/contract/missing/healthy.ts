import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Project, runSmallQuarter } from "../../support/small-quarters.js";
import { moveCheckout } from "./runbook-rows.js";
import { dryQuarter } from "./table.js";
import { type Backend, type SharedWorld, World } from "./world.js";

/** What is done to a world in which nothing is missing; answers the project that goes on. */
export type Change = (world: World) => Promise<Project> | Project;

const secondModel = (world: World, more: Partial<Project>): Project => ({
  ...world.project,
  model: world.fresh(`${world.project.model}-second`),
  ...more,
});

const CHANGES: Readonly<Record<string, Change>> = {
  "the healthy one": ({ project }) => project,
  "a second machine on the same registry": (world) => {
    const machine = join(world.root, world.fresh("machine"));
    mkdirSync(machine);
    return { ...world.project, state: join(machine, "state"), runbook: join(machine, "runbook.yaml") };
  },
  "a state directory that was deleted, as in a fresh checkout": ({ project }) => {
    rmSync(project.state, { recursive: true });
    return project;
  },
  "a state directory of before the last quarter, from a backup": async (world) => {
    const { state } = world.project;
    cpSync(state, `${state}.backup`, { recursive: true });
    await world.promotes();
    rmSync(state, { recursive: true });
    cpSync(`${state}.backup`, state, { recursive: true });
    return world.project;
  },
  "a checkout that was moved": (world) => moveCheckout(world.root, world.fresh("moved"), world.project),
};

/** They leave the world's own model as it is. */
const SECOND_MODELS: Readonly<Record<string, Change>> = {
  "a second model of another runbook, in the same state directory and registry": (world) =>
    secondModel(world, { runbook: join(world.root, "second.yaml") }),
  "a second model of a copy of the project": (world) => {
    const copy = join(world.root, world.fresh("copy"));
    mkdirSync(copy);
    cpSync(world.project.state, join(copy, "state"), { recursive: true });
    return secondModel(world, {
      state: join(copy, "state"),
      runbook: join(copy, "runbook.yaml"),
      name: `${world.project.name} second`,
    });
  },
};

const TIMEOUT_MS = 240_000;

/** Of what is done to every registry, what stands for the rest on a server. */
export const TYPICAL_CHANGES: readonly string[] = ["a second machine on the same registry"];

/**
 * What promotes as ever.
 * @param more what is done to this kind of registry alone
 * @param typical of the rest, no more than these
 */
export function healthyTests(
  shared: SharedWorld,
  backend: Backend,
  more: Readonly<Record<string, Change>> = {},
  typical?: readonly string[],
): void {
  const changes = Object.entries(CHANGES).filter(([what]) => typical?.includes(what) ?? true);
  for (const [what, change] of [...changes, ...Object.entries(more)])
    test(`${what}: promoted`, { timeout: TIMEOUT_MS }, () =>
      shared.use(async (world) => {
        world.project = await change(world);
        await world.promotes();
      }),
    );
  if (typical !== undefined) return;
  for (const [what, change] of Object.entries(SECOND_MODELS))
    test(`${what}: promoted`, { timeout: TIMEOUT_MS }, () =>
      shared.use(async (world) => {
        const project = await change(world);
        const quarter = world.quarter();
        const ended = await runSmallQuarter(project, quarter);
        expect(ended.verdict).toBe("promoted 1");
        expect(ended.decision).toMatchObject({ firstRelease: true });
        expect((await runSmallQuarter(world.project, quarter)).verdict).toMatch(/^promoted/);
      }),
    );

  test("an empty world: promoted, dry or not, and so is every quarter after", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const world = await World.empty(backend);
    try {
      expect((await dryQuarter(world.project, "2021Q3")).verdict).toBe("promoted 1");
      expect((await world.promotes()).decision).toMatchObject({ firstRelease: true });
      expect((await world.promotes()).decision).toMatchObject({ firstRelease: false });
    } finally {
      world.remove();
    }
  });

  test("a first release that a person has to approve: no version is missing before", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const world = await World.empty(backend);
    try {
      const careful = { ...world.project, firstRelease: "escalate" as const };
      for (const quarter of ["2021Q4", "2021Q4", "2022Q1"]) {
        const ended = await runSmallQuarter(careful, quarter);
        expect(ended.verdict).toBe("escalated");
        expect(ended.decision).toMatchObject({ firstRelease: true });
        expect(ended.decision).not.toHaveProperty("missing");
      }
    } finally {
      world.remove();
    }
  });
}
