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

/** The outlook summed over all series, and over those of each segment. */
export interface OutlookTotals {
  /** Name of the target, e.g. `room_nights`. */
  readonly target: string;
  /** Nominal levels of the intervals, rising, e.g. 0.8 and 0.95; empty where the outlook has none. */
  readonly levels: readonly number[];
  readonly total: Fan;
  /** By falling volume of the forecast; empty without segments. */
  readonly segments: readonly (Fan & { readonly segment: string })[];
}

/** History and forecast of a sum of series. */
export interface Fan {
  /** Oldest first. */
  readonly history: readonly { readonly period: string; readonly total: number }[];
  readonly forecast: readonly {
    readonly period: string;
    readonly forecast: number;
    /** One a level, in their order: the bounds of the series added up. */
    readonly bands: readonly { readonly lo: number; readonly hi: number }[];
  }[];
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
