import { join } from "node:path";
import type { Executor } from "../src/forecast/executor.js";
import { type HoldoutRow, holdoutForecasts } from "../src/forecast/holdout.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import type { EnsembleMethod, TrainOptions } from "../src/forecast/training-plan.js";
import { workerExecutor } from "../src/forecast/worker-executor.js";
import type { Frequency } from "../src/kit/quarter.js";
import type { Panel } from "../src/panel/panel.js";
import { readSource } from "../src/panel/source.js";
import { PairScores, type ScoreResult } from "../src/stats/metrics.js";

/** A public panel as it lies in the folder that RETRAIN_PANELS names, and the windows that its figures are published for. */
export interface PublicPanel {
  readonly name: string;
  readonly file: string;
  readonly frequency: Frequency;
  /** ISO day of its last period's end. */
  readonly cutoff: string;
  readonly attributes: readonly string[];
  readonly horizon: number;
  /** Test windows of one horizon each, the last one at the end. */
  readonly windows: number;
  /** Whether the test windows are the last periods of every series, wherever it ends. */
  readonly aligned: boolean;
}

export const TOURISM_MONTHLY: PublicPanel = {
  name: "tourism_monthly",
  file: "tourism_monthly.csv.gz",
  frequency: "month",
  cutoff: "2007-09-30",
  attributes: [],
  horizon: 24,
  windows: 1,
  aligned: true,
};
export const LARGE_MONTHLY: PublicPanel = {
  name: "aus_tourism_large_monthly",
  file: "aus_tourism_large_monthly.csv.gz",
  frequency: "month",
  cutoff: "2016-12-31",
  attributes: ["state", "zone", "region", "purpose"],
  horizon: 12,
  windows: 4,
  aligned: false,
};
export const REGION_QUARTERLY: PublicPanel = {
  name: "aus_tourism_region_quarterly",
  file: "aus_tourism_region_quarterly.csv.gz",
  frequency: "quarter",
  cutoff: "2017-12-31",
  attributes: ["state", "region", "purpose"],
  horizon: 4,
  windows: 4,
  aligned: false,
};
export const PUBLIC_PANELS: readonly PublicPanel[] = [TOURISM_MONTHLY, REGION_QUARTERLY, LARGE_MONTHLY];

export async function readPublicPanel(folder: string, source: PublicPanel): Promise<Panel> {
  const columns = { series: "series_id", time: "date", target: "value" };
  const { panel } = await readSource(
    {
      sources: [join(folder, source.file)],
      frequency: source.frequency,
      columns: { ...columns, attributes: [...source.attributes], known: [], observed: [] },
      delimiter: null,
    },
    { cutoff: source.cutoff, fiscalYearStart: 1 },
  );
  return source.aligned ? alignEnds(panel) : panel;
}

/** Every series moved in time so that all end in the panel's last period. */
function alignEnds(panel: Panel): Panel {
  const period = Int32Array.from(panel.period);
  for (let s = 0; s < panel.series.length; s++) {
    const [first, end] = [panel.offsets[s]!, panel.offsets[s + 1]!];
    const shift = panel.lastPeriod - panel.period[end - 1]!;
    for (let row = first; row < end; row++) period[row]! += shift;
  }
  return { ...panel, period };
}

/** Its first series alone. */
export function firstSeries(panel: Panel, count: number): Panel {
  const rows = panel.offsets[count]!;
  return {
    ...panel,
    series: panel.series.slice(0, count),
    offsets: panel.offsets.slice(0, count + 1),
    period: panel.period.slice(0, rows),
    target: panel.target.slice(0, rows),
    attributes: panel.attributes.map((own) => ({ ...own, codes: own.codes.slice(0, count) })),
  };
}

/** What a run of the step does by default. */
export const defaultOptions = (horizon: number, ensemble: EnsembleMethod): TrainOptions => ({
  horizon,
  folds: 3,
  step: null,
  window: null,
  gap: 0,
  ensemble,
  learners: null,
  context: null,
  levels: [0.8, 0.95],
  widthsBySegment: false,
  minSegmentSeries: 5,
});

/** A forecast of a test window beside what came. */
export interface TestPair extends HoldoutRow {
  /** Windows before the panel's end, from 1. */
  readonly window: number;
}

/** Forecasts of the test windows: everything is chosen and fitted on the rows before each window. */
export async function testPairs(
  panel: Panel,
  source: PublicPanel,
  options: TrainOptions,
  executor: Executor = workerExecutor(),
): Promise<TestPair[]> {
  const pairs: TestPair[] = [];
  for (let window = source.windows; window >= 1; window--) {
    const rows = await holdoutForecasts(
      panel,
      panel.lastPeriod - window * source.horizon,
      encodeSegments(panel.series, null),
      options,
      { executor, signal: new AbortController().signal, onFold: () => {} },
    );
    pairs.push(...rows.map((row) => ({ ...row, window })));
  }
  return pairs;
}

/** Score of the test windows together. */
export function scoreOf(pairs: readonly TestPair[]): ScoreResult {
  const scores = new PairScores();
  for (const { series, window, actual, forecast, scale } of pairs)
    scores.add(`${series} ${window}`, actual, forecast, scale);
  return scores.result();
}

export const testScores = async (...given: Parameters<typeof testPairs>): Promise<ScoreResult> =>
  scoreOf(await testPairs(...given));
