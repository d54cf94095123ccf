import type { DroppedLearner, TrainingReport, WorseOnSeries } from "../kit/artifacts/training.js";

/** Series that a warning names; `training.json` has more. */
const NAMED = 5;

function worseTexts(worse: readonly WorseOnSeries[], words: (series: string) => string): string[] {
  return [...new Set(worse.map(({ learner }) => learner))].map((learner) => {
    const series = worse.filter((one) => one.learner === learner).map((one) => words(one.series));
    const rest = series.length > NAMED ? ", and more in training.json" : "";
    return `${learner} errs in every fold three times as much as the seasonal naive, or more, on ${series.slice(0, NAMED).join(", ")}${rest}`;
  });
}

function droppedText({ learner, why, by, standardError }: DroppedLearner): string {
  const noise = `standard error ${standardError.toFixed(3)}`;
  return why === "biased"
    ? `${learner} has no weight in the mean: its bias in CV is ${(100 * by).toFixed(1)}%, far beyond the others (${noise})`
    : `${learner} has no weight in the mean: in CV it is worse than the seasonal naive, by ${by.toFixed(3)} of the naive's WMAPE and MASE (${noise})`;
}

/**
 * What a person should look at among the learners of a model.
 * @param words what people call a series
 */
export const learnerWarnings = (
  { ensemble: { dropped = [], worseOnSeries = [] } }: TrainingReport,
  words: (series: string) => string,
): string[] => [...dropped.map(droppedText), ...worseTexts(worseOnSeries, words)];
