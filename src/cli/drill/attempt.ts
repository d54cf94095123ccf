import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { differences, endState, type Facts } from "./end-state.js";
import { leftovers, violations } from "./inspect.js";
import { type Moment, momentName } from "./moments.js";
import { type Ended, startQuarter, startVictim } from "./process.js";
import type { Receiver } from "./receiver.js";
import type { Scenario } from "./scenario.js";

/** Where to kill: at a moment of the process, or when the n-th POST of a notification has arrived and is not answered yet. */
export type KillPoint =
  | Moment
  | { readonly kind: "notification"; readonly what: string; readonly post: number };

export const killName = (point: KillPoint): string =>
  "post" in point ? `during ${point.kind}: ${point.what}` : momentName(point);

export interface Attempt {
  readonly scenario: string;
  readonly kind: string;
  readonly what: string;
  /** Side and boundary in words. */
  readonly at: string;
  /** Empty when the resumed run ended like the uninterrupted one. */
  readonly problems: readonly string[];
  /** POSTs beyond the first of their idempotency key. */
  readonly repeats: number;
}

export interface Drilling {
  readonly folder: string;
  /** Name of the folder that every attempt starts as a copy of. */
  readonly base: string;
  readonly receiver: Receiver;
  /** By the name of the scenario: the facts of the uninterrupted run. */
  readonly expected: ReadonlyMap<string, Facts>;
  readonly keep: boolean;
}

export const orderOf = (project: string, { quarter, set }: Pick<Scenario, "quarter" | "set">) => ({
  quarter,
  set,
  runbook: `${project}/runbook.yaml`,
  stateDir: `${project}/.retrain`,
});

/** Kills a run at one point, looks at what it left, resumes it and compares the end with the uninterrupted run's. */
export async function attempt(
  drilling: Drilling,
  scenario: Scenario,
  point: KillPoint,
  project: string,
): Promise<Attempt> {
  const { folder, base, receiver } = drilling;
  const path = join(folder, project);
  cpSync(join(folder, base), path, { recursive: true });
  const problems: string[] = [];
  const killed = await killAt(drilling, scenario, point, project);
  if (killed.signal !== "SIGKILL") {
    problems.push(`the run never came to this point: it ended with exit code ${killed.exitCode}`);
  } else {
    problems.push(...(await violations(path)).map((line) => `after the kill: ${line}`));
    const resumed = await startQuarter(folder, orderOf(project, scenario)).ended;
    if (resumed.document === null)
      problems.push(`the resumed run printed no document: ${resumed.talk.trim()}`);
    const facts = { ...(await endState(path, resumed)), ...deliveryFacts(receiver, project) };
    problems.push(...differences(drilling.expected.get(scenario.name)!, facts));
    problems.push(...(await violations(path)));
    problems.push(...(await leftovers(path, scenario.quarter, scenario.expect.verdict)));
  }
  if (problems.length === 0 || !drilling.keep) rmSync(path, { recursive: true, force: true });
  const posts = receiver.posts(project);
  const repeats = posts.length - new Set(posts.map(({ channel, key }) => `${channel} ${key}`)).size;
  return {
    scenario: scenario.name,
    kind: point.kind,
    what: point.what,
    at: killName(point),
    problems,
    repeats,
  };
}

async function killAt(
  { folder, receiver }: Drilling,
  scenario: Scenario,
  point: KillPoint,
  project: string,
): Promise<Ended> {
  const order = orderOf(project, scenario);
  if (!("post" in point)) return startVictim(folder, { ...order, task: { dieAt: point } }).ended;
  const child = startQuarter(folder, order);
  const killAfter = (left: number): void =>
    receiver.onNextPost(project, () => (left === 1 ? child.kill() : killAfter(left - 1)));
  killAfter(point.post);
  return child.ended;
}

/** How many different notifications each channel got. */
export function deliveryFacts(receiver: Receiver, project: string): Facts {
  const keys = new Map<string, Set<string>>();
  for (const { channel, key } of receiver.posts(project))
    keys.set(channel, (keys.get(channel) ?? new Set()).add(key));
  return Object.fromEntries(
    [...keys].map(([channel, set]) => [`notifications to ${channel}`, String(set.size)]),
  );
}
