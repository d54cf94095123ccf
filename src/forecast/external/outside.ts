import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../kit/failure.js";
import type { Programs } from "../../kit/programs.js";
import { clipOf, rowsAt } from "../cv-task.js";
import type { OnnxExpert } from "../experts/onnx/model.js";
import { UnusableGraph } from "../experts/onnx/unusable.js";
import type { Fold } from "../folds.js";
import { clipRows } from "../interpret.js";
import { learnerId } from "../learners/index.js";
import type { CommandSpec } from "../learners/spec.js";
import { type TrainingData, viewAsGiven } from "../training-view.js";
import { type Canary, checkFold } from "./canary.js";
import { checkExpert } from "./check-model.js";
import { MODEL } from "./contract.js";
import { existingFile } from "./output.js";
import type { Part, Place } from "./part.js";
import { readForecasts } from "./read-forecasts.js";
import { runPart } from "./run-part.js";

/**
 * What a learner's program forecasts in every fold, run once a fold with what that fold may see.
 * @param canary looks whether the program knows rows after the oldest fold; none: nobody looks
 * @returns [folds] of [N × H], clipped
 * @throws FailureError `learner.*`
 */
export async function forecastOutside(
  data: TrainingData,
  folds: readonly Fold[],
  spec: CommandSpec,
  programs: Programs,
  canary?: Canary,
): Promise<readonly Float64Array[]> {
  const forecasts: Float64Array[] = [];
  for (const fold of folds) {
    const part = partOf(data, spec, fold, { number: fold.number, of: folds.length });
    const { folder, place } = await runPart(part, programs);
    const forecast = await readForecasts(folder, part, place);
    await rm(folder, { recursive: true, force: true });
    // The oldest fold has the most rows after it.
    if (canary !== undefined && forecasts.length === 0)
      canary.report({ learner: place.learner, ...(await checkFold(part, forecast, programs, canary)) });
    clipRows(forecast, part.rows, clipOf(part.view), false);
    forecasts.push(forecast);
  }
  return forecasts;
}

/**
 * The graph that a learner's program trains on everything up to `origin`.
 * @param since earlier periods are not trained on; −∞ for all
 * @throws FailureError `learner.*`
 */
export async function fitOutside(
  data: TrainingData,
  origin: number,
  since: number,
  spec: CommandSpec,
  programs: Programs,
): Promise<OnnxExpert> {
  const part = partOf(data, spec, { origin, since, gap: 0 }, null);
  const { folder, place } = await runPart(part, programs);
  const bytes = await readFile(join(folder, await existingFile(folder, [MODEL], place)));
  const expert: OnnxExpert = {
    kind: "onnx",
    id: learnerId(spec),
    graph: bytes.toString("base64"),
    levels: [...part.view.levels],
  };
  await checkExpert(expert, bytes, part).catch((error: unknown) => refuse(error, place));
  await rm(folder, { recursive: true, force: true });
  return expert;
}

function partOf(data: TrainingData, spec: CommandSpec, span: Part["span"], fold: Part["fold"]): Part {
  const { origin, since, gap } = span;
  return {
    data,
    spec,
    span,
    fold,
    view: viewAsGiven(data, origin - gap, since),
    rows: rowsAt(data, origin),
  };
}

function refuse(error: unknown, place: Place): never {
  if (!(error instanceof UnusableGraph)) throw error;
  fail({ code: "learner.model-invalid", retryable: false, ...place, file: MODEL, problem: error.message });
}
