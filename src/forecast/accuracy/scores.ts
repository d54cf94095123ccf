import type { Scores } from "../../kit/artifacts/accuracy.js";
import { PairScores } from "../../stats/metrics.js";
import type { Actuals } from "./actuals.js";
import type { Pair } from "./pairs.js";

/** Scores of a group of pairs; MASE by the scale that the series had at the cutoff of each pair's forecast. */
export function scoresOf(pairs: readonly Pair[], actuals: Actuals): Scores {
  const scores = new PairScores();
  for (const { series, actual, forecast, from } of pairs) {
    scores.add(series, actual, forecast, from === null ? null : actuals.scale(series, from.forecasts.cutoff));
  }
  return scores.result();
}
