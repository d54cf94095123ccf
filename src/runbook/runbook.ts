import type { AttemptPolicy } from "../kit/attempts.js";
import type { ChannelSpec } from "../kit/channels.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import type { Json } from "../kit/json.js";
import type { DataSpec, EscalationSpec, ModelSpec } from "../kit/specs.js";
import type { AnyStepType } from "../kit/step.js";
import type { Place, RunbookPath } from "./source.js";

export interface RunbookStep {
  readonly id: string;
  readonly type: AnyStepType;
  /** Checked, with defaults, paths made absolute. */
  readonly params: unknown;
  /** Checked, with defaults, paths as written, environment values replaced by a digest: what the fingerprint and the records hold. */
  readonly recordedParams: Json;
  readonly needs: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  /** Whether the run may go on and promote when it fails. */
  readonly optional: boolean;
  /** `retry` and `timeout`. */
  readonly policy: AttemptPolicy;
  /** Only of a step that is not valid: what of it is not known. `type`: neither what it takes nor what it makes. */
  readonly unclear?: "type" | "parameters" | "some parameters";
  /** Parameters that are wrong and were left out, by their paths inside `with:`. */
  readonly leftOut?: readonly RunbookPath[];
}

/** A checked runbook with everything resolved. */
export interface Runbook {
  /** As given on the command line. */
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  readonly data: DataSpec;
  readonly fiscalYearStart: number;
  readonly model: ModelSpec;
  /** What becomes of text that a spreadsheet would run, in CSV files for people. */
  readonly csvFormulas: "text" | "keep";
  /** `file:` with an absolute path, `state:` with a path inside the state directory, or another URI as written. */
  readonly registryUri: string;
  readonly steps: readonly RunbookStep[];
  /** `notify`: in the order of the file, also those that are not set. */
  readonly escalation: EscalationSpec & { readonly notify: readonly ChannelSpec[] };
  /** `sha256:` of the resolved runbook without environment values. */
  readonly digest: string;
  /** Values that came from the environment, and what `notify` holds of passwords, tokens and keys: masked wherever text is written. */
  readonly secrets: readonly string[];
  /** The place of a value, or of a key of the mapping at the path, for diagnostics that are found later. */
  place(path: RunbookPath): Place;
  keyPlace(path: RunbookPath, key: string): Place;
  /** For diagnostics that are found later, when steps are wired. `keys` are inside the step, e.g. ["with", "rules", 0, "metric"]. */
  stepPlace(index: number, keys: readonly (string | number)[]): Place;
  /** The place of a key of the mapping at `keys`. */
  stepKeyPlace(index: number, keys: readonly (string | number)[], key: string): Place;
}

/**
 * What can be read of a runbook, for a look at what only data, files and other steps can tell: all of a valid one, and of another one the parts that
 * are valid by themselves. Steps stand at their places in the file.
 */
export interface LegibleRunbook
  extends Pick<
    Runbook,
    "folder" | "fiscalYearStart" | "steps" | "secrets" | "place" | "keyPlace" | "stepPlace" | "stepKeyPlace"
  > {
  readonly data: DataSpec | null;
  readonly model: ModelSpec | null;
  /** With their places in `escalation.notify`. */
  readonly channels: readonly { readonly index: number; readonly spec: ChannelSpec }[];
  /** Parts of `data` that are wrong, and without which it was read, e.g. ["columns", "attributes"]. */
  readonly dataLeftOut: readonly RunbookPath[];
  /** Whether there are steps that could not be read at all. */
  readonly lacksSteps: boolean;
}

/** Of a valid runbook all can be read. */
export const legibleOf = (runbook: Runbook): LegibleRunbook => ({
  ...runbook,
  channels: runbook.escalation.notify.map((spec, index) => ({ index, spec })),
  dataLeftOut: [],
  lacksSteps: false,
});

export type RunbookResult =
  | { readonly ok: true; readonly runbook: Runbook }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** Null where nothing of it can be read. */
      readonly legible: LegibleRunbook | null;
    };
