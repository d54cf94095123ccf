import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import type { Segments } from "../../kit/artifacts/segments.js";
import type { TrainingReport } from "../../kit/artifacts/training.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import type { Escalation } from "../escalation/escalation.js";
import type { RunDocument } from "../run-document.js";

/** Everything that report.html shows, as plain data; null where this run has no such artifact. */
export interface ReportInput {
  readonly document: RunDocument;
  readonly validation: ValidationReport | null;
  readonly accuracy: AccuracyReport | null;
  readonly segments: Segments | null;
  readonly training: TrainingReport | null;
  readonly outlook: OutlookTotals | null;
  readonly checkpoints: Checkpoints | null;
  readonly escalation: Escalation | null;
  readonly lineage: Lineage;
}

/** The outlook summed over all series. */
export interface OutlookTotals {
  /** Name of the target, e.g. `room_nights`. */
  readonly target: string;
  /** Oldest first. */
  readonly history: readonly { readonly period: string; readonly total: number }[];
  /** Intervals are null where the outlook has none for a total. */
  readonly forecast: readonly {
    readonly period: string;
    readonly forecast: number;
    readonly lo: number | null;
    readonly hi: number | null;
  }[];
  /** Nominal level of `lo`..`hi`, e.g. 0.8, and in words, without a full stop, how the intervals of the series were added up. */
  readonly interval: { readonly level: number; readonly method: string } | null;
}

/** What the run was made from, for someone who has to make it again. */
export interface Lineage {
  readonly startedAt: string;
  readonly retrain: string;
  readonly git: string | null;
  readonly runbook: { readonly path: string; readonly hash: string };
  /** Without credentials. */
  readonly registry: string;
  readonly sources: readonly string[];
  readonly artifacts: readonly { readonly step: string; readonly kind: string; readonly hash: string }[];
}
