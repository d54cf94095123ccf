/**
 * What flows between steps. A step never names another step: it asks for a kind, and the plan wires the port
 * to the one earlier step that makes it.
 */
export const ARTIFACT_KINDS = {
  panel: "The validated panel up to the cutoff: panel.parquet; known features after it: known-ahead.parquet",
  validation: "What validation found: validation.json, failing rows as failures.csv",
  "accuracy-report": "Last snapshots against this quarter's actuals: accuracy.json",
  segments: "Segment of every series, and who moved: segments.json",
  "trained-model": "Fitted learners, CV report and CV residuals: model.json, training.json, holdout.parquet",
  "registered-version": "Name and version in the model registry: registered.json",
  forecaster:
    "The model directory that services load: MLmodel, model.onnx, forecaster.json, series-state.parquet, golden.json, manifest.json; reconciliation.json where the outlook is reconciled",
  outlook:
    "The forecast for planners with intervals: outlook.csv, outlook.parquet; where it is reconciled, its sums: outlook-levels.csv, outlook-levels.parquet",
  snapshot: "The immutable copy of the outlook that later quarters score: snapshot.parquet, snapshot.json",
  "champion-snapshot":
    "The champion's forecast from the same cutoff: snapshot.parquet and snapshot.json, or none.json with the reason why there is none",
  checkpoints: "Revisions of the months that two snapshots share: checkpoints.json",
  decision: "The hashed verdict of the gate: decision.json",
  promotion: "What happened to the alias: promotion.json",
} as const;

/** What a release rests on: only the steps that keep its rules make these, and no run can do without one of them. */
export const RELEASE_KINDS: readonly ArtifactKind[] = ["registered-version", "decision", "promotion"];

/** A kind that the runbook or a step type of its own brings along, e.g. `custom/holiday-quality`. */
export type CustomKind = `custom/${string}`;

export type ArtifactKind = keyof typeof ARTIFACT_KINDS | CustomKind;

export const isArtifactKind = (text: string): text is ArtifactKind =>
  Object.hasOwn(ARTIFACT_KINDS, text) || /^custom\/[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text);

/** What an artifact of this kind is, for people: `the validated panel up to the cutoff`. */
export function kindMeaning(kind: ArtifactKind): string {
  const meaning = Object.hasOwn(ARTIFACT_KINDS, kind)
    ? ARTIFACT_KINDS[kind as keyof typeof ARTIFACT_KINDS].split(":")[0]!
    : "A kind of its own";
  return `${meaning[0]!.toLowerCase()}${meaning.slice(1)}`;
}

/** One file of an artifact, by its content. */
export interface ArtifactFile {
  /** Path inside the artifact, `/`-separated, e.g. `model.onnx`. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A finished artifact in the object store. `hash` covers kind, paths and contents. */
export interface Artifact {
  readonly kind: ArtifactKind;
  /** `sha256:` + hex */
  readonly hash: string;
  /** Sorted by path. */
  readonly files: readonly ArtifactFile[];
}

/** How a step reads an input. */
export interface ArtifactReader extends Artifact {
  /** Absolute path of a file of this artifact, to read only. Throws a Failure if the artifact has no such file. */
  file(path: string): string;
  readJson<T>(path: string, schema: { parse(value: unknown): T }): Promise<T>;
}

/** How a step writes an output. Nothing is visible to others before the step has returned. */
export interface ArtifactWriter {
  /** Absolute path under a private staging directory, for libraries that write files themselves. Folders exist. */
  path(name: string): string;
  writeText(name: string, text: string): Promise<void>;
  writeBytes(name: string, bytes: Uint8Array): Promise<void>;
  /** Pretty-printed, keys in the given order, newline at the end. */
  writeJson(name: string, value: unknown): Promise<void>;
}
