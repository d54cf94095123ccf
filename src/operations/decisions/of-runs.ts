import { basename, join, sep } from "node:path";
import type { Engine } from "../../engine/engine.js";
import { type RunRelease, readRelease } from "../../engine/run-release.js";
import type { StoredRun } from "../../engine/run-store.js";
import {
  type DecidedRun,
  decisionsAbout,
  readWordsOfPeople,
  type WordsOfPeople,
} from "../../history/person-decisions.js";
import { missingChampion } from "../../kit/artifacts/decision.js";
import { isAnswered, type PersonDecision } from "../../kit/artifacts/person-decision.js";
import { type Failure, FailureError } from "../../kit/failure.js";
import type { ModelRegistry } from "../../kit/registry.js";

export interface DecisionsOfRuns {
  /** By run id, oldest first; a run without any is not in it. */
  readonly byRun: ReadonlyMap<string, readonly PersonDecision[]>;
  /** Registries that could not be asked, so that nothing is known of what was decided there. */
  readonly unasked: readonly { readonly registry: string; readonly failure: Failure }[];
}

/** Opens a registry by the address that a run recorded. */
export type OpenRecorded = (uri: string, run: StoredRun) => Promise<ModelRegistry>;

/**
 * What people decided since about runs of a state directory, as the registries that the runs went to have it. Nothing but a run that came to a decision is asked
 * about.
 */
export async function decisionsOfRuns(
  engine: Engine,
  runs: readonly StoredRun[],
  open: OpenRecorded,
): Promise<DecisionsOfRuns> {
  const byRun = new Map<string, readonly PersonDecision[]>();
  const unasked = new Map<string, Failure>();
  const known = new Map<string, Promise<WordsOfPeople>>();
  for (const run of runs) {
    if (run.header.dryRun || run.verdict === null) continue;
    const release = await readRelease(engine, run);
    const asked = decidedRun(release);
    if (asked === null) continue;
    const { registry: recorded, name } = release.registered!;
    const registry = await addressHere(engine, recorded);
    const key = JSON.stringify([registry, name]);
    const reading = known.get(key) ?? open(registry, run).then((found) => readWordsOfPeople(found, name));
    known.set(key, reading);
    try {
      const decisions = decisionsAbout(await reading, asked);
      if (decisions.length > 0) byRun.set(run.header.run, decisions);
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      unasked.set(registry, error.failure);
    }
  }
  return { byRun, unasked: [...unasked].map(([registry, failure]) => ({ registry, failure })) };
}

/** What there is to decide about, of a run that came to a decision; null of any other. */
export function decidedRun({
  registered,
  decision,
}: Pick<RunRelease, "registered" | "decision">): DecidedRun | null {
  if (registered === null || decision === null) return null;
  return {
    alias: decision.alias,
    registryRun: registered.runId,
    decision: decision.digest,
    isMissing: missingChampion(decision).length > 0,
  };
}

/** The embedded registry lies in the state directory, which may have been moved or copied since. */
async function addressHere({ files, state }: Engine, recorded: string): Promise<string> {
  const path = /^file:(.*)$/.exec(recorded)?.[1];
  const isInState = path?.endsWith(join(sep, basename(state.root), basename(state.registry))) === true;
  return isInState && (await files.exists(state.registry)) ? `file:${state.registry}` : recorded;
}

/**
 * The run whose escalation is to be looked at where none is named: the latest that waits for an answer, else the latest that escalated.
 * @param runs oldest first
 * @returns null where none escalated
 */
export function escalationToShow(runs: readonly StoredRun[], { byRun }: DecisionsOfRuns): StoredRun | null {
  const escalated = runs.filter(({ verdict }) => verdict === "escalated" || verdict === "would-escalate");
  const isOpen = (run: StoredRun) =>
    run.verdict === "escalated" &&
    !isAnswered(byRun.get(run.header.run) ?? []) &&
    !runs.slice(runs.indexOf(run) + 1).some((later) => isAfter(later, run));
  return escalated.findLast(isOpen) ?? escalated.at(-1) ?? null;
}

/** Whether a later run settled what an escalated one left open: the champion that it was compared with is live no more, or its quarter was judged again. */
const isAfter = (later: StoredRun, { header }: StoredRun): boolean =>
  later.header.model === header.model &&
  (later.verdict === "promoted" ||
    (later.verdict === "escalated" && later.header.quarter === header.quarter));
