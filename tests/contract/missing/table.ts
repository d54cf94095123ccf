import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import type { Absence } from "../../../src/kit/artifacts/absence.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { scratchRegistry } from "../../../src/registry/scratch.js";
import { type Ended, type Project, runSmallQuarter } from "../../support/small-quarters.js";
import { type Kind, type Situation, type, type Way, waysOf } from "./page.js";
import type { SharedWorld, World } from "./world.js";

/** What was done to a world. */
export interface Harm {
  /** What the next quarter is run with; default the project as it was. */
  readonly project?: Project;
  /** Puts it back; absent where nobody could, or only who has a backup of the server. */
  readonly undo?: () => Promise<Project | undefined> | Project | undefined;
}

/** A row of the truth table: what is not there, or not as it was. */
export interface Row {
  readonly what: string;
  readonly harm: (world: World) => Promise<Harm> | Harm;
  /** Who says that what is gone; null where the champion is damaged instead. */
  readonly gone: `${Absence["what"]} by ${Absence["witness"]}` | null;
  /** Every command that the page offers, in its order. */
  readonly ways: readonly Kind[];
  /** Those that are typed, where others of the table type the rest; default every one. */
  readonly typed?: readonly Kind[];
  /** A dry run is made before, and would end the same. */
  readonly alsoDry?: boolean;
  /** Is tried on every database that MLflow's server can have. */
  readonly onEvery?: boolean;
  /** Stands for its kind: is tried for every change with all that it offers, and the others by night. On a server, where a quarter is some 140 calls, only it. */
  readonly isTypical?: boolean;
}

const TIMEOUT_MS = 900_000;

/** The ways out that a champion leaves which is not there. */
export const WITHOUT_CHAMPION = ["restore", "adopt VERSION", "adopt --none", "approve"] as const;

/**
 * The next quarter escalates and says who says so, and nothing moves. Each command that its page offers, when it is typed, leads to a promotion; the world
 * is harmed anew for each.
 * @param ways `first`: only the first one that can be typed
 */
export function rowTest(shared: SharedWorld, row: Row, ways: "every" | "first" = "every"): void {
  const found = row.gone ?? "damage";
  test(
    `${row.what}: escalates (${found}), and ${ways === "every" ? "every way out leads" : "a way out leads"} on`,
    { timeout: TIMEOUT_MS },
    () =>
      shared.use(async (world) => {
        let left: Way[] | null = null;
        while (left === null || left.length > 0) {
          const situation = await escalates(world, row, left === null);
          const offered = waysOf(situation);
          if (left === null) expect(offered.map(({ kind }) => kind)).toEqual(row.ways);
          left ??= (await expanded(offered, situation, row)).slice(0, ways === "every" ? undefined : 1);
          const way = left.shift()!;
          // What the page names is something else each time.
          const named = offered.find(({ kind }) => kind === way.kind)!;
          expect(named, way.kind).toBeDefined();
          const what = way.what === ANOTHER ? await anotherOf(situation) : named.what;
          await leadsOn(world, { ...named, what }, situation);
          // After a start anew there is one release so far, and after a person's word the gate asks less of the one before.
          if (way.kind === "adopt --none" || way.kind === "approve") await world.promotes();
        }
      }),
  );
}

async function escalates(world: World, row: Row, isFirst: boolean): Promise<Situation> {
  const before = world.project;
  const { project = before, undo } = await row.harm(world);
  const quarter = world.quarter();
  if (isFirst && row.alsoDry) expectRow(row, await dryQuarter(project, quarter));
  const ended = await runSmallQuarter(project, quarter);
  expectRow(row, ended);
  const back = undo === undefined ? undefined : async () => (await undo()) ?? before;
  return { project, quarter, ended, before, undo: back };
}

function expectRow({ gone }: Row, { failure, verdict, decision, promotion }: Ended): void {
  expect(failure).toBeNull();
  expect(verdict).toBe("escalated");
  expect(decision).toMatchObject({ verdict: "fail", firstRelease: false });
  expect(promotion!.after).toBe(promotion!.before);
  const blocking = decision!.rules.find(
    ({ id }) => id === `champion-${gone === null ? "damaged" : "missing"}`,
  );
  expect(blocking).toMatchObject({ verdict: "UNKNOWN", blocks: true });
  const missing = decision!.missing ?? [];
  expect(missing.map(({ what, witness }) => `${what} by ${witness}`)).toEqual(gone === null ? [] : [gone]);
  if (gone !== null) expect(blocking!.detail).toBe(missing[0]!.detail);
  else expect(blocking!.detail).toBe(decision!.damaged!.detail);
}

/** Stands for a version that the reader chooses. */
const ANOTHER = "another";

/** Those to type, one a command; where the page leaves the version to the reader, the candidate and another that is there. */
async function expanded(
  offered: readonly Way[],
  situation: Situation,
  { typed = offered.map(({ kind }) => kind) }: Row,
): Promise<Way[]> {
  const another = await anotherOf(situation);
  const ways = offered.flatMap((way): Way[] => {
    if (!typed.includes(way.kind) || (way.kind === "restore" && situation.undo === undefined)) return [];
    const isOpen = way.kind === "adopt VERSION" && way.what === null && another !== null;
    return isOpen ? [way, { ...way, what: ANOTHER }] : [way];
  });
  // After it nothing that was live before is a way back any more.
  const isLast = ({ kind }: Way) => kind === "adopt --none";
  return [...ways.filter((way) => !isLast(way)), ...ways.filter(isLast)];
}

async function anotherOf({ project, ended }: Situation): Promise<string | null> {
  const { candidate, before } = ended.promotion!;
  const listed = await (await project.registry()).listVersions(project.model, { skipDamaged: true });
  const others = listed.filter(
    ({ version, status }) => status === "ready" && version !== candidate && version !== before,
  );
  return others.at(-1)?.version ?? null;
}

async function leadsOn(world: World, way: Way, situation: Situation): Promise<void> {
  const typed = `${way.kind}${way.what === null ? "" : ` ${way.what}`}`;
  try {
    world.project = await type(way, situation);
  } catch (error) {
    throw new Error(`${typed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  // A damaged version that is no champion any more would be in the way of the next row.
  const damaged = situation.ended.decision!.damaged?.version ?? null;
  if (damaged !== null && way.kind !== "restore") await situation.undo?.();
  // The candidate is live then, and the next quarter is compared with it.
  if (way.kind === "approve") return;
  const again = await runSmallQuarter(world.project, situation.quarter);
  expect(
    `after ${typed}: ${again.verdict} ${again.decision?.rules.find(({ blocks }) => blocks)?.detail ?? ""}`,
  ).toMatch(`after ${typed}: promoted`);
}

/** A dry run changes nothing but a scratch registry of its own. */
export async function dryQuarter(project: Project, quarter: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "retrain-dry-"));
  const place = {
    folder,
    files: nodeFiles(),
    clock: { now: () => new Date().toISOString(), monotonic: () => 0 },
  };
  const registry = async (): Promise<ModelRegistry> => scratchRegistry(await project.registry(), place);
  try {
    return await runSmallQuarter({ ...project, registry, dryRun: true }, quarter);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
