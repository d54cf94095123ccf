import type { ObjectStore } from "../../engine/object-store.js";
import type { StepRecord } from "../../engine/records.js";
import type { ArtifactKind, ArtifactReader } from "../../kit/artifact.js";
import type { Promotion } from "../../kit/artifacts/promotion.js";

/** What the steps of one run left, by step id. */
export type StepRecords = ReadonlyMap<string, StepRecord>;

/** The last artifact of a kind, or null where no step made one. */
export function artifactOf(
  objects: ObjectStore,
  steps: StepRecords,
  kind: ArtifactKind,
): ArtifactReader | null {
  const made = [...steps.values()].flatMap(({ outputs }) => Object.values(outputs));
  const found = made.filter((artifact) => artifact.kind === kind).at(-1);
  return found === undefined ? null : objects.reader(found);
}

/** @param promotion undefined where the runbook promotes nothing */
export function verdictOf(
  promotion: Promotion | undefined,
): "would-promote" | "would-escalate" | "completed" {
  if (promotion === undefined) return "completed";
  return promotion.outcome === "promoted" ? "would-promote" : "would-escalate";
}
