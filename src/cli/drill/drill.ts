import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../kit/temporary-folder.js";
import { type Attempt, attempt, type Drilling, deliveryFacts, type KillPoint, orderOf } from "./attempt.js";
import { endState, type Facts } from "./end-state.js";
import { leftovers, violations } from "./inspect.js";
import type { RecordedMoment } from "./moments.js";
import { type Ended, startQuarter, startVictim } from "./process.js";
import { DRILL_QUARTERS, writeDrillProject } from "./project.js";
import { type Receiver, startReceiver } from "./receiver.js";
import { CHANNELS, SCENARIOS, type Scenario } from "./scenario.js";

export interface DrillOptions {
  /** Attempts at once. */
  readonly jobs: number;
  /** Kill only at about this many points, evenly spread; null kills at every one. */
  readonly sample: number | null;
  /** Tear every whole-file write, not one of each kind. */
  readonly everyTear: boolean;
  /** Keep the folders of attempts that failed. */
  readonly keep: boolean;
  /** Told after every attempt. */
  readonly progress: (done: number, total: number) => void;
}

export interface DrillResult {
  readonly attempts: readonly Attempt[];
  /** Moments of the recorded runs; what became of each is in the other three. */
  readonly moments: number;
  /** Left the state of the moment before, so that one kill stands for both. */
  readonly merged: number;
  /** Torn whole-file writes of a kind that was torn already. */
  readonly sameTears: number;
  /** Points left out by `sample`. */
  readonly unsampled: number;
  readonly seconds: number;
  /** Where failed attempts were kept, or null. */
  readonly kept: string | null;
}

/** Kills a run at every boundary, resumes it and compares the end with that of a run nobody killed. */
export async function drill(options: DrillOptions): Promise<DrillResult> {
  const started = performance.now();
  const folder = await temporaryFolder("drill");
  const receiver = await startReceiver();
  let kept: string | null = null;
  try {
    await prepare(folder, receiver);
    const expected = new Map<string, Facts>();
    const recorded: { scenario: Scenario; moments: readonly RecordedMoment[] }[] = [];
    for (const scenario of SCENARIOS) {
      const reference = await runReference(folder, receiver, scenario);
      expected.set(scenario.name, reference.facts);
      recorded.push({ scenario, moments: reference.moments });
    }
    const all = recorded.flatMap(({ scenario, moments }) =>
      pointsOf(scenario, moments, options.everyTear).map((point) => ({ scenario, point })),
    );
    const chosen = options.sample === null ? all : spread(all, options.sample);
    const drilling: Drilling = { folder, base: BASE, receiver, expected, keep: options.keep };
    const attempts = await inParallel(chosen, options.jobs, async ({ scenario, point }, index, done) => {
      const result = await attempt(drilling, scenario, point, `attempt-${index + 1}`);
      options.progress(done(), chosen.length);
      return result;
    });
    if (options.keep && attempts.some(({ problems }) => problems.length > 0)) kept = folder;
    const moments = recorded.flatMap(({ scenario, moments: own }) => within(scenario, own));
    return {
      attempts,
      moments: moments.length,
      merged: moments.filter(({ sameAsBefore }) => sameAsBefore).length,
      sameTears: options.everyTear ? 0 : moments.filter(({ sameTear }) => sameTear).length,
      unsampled: all.length - chosen.length,
      seconds: (performance.now() - started) / 1000,
      kept,
    };
  } finally {
    await receiver.close();
    if (kept === null) rmSync(folder, { recursive: true, force: true });
  }
}

const BASE = "base";

/** A project whose first quarter is promoted. */
async function prepare(folder: string, receiver: Receiver): Promise<void> {
  mkdirSync(join(folder, BASE));
  writeDrillProject(join(folder, BASE), CHANNELS.map(receiver.urlOf));
  const first = await startQuarter(folder, orderOf(BASE, { quarter: DRILL_QUARTERS[0], set: [] })).ended;
  requireEnd(first, "promoted", "the first quarter");
}

async function runReference(
  folder: string,
  receiver: Receiver,
  scenario: Scenario,
): Promise<{ facts: Facts; moments: readonly RecordedMoment[] }> {
  const project = `reference-${scenario.name}`;
  const path = join(folder, project);
  cpSync(join(folder, BASE), path, { recursive: true });
  const recordTo = join(folder, `${project}.json`);
  const ended = await startVictim(folder, { ...orderOf(project, scenario), task: { recordTo } }).ended;
  const { verdict, versions, moves, notifications } = scenario.expect;
  requireEnd(ended, verdict, `the uninterrupted run (${scenario.name})`);
  const deliveries = deliveryFacts(receiver, project);
  const facts = { ...(await endState(path, ended)), ...deliveries };
  const problems = [...(await violations(path)), ...(await leftovers(path, scenario.quarter, verdict))];
  const counts: Facts = {
    "registered versions": String(versions),
    "moves of best": String(moves),
    ...Object.fromEntries(
      CHANNELS.slice(0, notifications).map((channel) => [`notifications to ${channel}`, "1"]),
    ),
  };
  for (const [name, count] of Object.entries(counts))
    if (facts[name] !== count) problems.push(`${name}: expected ${count}, found ${facts[name] ?? "nothing"}`);
  if (problems.length > 0)
    throw new Error(`the uninterrupted run (${scenario.name}) is not sound:\n  ${problems.join("\n  ")}`);
  return { facts, moments: JSON.parse(readFileSync(recordTo, "utf8")) as RecordedMoment[] };
}

function requireEnd(ended: Ended, verdict: string, what: string): void {
  if (ended.document?.verdict !== verdict)
    throw new Error(
      `${what} of the drill ended as ${ended.document?.verdict ?? ended.exitCode}, not ${verdict}:\n${ended.talk}`,
    );
}

function within({ from }: Scenario, moments: readonly RecordedMoment[]): readonly RecordedMoment[] {
  return from === null ? moments : moments.slice(moments.findIndex(({ what }) => what === from));
}

function pointsOf(scenario: Scenario, moments: readonly RecordedMoment[], everyTear: boolean): KillPoint[] {
  const points: KillPoint[] = within(scenario, moments).filter(
    ({ sameAsBefore, sameTear }) => !sameAsBefore && (everyTear || !sameTear),
  );
  for (let post = 1; post <= scenario.expect.notifications; post++)
    points.push({ kind: "notification", what: `POST ${post} has arrived and is not answered`, post });
  return points;
}

/** About `count` of the items, at equal distances, with the first of every kind of boundary and side. */
export function spread<T extends { readonly point: KillPoint }>(items: readonly T[], count: number): T[] {
  const stride = Math.max(1, items.length / Math.max(1, count));
  const seen = new Set<string>();
  return items.filter(({ point }, index) => {
    const sort = `${point.kind} ${"post" in point ? point.post : point.side}`;
    const isFirst = !seen.has(sort);
    seen.add(sort);
    return isFirst || Math.floor(index / stride) !== Math.floor((index - 1) / stride);
  });
}

/** Results in the order of the items, however many work at once. */
async function inParallel<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T, index: number, done: () => number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let finished = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index, () => ++finished);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
