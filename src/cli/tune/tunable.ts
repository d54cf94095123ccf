import type { z } from "zod";
import { trainPooledCv } from "../../../steps/train-pooled-cv.js";
import { CommandSpec } from "../../forecast/learners/spec.js";
import { LEARNER_OPTIONS, learnerOption } from "../../forecast/tune/parameters.js";

/** Parameters of the step that change its point forecasts and not what they are scored on. */
const OWN = ["ensemble", "learners", "window", "context", "minSegmentSeries"] as const;

/** Every path that a space may name, besides `learners.ID.options.OPTION` of a program. */
export const TUNABLE: readonly string[] = [
  ...OWN,
  ...[...LEARNER_OPTIONS].flatMap(([learner, options]) =>
    Object.keys(options).map((option) => `learners.${learner}.${option}`),
  ),
];

const SCORED = "it decides what is scored, so trials could not be compared";
const WIDTHS = "it changes no point forecast, so the scores are the same";

const WHY_NOT: Readonly<Record<string, string>> = {
  folds: SCORED,
  step: SCORED,
  gap: SCORED,
  intervals: WIDTHS,
  levels: WIDTHS,
};

/** Why a parameter of the step is not in `TUNABLE`; null where there is no such parameter. */
export const untunable = (path: string): string | null =>
  Object.hasOwn(WHY_NOT, path) ? WHY_NOT[path]! : null;

/** What the runbook checks a value at the path with; null where a space may not name it. */
export function parameterSchema(path: string): z.ZodType | null {
  const own = OWN.find((name) => name === path);
  if (own !== undefined) return trainPooledCv.params.shape[own];
  const at = learnerOption(path);
  if (at?.isProgram) return CommandSpec.shape.options.unwrap().valueType;
  const options = at === null ? undefined : LEARNER_OPTIONS.get(at.learner);
  return at !== null && options !== undefined && Object.hasOwn(options, at.option)
    ? options[at.option]!
    : null;
}
