import type { Evidence } from "./evidence.js";
import { droppedMembers } from "./guard.js";
import type { Combination } from "./model.js";

/**
 * The plain mean: nothing is learned, so nothing is learned wrong.
 * @param members which experts it takes; all of them where this is left out
 */
export function learnFour(
  { experts, segments }: Pick<Evidence, "experts" | "segments">,
  members: readonly number[] = Array.from({ length: experts }, (_, k) => k),
): Combination {
  const row = Array.from({ length: experts }, (_, k) => (members.includes(k) ? 1 / members.length : 0));
  return { method: "four", weights: Array.from({ length: segments + 1 }, () => [...row]), residual: null };
}

/** The plain mean of the members that CV does not show to do harm. */
export function learnGuardedFour(evidence: Evidence, members: readonly number[]): Combination {
  const dropped = droppedMembers(evidence, members).map(({ expert }) => expert);
  return learnFour(
    evidence,
    members.filter((expert) => !dropped.includes(expert)),
  );
}
