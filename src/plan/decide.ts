import { type FingerprintComponents, staleReason } from "./fingerprint.js";

/** What is known about a step when its turn comes. */
export interface StepFacts {
  /** `--fresh`, or at or after `--from`: run whatever the records say. */
  readonly forced: "fresh" | "from" | null;
  /** After `--until`. */
  readonly beyond: boolean;
  readonly components: FingerprintComponents;
  /** The record with exactly this fingerprint, if there is one, and what is wrong with it, if anything. */
  readonly record: { readonly damage: string | null } | null;
  /** Components of the last time that this step ran for this quarter, to say what changed. */
  readonly last: FingerprintComponents | null;
}

export type StepDecision =
  | { readonly action: "run"; readonly reason: string }
  | { readonly action: "reuse"; readonly reason: string }
  | { readonly action: "skip"; readonly reason: string };

/** One rule for plan and run alike, so that a plan never says what a run would not do. */
export function decideStep(facts: StepFacts): StepDecision {
  if (facts.beyond) return { action: "skip", reason: "after --until" };
  if (facts.forced === "fresh") return { action: "run", reason: "--fresh" };
  if (facts.forced === "from") return { action: "run", reason: "--from" };
  if (facts.record !== null) {
    return facts.record.damage === null
      ? { action: "reuse", reason: "nothing changed" }
      : { action: "run", reason: facts.record.damage };
  }
  if (facts.last === null) return { action: "run", reason: "never ran for this quarter" };
  const changes = staleReason(facts.last, facts.components);
  return { action: "run", reason: changes === "" ? "its record is gone" : `stale: ${changes}` };
}
