import type { ArtifactKind } from "./artifact.js";
import type { Json } from "./json.js";

/** The reason of a step that has no past for this quarter. A console needs not repeat it for every step of a first run. */
export const NEVER_RAN = "never ran for this quarter";

/** What a result may depend on, the most telling first: differences are listed in this order. */
export const CHANGE_AREAS = [
  "format",
  "parameter",
  "input",
  "file",
  "champion",
  "state",
  "metric",
  "scope",
  "step",
  "tool",
  "registry",
  "lineage",
] as const;

/** One thing that a step's result depends on and that is not what it was when the step last ran. */
export interface Change {
  readonly area: (typeof CHANGE_AREAS)[number];
  /** Parameter path, input port, file, metric path, tool… */
  readonly name: string;
  /** Absent where there was none. */
  readonly before?: Json | undefined;
  /** Absent where there is none any more. */
  readonly after?: Json | undefined;
  /** In words, e.g. `parameter folds 3 → 4`. */
  readonly text: string;
}

/** Why a step would run, be reused or be skipped. */
export type Cause =
  | "unchanged"
  | "first"
  | "stale"
  | "record-gone"
  | "damaged"
  | "effect-gone"
  | "fresh"
  | "from"
  | "upstream"
  | "until";

/** Rows of two panels, matched by series and period. */
export interface PanelDifference {
  readonly rows: { readonly before: number; readonly after: number };
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Columns that only one of the panels has. */
  readonly columns: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Columns of both panels with the number of matched rows whose value differs; only those with one. */
  readonly cells: readonly { readonly column: string; readonly rows: number }[];
  /** First days of the first and the last period in which a row differs; null where none does. */
  readonly periods: { readonly first: string; readonly last: string } | null;
  /** The first few rows that differ, by period and series. */
  readonly examples: readonly {
    readonly series: string;
    /** First day of the period. */
    readonly period: string;
    readonly change: "added" | "removed" | "changed";
    readonly values: readonly {
      readonly column: string;
      readonly before: string | number | null;
      readonly after: string | number | null;
    }[];
  }[];
}

/** Identity of a stored file. */
export interface FileState {
  readonly sha256: string;
  readonly bytes: number;
}

/** How one file of an artifact differs. `before` and `after` are null where the artifact has no such file. */
export type FileDifference = {
  readonly path: string;
  readonly before: FileState | null;
  readonly after: FileState | null;
} & (
  | { readonly compared: "panel"; readonly panel: PanelDifference }
  /** Top-level fields of a JSON object that differ. */
  | {
      readonly compared: "fields";
      readonly fields: readonly {
        readonly field: string;
        readonly before?: Json | undefined;
        readonly after?: Json | undefined;
      }[];
    }
  | { readonly compared: "bytes" }
);

/** How an input differs from the one that the step last ran with. */
export interface InputDifference {
  readonly port: string;
  readonly kind: ArtifactKind;
  readonly files: readonly FileDifference[];
  /** Whether an object of one of the sides is gone or damaged, so that contents could not be compared. */
  readonly lost: boolean;
}

/** What `quarter` would do with one step, and why. */
export interface StepExplanation {
  readonly quarter: string;
  readonly dryRun: boolean;
  readonly step: string;
  readonly type: string;
  readonly action: "run" | "reuse" | "skip";
  readonly cause: Cause;
  readonly reason: string;
  /** The run whose record of this step the present is compared with; null when it never ran for this quarter. */
  readonly last: { readonly run: string; readonly model: string } | null;
  /** The run that made what would be reused; null when nothing is, or no run that made it is left. */
  readonly madeBy: { readonly run: string; readonly at: string } | null;
  /** Null where an upstream step must run first: then `changes` says what is known already. */
  readonly fingerprint: string | null;
  readonly changes: readonly Change[];
  readonly inputs: readonly InputDifference[];
  /** Every step that must run before this one can be judged, in the order in which they would run, with its own reason. */
  readonly upstream: readonly UpstreamExplanation[];
}

export interface UpstreamExplanation {
  readonly step: string;
  readonly cause: Cause;
  readonly reason: string;
  /** The steps that this one waits for itself. */
  readonly after: readonly string[];
  readonly changes: readonly Change[];
}
