import { z } from "zod";
import { periodLabel } from "../../calendar/period.js";
import type { Panel } from "../../panel/panel.js";
import { scoreForecasts, scoreNaive } from "../combine/scores.js";
import type { CvControl } from "../cv.js";
import { crossValidateRecipe } from "../recipe.js";
import type { SegmentCodes } from "../segment-codes.js";
import type { TrainOptions } from "../training-plan.js";

const Score = z.object({ wmape: z.number().nullable(), mase: z.number().nullable(), n: z.number().int() });

/** What CV says of one configuration, with the seasonal naive on the same pairs. */
export const TrialScores = z.object({
  /** Oldest first. */
  folds: z.array(z.object({ origin: z.string(), own: Score, naive: Score })),
  /** Pooled over the folds. */
  own: Score,
  naive: Score,
});
export type TrialScores = z.infer<typeof TrialScores>;

/**
 * Scores one configuration by CV on the rows up to `last`; nothing is fitted on all of them.
 * @throws FailureError forecast.too-short
 */
export async function scoreTrial(
  panel: Panel,
  last: number,
  segments: SegmentCodes,
  options: TrainOptions,
  control: CvControl,
): Promise<TrialScores> {
  const { evidence, plan, chosen } = await crossValidateRecipe(panel, last, segments, options, control);
  const isScored = <T>(_: T, f: number): boolean => plan.isScored[f]!;
  const folds = evidence.folds.filter(isScored);
  const nested = chosen.nested.filter(isScored);
  return {
    folds: folds.map((fold, f) => ({
      origin: periodLabel(fold.fold.origin, panel.calendar),
      own: scoreOf(scoreForecasts([fold], [nested[f]!])),
      naive: scoreOf(scoreNaive([fold])),
    })),
    own: scoreOf(scoreForecasts(folds, nested)),
    naive: scoreOf(scoreNaive(folds)),
  };
}

const scoreOf = ({ wmape, mase, n }: z.infer<typeof Score>): z.infer<typeof Score> => ({ wmape, mase, n });
