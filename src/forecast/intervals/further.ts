import type { Panel } from "../../panel/panel.js";
import { targetWindow } from "../../panel/panel.js";
import { residualsNeeded } from "../../stats/conformal.js";
import { type Fold, makeFolds } from "../folds.js";
import { isCommand, type LearnerSpec } from "../learners/spec.js";
import { contextFor, type FoldPlan, learnersOf, planFolds, type TrainOptions } from "../training-plan.js";
import { residualWeight } from "./widths.js";

/** What carries the interval of a level: CV's own folds, these and further origins at equal weights, or nothing. */
export interface LevelSupport {
  readonly level: number;
  readonly basis: "cv" | "further-origins" | null;
  /** Residuals of the lead that has the fewest, where those of older folds count in part; of the further origins where these stand in. */
  readonly have: number;
  readonly need: number;
  /** Whether further origins may carry it. */
  readonly furtherTried: boolean;
}

/** Some more than the largest default level needs of one series. */
const MOST_ORIGINS = 400;

/**
 * What every level of the options will be calibrated on, known from which cells of the panel hold numbers, before anything is trained.
 * @throws FailureError forecast.too-short
 */
export function levelSupport(panel: Panel, last: number, options: TrainOptions): readonly LevelSupport[] {
  const plan = planFolds(panel, last, options);
  const context = contextFor(panel, options);
  const cv = weighedResiduals(panel, plan, context, options.horizon);
  const levels = [...new Set(options.levels)].sort((a, b) => a - b);
  const missing = levels.filter((level) => cv < weightNeeded(level));
  const further = planFurther(panel, last, options, plan, missing).have;
  return levels.map((level): LevelSupport => {
    const furtherTried = (options.furtherLevels ?? []).includes(level);
    const known = { level, need: residualsNeeded(level), furtherTried };
    if (!missing.includes(level)) return { ...known, basis: "cv", have: Math.floor(cv) };
    if (furtherTried && further >= known.need) return { ...known, basis: "further-origins", have: further };
    return { ...known, basis: null, have: furtherTried ? Math.max(Math.floor(cv), further) : Math.floor(cv) };
  });
}

export interface FurtherPlan {
  /** Oldest first; none where no level is helped. */
  readonly folds: readonly Fold[];
  /** Residuals that all such origins of the history would give the lead that has the fewest. */
  readonly have: number;
}

const NONE: FurtherPlan = { folds: [], have: 0 };

/**
 * Origins that follow each other period by period, as many as the levels need that CV's folds cannot carry, and those before them by which the
 * scored folds are judged. Of `furtherLevels` alone, and of none where a learner is a program: that takes a run each.
 * @param missing levels that CV's folds cannot carry
 */
export function planFurther(
  panel: Panel,
  last: number,
  options: TrainOptions,
  plan: FoldPlan,
  missing: readonly number[],
): FurtherPlan {
  const { horizon, window, gap, furtherLevels = [] } = options;
  const wanted = missing.filter((level) => furtherLevels.includes(level));
  const learners: readonly LearnerSpec[] = learnersOf(options);
  if (wanted.length === 0 || learners.some(isCommand)) return NONE;
  const all = makeFolds(panel, last, { horizon, window, gap, count: MOST_ORIGINS, step: 1 });
  const counts = countResiduals(panel, all, contextFor(panel, options), horizon);
  const origins = Math.max(...wanted.map((level) => originsFor(residualsNeeded(level), counts) ?? 0));
  const have = fewest(counts);
  if (origins === 0) return { folds: [], have };
  const scored = plan.folds.filter((_, f) => plan.isScored[f]!);
  const toJudge = scored.at(-1)!.origin - scored[0]!.origin + horizon + gap;
  const folds = all.slice(-origins - toJudge).map((fold, f) => ({
    ...fold,
    number: f + 1,
    // A learner that is slow to train is fitted once a horizon.
    slowFit: f - (f % horizon) + 1,
  }));
  return { folds, have };
}

/** How many of the latest folds give every lead that many residuals; null when all of them do not. */
function originsFor(need: number, counts: readonly (readonly number[])[]): number | null {
  const sums = counts[0]!.map(() => 0);
  for (let taken = 1; taken <= counts.length; taken++) {
    counts.at(-taken)!.forEach((count, lead) => {
      sums[lead]! += count;
    });
    if (Math.min(...sums) >= need) return taken;
  }
  return null;
}

/** Residuals that the folds will give, those of older ones in part; of the lead with the fewest. */
function weighedResiduals(panel: Panel, { folds }: FoldPlan, context: number, horizon: number): number {
  const latest = folds.at(-1)!.origin;
  const weights = folds.map(({ origin }) => residualWeight(latest - origin, horizon));
  const counts = countResiduals(panel, folds, context, horizon);
  return Math.min(
    ...counts[0]!.map((_, h) => counts.reduce((sum, own, f) => sum + weights[f]! * own[h]!, 0)),
  );
}

/** The least sum of weights that carries a level; `conformalHalfWidth` asks for no more. */
const weightNeeded = (level: number): number => (level / (1 - level)) * (1 - 1e-9);

/** [folds][horizon]: series with something to forecast from and an actual to compare with. */
function countResiduals(panel: Panel, folds: readonly Fold[], context: number, horizon: number): number[][] {
  return folds.map(({ origin }) => {
    const seen = targetWindow(panel, origin, context);
    const actual = targetWindow(panel, origin + horizon, horizon);
    const counts = new Array<number>(horizon).fill(0);
    panel.series.forEach((_, s) => {
      if (seen.subarray(s * context, (s + 1) * context).every(Number.isNaN)) return;
      for (let h = 0; h < horizon; h++) if (!Number.isNaN(actual[s * horizon + h]!)) counts[h]!++;
    });
    return counts;
  });
}

const fewest = (counts: readonly (readonly number[])[]): number =>
  counts.length === 0
    ? 0
    : Math.min(...counts[0]!.map((_, h) => counts.reduce((sum, own) => sum + own[h]!, 0)));
