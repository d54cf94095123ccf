import { type Cause, type Change, NEVER_RAN } from "../kit/explanation.js";
import { changesLine, changesOf } from "./changes.js";
import type { FingerprintComponents } from "./fingerprint.js";

/** What is known about a step when its turn comes. */
export interface StepFacts {
  /** `--fresh`, or at or after `--from`: run whatever the records say. */
  readonly forced: "fresh" | "from" | null;
  /** The step that `--from` names, where this one stands before it. */
  readonly beforeFrom: string | null;
  /** The step that `--until` names, where this one comes after it. */
  readonly afterUntil: string | null;
  readonly components: FingerprintComponents;
  /** The record with exactly this fingerprint, if there is one, and what speaks against it, if anything. */
  readonly record: { readonly fault: RecordFault | null } | null;
  /** Components of the last time that this step ran for this quarter, to say what changed. */
  readonly last: FingerprintComponents | null;
}

/** Why a record cannot be reused: it or its files are not what was written, or the effect that it tells of is gone. */
export interface RecordFault {
  readonly cause: "damaged" | "effect-gone";
  readonly reason: string;
}

export interface StepDecision {
  readonly action: "run" | "reuse" | "skip";
  readonly cause: Cause;
  /** One line for people. */
  readonly reason: string;
  /** What differs from the last time that it ran, the most telling first. */
  readonly changes: readonly Change[];
}

/** One rule for plan and run alike, so that a plan never says what a run would not do. */
export function decideStep(facts: StepFacts): StepDecision {
  const { forced, beforeFrom, afterUntil, record, last } = facts;
  if (afterUntil !== null) return skipAfter(afterUntil);
  const changes = last === null ? [] : changesOf(last, facts.components);
  const run = (cause: Cause, reason: string): StepDecision => ({
    action: "run",
    cause,
    // What was not asked for is said: results after it would rest on something stale otherwise.
    reason: beforeFrom === null ? reason : `${reason}; it runs too, although --from ${beforeFrom} was asked`,
    changes,
  });
  if (forced !== null) return run(forced, `--${forced}`);
  if (record !== null) {
    return record.fault === null
      ? { action: "reuse", cause: "unchanged", reason: "nothing changed", changes }
      : run(record.fault.cause, record.fault.reason);
  }
  if (last === null) return run("first", NEVER_RAN);
  return changes.length === 0
    ? run("record-gone", "its record is gone")
    : run("stale", `stale: ${changesLine(changes)}`);
}

export const skipAfter = (until: string): StepDecision => ({
  action: "skip",
  cause: "until",
  reason: `after --until ${until}`,
  changes: [],
});

/** For a step whose upstream must run first: what differs already says that it runs, else only the upstream can tell. */
export function decideWaiting(waiting: readonly string[], known: readonly Change[]): StepDecision {
  const after = `after ${waiting.join(", ")}`;
  return {
    action: "run",
    cause: "upstream",
    reason: known.length === 0 ? after : `stale: ${changesLine(known)}; ${after}`,
    changes: known,
  };
}
