import { join } from "node:path";
import { crossValidate, type FoldOutcome } from "../src/forecast/cv.js";
import { learnerTotal, scoreOutcomes } from "../src/forecast/cv-scores.js";
import { inlineExecutor } from "../src/forecast/executor.js";
import { makeFolds } from "../src/forecast/folds.js";
import type { LearnerSpec } from "../src/forecast/learners/index.js";
import { contextFor } from "../src/forecast/train.js";
import type { Frequency } from "../src/kit/quarter.js";
import type { Panel } from "../src/panel/panel.js";
import { readSource } from "../src/panel/source.js";
import type { ScoreResult } from "../src/stats/metrics.js";

/** A public panel as it lies in the folder that RETRAIN_PANELS names. */
export interface PublicPanel {
  readonly name: string;
  readonly file: string;
  readonly frequency: Frequency;
  /** ISO day of its last period's end. */
  readonly cutoff: string;
  readonly horizon: number;
  readonly folds: number;
}

export const TOURISM_MONTHLY: PublicPanel = {
  name: "tourism_monthly",
  file: "tourism_monthly.csv.gz",
  frequency: "month",
  cutoff: "2007-09-30",
  horizon: 24,
  folds: 3,
};
export const LARGE_MONTHLY: PublicPanel = {
  name: "aus_tourism_large_monthly",
  file: "aus_tourism_large_monthly.csv.gz",
  frequency: "month",
  cutoff: "2016-12-31",
  horizon: 12,
  folds: 4,
};
export const REGION_QUARTERLY: PublicPanel = {
  name: "aus_tourism_region_quarterly",
  file: "aus_tourism_region_quarterly.csv.gz",
  frequency: "quarter",
  cutoff: "2017-12-31",
  horizon: 4,
  folds: 4,
};

export const LEARNERS = ["seasonal-naive", "pooled-ridge"] as const satisfies readonly LearnerSpec[];

export async function readPublicPanel(folder: string, source: PublicPanel): Promise<Panel> {
  const columns = { series: "series_id", time: "date", target: "value" };
  const { panel } = await readSource(
    {
      sources: [join(folder, source.file)],
      frequency: source.frequency,
      columns: { ...columns, attributes: [], known: [], observed: [] },
      delimiter: null,
    },
    { cutoff: source.cutoff, fiscalYearStart: 1 },
  );
  return panel;
}

/**
 * Every series moved in time so that all end in the panel's last period: published test sets are the last
 * periods of every series.
 */
export function alignEnds(panel: Panel): Panel {
  const period = Int32Array.from(panel.period);
  for (let s = 0; s < panel.series.length; s++) {
    const [first, end] = [panel.offsets[s]!, panel.offsets[s + 1]!];
    const shift = panel.lastPeriod - panel.period[end - 1]!;
    for (let row = first; row < end; row++) period[row]! += shift;
  }
  return { ...panel, period };
}

/** Rolling-origin scores of `LEARNERS` on the rows up to `last`. */
export async function cvScores(
  panel: Panel,
  last: number,
  source: PublicPanel,
): Promise<readonly ScoreResult[]> {
  const { horizon } = source;
  const folds = makeFolds(panel, last, { horizon, count: source.folds, step: horizon });
  return scoresOf(await outcomes(panel, horizon, folds), panel, horizon);
}

/** Scores of `LEARNERS` on the last `horizon` periods of every series, trained on all before. */
export async function testWindowScores(aligned: Panel, horizon: number): Promise<readonly ScoreResult[]> {
  const fold = { number: 1, origin: aligned.lastPeriod - horizon };
  return scoresOf(await outcomes(aligned, horizon, [fold]), aligned, horizon);
}

const outcomes = (panel: Panel, horizon: number, folds: ReturnType<typeof makeFolds>) =>
  crossValidate(
    { panel, horizon, context: contextFor(panel, { context: null, learners: LEARNERS }) },
    folds,
    LEARNERS,
    { executor: inlineExecutor, signal: new AbortController().signal, onFold: () => {} },
  );

function scoresOf(outcomes: readonly FoldOutcome[], panel: Panel, horizon: number): ScoreResult[] {
  const scores = scoreOutcomes(outcomes, new Int32Array(panel.series.length), 1, horizon);
  return LEARNERS.map((_, learner) => learnerTotal(scores, learner).result());
}
