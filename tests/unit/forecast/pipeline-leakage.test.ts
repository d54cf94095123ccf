import { describe, expect, test } from "vitest";
import { crossValidate } from "../../../src/forecast/cv.js";
import { fitLearner } from "../../../src/forecast/cv-task.js";
import { holdoutForecasts } from "../../../src/forecast/holdout.js";
import type { LearnerSpec } from "../../../src/forecast/learners/spec.js";
import { panelBatch } from "../../../src/forecast/panel-batch.js";
import { trainForecaster } from "../../../src/forecast/train.js";
import type { Panel } from "../../../src/panel/panel.js";
import { createRandom } from "../../../src/stats/random.js";
import { panelOf, withFeatures } from "../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../support/training.js";

const START = 2015 * 12;
/** Two origins a season apart; the panel ends 18 periods after the second. */
const ORIGINS = [START + 53, START + 65];
const HORIZON = 6;

const EVERY: LearnerSpec[] = [
  "seasonal-naive",
  "season-average",
  "ets-bank",
  "theta",
  "ses",
  "damped-trend",
  "pooled-ridge",
  "centred-ridge",
  { use: "boosted-trees", trees: 5, minLeaf: 5 },
];

const plain: Panel = withFeatures(panelOf(twoKindsOfSeries(12, 84)));

/** A huge number in the columns of all rows of one period. */
function spiked(period: number, columns: readonly ("target" | "known" | "observed")[], size = 1e7): Panel {
  const at = (values: Float64Array) =>
    values.map((value, row) => (plain.period[row] === period ? value + size : value));
  return {
    ...plain,
    ...(columns.includes("target") ? { target: at(plain.target) } : {}),
    ...(columns.includes("known") ? { known: { holidays: at(plain.known.holidays!) } } : {}),
    ...(columns.includes("observed") ? { observed: { price: at(plain.observed.price!) } } : {}),
  };
}

const segments = {
  ids: ["g", "s"],
  codes: Int32Array.from(plain.series, (id) => (id.startsWith("g") ? 0 : 1)),
};
const data = (panel: Panel) => ({ panel, horizon: HORIZON, context: 48, segments });
const folds = ORIGINS.map((origin, index) => ({
  number: index + 1,
  origin,
  since: Number.NEGATIVE_INFINITY,
  gap: 0,
  slowFit: index + 1,
}));
const forecastsOf = async (panel: Panel) =>
  (await crossValidate(data(panel), folds, EVERY, quietControl())).map(({ forecasts }) => forecasts);

describe("a spike after an origin", () => {
  test("changes no forecast of any learner before it, and every one after it", async () => {
    const before = await forecastsOf(plain);
    const then = await forecastsOf(spiked(ORIGINS[0]! + 1, ["target", "observed"]));
    expect(then[0]).toEqual(before[0]);
    EVERY.forEach((spec, k) => {
      expect(then[1]![k], JSON.stringify(spec)).not.toEqual(before[1]![k]);
    });
  });

  test("in a known feature moves forecasts of its own period and later, no fit, and nothing beyond the horizon", async () => {
    const origin = ORIGINS[0]!;
    const at = (panel: Panel) => ({ origin, since: Number.NEGATIVE_INFINITY, gap: 0, panel });
    for (const learner of EVERY) {
      const expertOf = (panel: Panel) => {
        const { panel: own, ...task } = at(panel);
        return fitLearner(data(own), { ...task, learner: learner as never });
      };
      expect(expertOf(spiked(origin + 1, ["known", "target", "observed"]))).toEqual(expertOf(plain));
    }
    const before = await forecastsOf(plain);
    const beyond = await forecastsOf(spiked(ORIGINS[1]! + HORIZON + 1, ["known", "target", "observed"]));
    expect(beyond).toEqual(before);
    const fourth = await forecastsOf(spiked(origin + 4, ["known"], 3));
    const ridge = EVERY.indexOf("pooled-ridge");
    const leads = (forecasts: typeof before, first: number, last: number) =>
      forecasts[0]![ridge]!.filter((_, cell) => cell % HORIZON >= first && cell % HORIZON <= last);
    expect(leads(fourth, 0, 2)).toEqual(leads(before, 0, 2));
    expect(leads(fourth, 3, 3)).not.toEqual(leads(before, 3, 3));
  });
});

