import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import type { Segments } from "../../kit/artifacts/segments.js";
import type { LeftOutLevel, TrainingReport } from "../../kit/artifacts/training.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import type { Escalation } from "../escalation/escalation.js";
import type { FileLink } from "../page/model.js";
import type { RunDocument } from "../run-document.js";
import type { SeriesNames } from "../series-names.js";

/** Everything that report.html shows; null where this run has no such artifact. */
export interface QuarterInput {
  readonly document: RunDocument;
  readonly validation: ValidationReport | null;
  readonly accuracy: AccuracyReport | null;
  readonly segments: Segments | null;
  readonly training: TrainingReport | null;
  readonly outlook: OutlookTotals | null;
  readonly checkpoints: Checkpoints | null;
  readonly escalation: Escalation | null;
  readonly lineage: Lineage;
  readonly names: SeriesNames;
  /** What the run left beside the page. */
  readonly files: readonly FileLink[];
}

/** The outlook summed over all series, and over those of each segment. */
export interface OutlookTotals {
  /** Name of the target, e.g. `room_nights`. */
  readonly target: string;
  readonly total: Fan;
  /** By falling volume of the forecast; empty without segments. */
  readonly segments: readonly (Fan & { readonly segment: string })[];
  /** Levels of the outlook that the errors of the total do not carry. */
  readonly leftOut: readonly LeftOutLevel[];
}

/** History and forecast of a sum of series. */
export interface Fan {
  /**
   * Where the intervals come from: the errors of such sums in CV, the only series' own, or nowhere, since the outlook has none, or the training was
   * one of an older program.
   */
  readonly basis: "sums" | "series" | "none" | "unknown";
  /** Nominal levels of the intervals, rising, e.g. 0.8 and 0.95. */
  readonly levels: readonly number[];
  /** Oldest first. */
  readonly history: readonly { readonly period: string; readonly total: number }[];
  readonly forecast: readonly {
    readonly period: string;
    readonly forecast: number;
    /** One a level, in their order. */
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
