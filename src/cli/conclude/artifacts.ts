import type { z } from "zod";
import type { ObjectStore } from "../../engine/object-store.js";
import type { StepOutcome } from "../../engine/run-step.js";
import type { ArtifactKind, ArtifactReader } from "../../kit/artifact.js";
import { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import { Decision } from "../../kit/artifacts/decision.js";
import { Promotion } from "../../kit/artifacts/promotion.js";
import { Registered } from "../../kit/artifacts/registered.js";
import { Segments } from "../../kit/artifacts/segments.js";
import { TrainingReport } from "../../kit/artifacts/training.js";
import { ValidationReport } from "../../kit/artifacts/validation.js";

/** The artifacts of a run that reports are made from; null where the run has none. */
export interface RunArtifacts {
  readonly validation: ValidationReport | null;
  readonly accuracy: AccuracyReport | null;
  readonly segments: Segments | null;
  readonly training: TrainingReport | null;
  readonly registered: Registered | null;
  readonly checkpoints: Checkpoints | null;
  readonly decision: Decision | null;
  readonly promotion: Promotion | null;
  readonly panel: ArtifactReader | null;
  readonly segmentFiles: ArtifactReader | null;
  readonly trainingFiles: ArtifactReader | null;
  readonly outlook: ArtifactReader | null;
}

export async function readArtifacts(
  objects: ObjectStore,
  steps: readonly StepOutcome[],
): Promise<RunArtifacts> {
  const find = (kind: ArtifactKind): ArtifactReader | null => {
    const made = steps
      .flatMap(({ record }) => Object.values(record?.outputs ?? {}))
      .filter((a) => a.kind === kind);
    return made.length === 0 ? null : objects.reader(made.at(-1)!);
  };
  const read = async <S extends z.ZodType>(
    kind: ArtifactKind,
    file: string,
    schema: S,
  ): Promise<z.output<S> | null> => (await find(kind)?.readJson(file, schema)) ?? null;
  return {
    validation: await read("validation", "validation.json", ValidationReport),
    accuracy: await read("accuracy-report", "accuracy.json", AccuracyReport),
    segments: await read("segments", "segments.json", Segments),
    training: await read("trained-model", "training.json", TrainingReport),
    registered: await read("registered-version", "registered.json", Registered),
    checkpoints: await read("checkpoints", "checkpoints.json", Checkpoints),
    decision: await read("decision", "decision.json", Decision),
    promotion: await read("promotion", "promotion.json", Promotion),
    panel: find("panel"),
    segmentFiles: find("segments"),
    trainingFiles: find("trained-model"),
    outlook: find("outlook"),
  };
}