describe("what the forecaster is given at an origin", () => {
  const columns = {
    context: 24,
    horizon: HORIZON,
    attributes: [{ name: "region", levels: ["south", "elsewhere"] }],
    known: ["holidays", "absent"],
    observed: ["price"],
  };
  const give = (panel: Panel) => panelBatch(panel, ORIGINS[0]!, columns, segments.codes);

  test("holds no target and no observed feature of a later period", () => {
    expect(give(spiked(ORIGINS[0]! + 1, ["target", "observed"]))).toEqual(give(plain));
    expect(give(spiked(ORIGINS[0]!, ["target"]))).not.toEqual(give(plain));
    expect(give(spiked(ORIGINS[0]!, ["observed"]))).not.toEqual(give(plain));
  });

  test("holds known features of the horizon, by the labels and names of the forecaster", () => {
    const batch = give(plain);
    expect([...batch.codes.subarray(0, 4)]).toEqual([0, -1, 0, 0]);
    const known = Array.from({ length: HORIZON }, (_, h) => [((ORIGINS[0]! + 1 + h) * 5) % 4, Number.NaN]);
    expect([...batch.known.subarray(0, 2 * HORIZON)]).toEqual(known.flat());
    expect(batch.observed[0]).toBe(100 + ((ORIGINS[0]! * 7) % 11));
  });

  test("takes what the panel has ahead of its last period, as far as that goes", () => {
    const ahead = {
      periods: 2,
      known: { holidays: Float64Array.from({ length: 2 * plain.series.length }, (_, i) => i) },
    };
    const end = panelBatch({ ...plain, ahead }, plain.lastPeriod, columns, segments.codes);
    const second = [...end.known.subarray(2 * HORIZON, 4 * HORIZON)].filter((_, cell) => cell % 2 === 0);
    expect(second).toEqual([2, 3, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    const earlier = panelBatch({ ...plain, ahead }, plain.lastPeriod - 4, columns, segments.codes);
    const first = [...earlier.known.subarray(0, 2 * HORIZON)].filter((_, cell) => cell % 2 === 0);
    expect(first.slice(4)).toEqual([0, 1]);
    expect(first.slice(0, 4)).toEqual([...plain.known.holidays!.subarray(80, 84)]);
  });
});

test("a holdout forecast is made without its quarter", async () => {
  const origin = ORIGINS[1]!;
  const rows = async (panel: Panel) =>
    (
      await holdoutForecasts(
        panel,
        origin,
        segments,
        trainOptions({ ensemble: "four", learners: null, context: 48 }),
        quietControl(),
      )
    ).map(({ actual: _, ...row }) => row);
  expect(await rows(spiked(origin + 1, ["target", "observed"]))).toEqual(await rows(plain));
});

test("that a target turns negative after the last origin moves no score of an interval", async () => {
  const random = createRandom(7);
  const length = 72;
  /** Mostly nothing, now and then a lot: bounds would end below zero. */
  const rare = Array.from({ length: 8 }, (_, i) => ({
    id: `r${i}`,
    start: START,
    values: Array.from({ length }, () => (random.uniform() < 0.25 ? 100 * random.uniform() * (i + 1) : 0)),
  }));
  // Begins in the last window, so no forecast is scored on it.
  const late = (value: number) => ({ id: "late", start: START + length - 2, values: [value, value] });
  const scores = async (value: number) => {
    const panel = panelOf([...rare, late(value)]);
    const { model, report } = await trainForecaster(
      panel,
      panel.lastPeriod,
      { ids: ["all"], codes: new Int32Array(panel.series.length) },
      trainOptions({
        ensemble: "four",
        learners: ["seasonal-naive", "ses"],
        levels: [0.8, 0.9],
      }),
      quietControl(),
    );
    return { nonNegative: model.nonNegative, intervals: report.intervals };
  };
  const [positive, negative] = [await scores(5), await scores(-5)];
  expect([positive.nonNegative, negative.nonNegative]).toEqual([true, false]);
  expect(positive.intervals.n).toBeGreaterThan(0);
  expect(negative.intervals).toEqual(positive.intervals);
});
