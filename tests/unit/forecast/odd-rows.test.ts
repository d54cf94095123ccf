import { describe, expect, test } from "vitest";
import { openForecaster } from "../../../src/forecast/forecaster/session.js";
import { forecastQuantiles, forecastRows } from "../../../src/forecast/interpret.js";
import type { ForecastModel } from "../../../src/forecast/model.js";
import { emitOnnx } from "../../../src/forecast/onnx/emit.js";
import { panelBatch } from "../../../src/forecast/panel-batch.js";
import { relevelled } from "../../../src/forecast/relaunch.js";
import { trainForecaster } from "../../../src/forecast/train.js";
import type { Panel } from "../../../src/panel/panel.js";
import { panelOf, type SeriesValues } from "../../support/panels.js";
import { oneSegment, QUARTERS, seasonal, smallPanel, uniform } from "../../support/small-panels.js";
import { quietControl, trainOptions } from "../../support/training.js";

const START = 2015 * 12;
const LENGTH = 78;
const NAN = Number.NaN;

/** 20 ordinary series and the odd one, which all end together. */
const among = (values: readonly number[], others = 20): Panel =>
  panelOf([
    ...Array.from(
      { length: others },
      (_, i): SeriesValues => ({
        id: `s${i}`,
        start: START,
        values: seasonal(100 * (i + 1), LENGTH, i + 1),
      }),
    ),
    { id: "odd", start: START + LENGTH - values.length, values },
  ]);

const train = async (panel: Panel, overrides = {}) =>
  (
    await trainForecaster(
      panel,
      panel.lastPeriod,
      oneSegment(panel),
      trainOptions({ ensemble: "four", learners: null, levels: [0.8, 0.95], ...overrides }),
      quietControl(),
    )
  ).model;

/** Forecast and 80% interval of each lead of the odd series, by the graph, which must agree with the trainer. */
async function outlook(model: ForecastModel, panel: Panel) {
  const count = panel.series.length;
  const batch = panelBatch(panel, panel.lastPeriod, model, new Int32Array(count));
  const rows = await forecastRows(model, batch);
  const bounds = forecastQuantiles(model, rows, new Int32Array(count));
  const forecaster = await openForecaster(emitOnnx(model, "test"));
  try {
    const answer = await forecaster.run(batch);
    answer.forecast.forEach((value, cell) => {
      expect(Math.abs(value - rows.forecast[cell]!)).toBeLessThanOrEqual(
        1e-5 * Math.abs(rows.forecast[cell]!) + 1e-6,
      );
    });
    answer.quantiles.forEach((value, at) => {
      expect(Math.abs(value - bounds[at]!)).toBeLessThanOrEqual(1e-5 * Math.abs(bounds[at]!) + 1e-3);
    });
  } finally {
    await forecaster.close();
  }
  const odd = panel.series.indexOf("odd");
  const { horizon } = model;
  const width = 2 * model.conformal.levels.length;
  return Array.from({ length: horizon }, (_, h) => {
    const cell = odd * horizon + h;
    const [lo, hi] = [bounds[cell * width + width / 2 - 1]!, bounds[cell * width + width / 2]!];
    return { forecast: rows.forecast[cell]!, width: hi - lo };
  });
}

describe("a series that comes back after a gap", () => {
  const back = (factor: number, gap: number, after = 2): number[] =>
    seasonal(600, LENGTH, 99).map((value, t) => {
      const end = LENGTH - after;
      return t >= end ? factor * value : t >= end - gap ? NAN : value;
    });

  test.each([
    [6, 40],
    [1 / 6, 40],
    [6, 3],
    [1 / 6, 3],
    [1000, 40],
    [1000, 12],
    [1 / 1000, 24],
    [3, 5],
  ])(
    "at %d times its level after %i months: forecast and width are so many times those at the old level",
    async (factor, gap) => {
      const [same, moved] = await Promise.all(
        [1, factor].map(async (by) => {
          const panel = among(back(by, gap));
          return outlook(await train(panel), panel);
        }),
      );
      moved!.forEach(({ forecast, width }, h) => {
        expect(forecast / same![h]!.forecast / factor).toBeGreaterThan(0.9);
        expect(forecast / same![h]!.forecast / factor).toBeLessThan(1.15);
        expect(width / same![h]!.width / factor).toBeGreaterThan(0.6);
        expect(width / same![h]!.width / factor).toBeLessThan(2);
      });
    },
  );

  test("the other series are forecast as if it had not been", async () => {
    const panel = among(back(1000, 24));
    const model = await train(panel);
    expect(model.oddRows).toBe(true);
    const without = among(back(1, 24));
    const forecastOf = async (of: Panel) => {
      const own = await train(of);
      const batch = panelBatch(of, of.lastPeriod, own, new Int32Array(of.series.length));
      return (await forecastRows(own, batch)).forecast.subarray(6);
    };
    const [with1000, plain] = [await forecastOf(panel), await forecastOf(without)];
    with1000.forEach((value, cell) => {
      expect(value / plain[cell]!).toBeGreaterThan(0.97);
      expect(value / plain[cell]!).toBeLessThan(1.03);
    });
  });

  test("negative values keep their sign", () => {
    const row = Float64Array.from(back(6, 12), (value) => -value);
    const moved = relevelled(row, 12);
    expect(moved[0]! / row[0]!).toBeGreaterThan(5.5);
    expect(moved[0]! / row[0]!).toBeLessThan(6.5);
  });

  test("quarterly data", async () => {
    const values = seasonal(600, 40, 5, 4).map((value, t) => (t >= 38 ? 6 * value : t >= 28 ? NAN : value));
    const row = Float64Array.from(values);
    expect(relevelled(row, 4)[0]! / row[0]!).toBeCloseTo(6, 0);
    expect(smallPanel(1, 40, QUARTERS).calendar.frequency).toBe("quarter");
  });

  test.each([
    ["no gap", seasonal(600, LENGTH, 3)],
    ["a gap of two months", back(6, 2)],
    ["the same level", back(1, 40)],
    ["a level within its noise", back(1.2, 12)],
    ["a gap that is not over", [...back(1, 12), NAN, NAN, NAN, NAN]],
    ["nothing before the gap", [NAN, NAN, NAN, NAN, NAN, ...seasonal(600, 20, 3)]],
    ["zeros before it", back(6, 12).map((value, t) => (t < 60 ? 0 : value))],
    ["zeros after it", back(0, 12)],
    ["nothing at all", new Array<number>(LENGTH).fill(NAN)],
    [
      "counts of which most are missing",
      Array.from({ length: LENGTH }, (_, t) => (t % 7 === 0 ? 1 + (t % 3) : NAN)),
    ],
  ])("%s: nothing is moved", (_, values) => {
    const row = Float64Array.from(values);
    expect(relevelled(row, 12)).toBe(row);
  });
});

describe("a series whose level is large beside what moves it", () => {
  const random = uniform(4);
  const slight = Array.from({ length: LENGTH }, () => 1e9 + 1e3 * (2 * random() - 1));

  test.each([
    ["constant", new Array<number>(LENGTH).fill(1e9), 1e9, 5e6],
    ["constant and negative", new Array<number>(LENGTH).fill(-1e9), -1e9, 5e6],
    ["constant and short", new Array<number>(30).fill(1e9), 1e9, 5e6],
    ["slight noise", slight, 1e9, 3e4],
    ["zero", new Array<number>(LENGTH).fill(0), 0, 10],
  ])("%s: forecast at its level with a narrow interval", async (_, values, level, narrow) => {
    const panel = among(values);
    for (const { forecast, width } of await outlook(await train(panel), panel)) {
      expect(Math.abs(forecast - level)).toBeLessThanOrEqual(narrow / 2);
      expect(width).toBeLessThanOrEqual(narrow);
    }
  });

  test("a straight line goes on", async () => {
    const panel = among(Array.from({ length: LENGTH }, (_, t) => 1e6 + 100 * t));
    const last = 1e6 + 100 * (LENGTH - 1);
    (await outlook(await train(panel), panel)).forEach(({ forecast }, h) => {
      expect(Math.abs(forecast - (last + 100 * (h + 1)))).toBeLessThan(1500);
    });
  });

  test("among zeros: the small ones are forecast as without it", async () => {
    const zeros = (huge: boolean) =>
      panelOf([
        ...Array.from({ length: 20 }, (_, i): SeriesValues => {
          const own = uniform(50 + i);
          return {
            id: `s${i}`,
            start: START,
            values: Array.from({ length: LENGTH }, () => (own() < 0.8 ? 0 : 3)),
          };
        }),
        ...(huge ? [{ id: "odd", start: START, values: new Array<number>(LENGTH).fill(1e9) }] : []),
      ]);
    const model = await train(zeros(true));
    const answer = await outlook(model, zeros(true));
    expect(answer.map(({ forecast }) => forecast)).toEqual(new Array(6).fill(1e9));
    const plain = await train(zeros(false));
    expect(plain.oddRows).toBeUndefined();
  });

  test("an ordinary panel has a model without such steps", async () => {
    expect((await train(smallPanel(8, 60))).oddRows).toBeUndefined();
    const bytes = emitOnnx(await train(smallPanel(8, 60)), "test");
    const odd = emitOnnx({ ...(await train(smallPanel(8, 60))), oddRows: true }, "test");
    expect(odd.length).toBeGreaterThan(bytes.length);
  });
});

test("graph and trainer agree on rows of every kind: gaps, jumps, constants, noise of any size", async () => {
  const model: ForecastModel = { ...(await train(smallPanel(8, 60))), oddRows: true, nonNegative: false };
  const { context, horizon } = model;
  const random = uniform(2024);
  const count = 400;
  const history = new Float32Array(count * context).fill(NAN);
  for (let i = 0; i < count; i++) {
    const level = 10 ** (6 * random()) * (random() < 0.2 ? -1 : 1);
    const noise = random() < 0.2 ? 0 : 10 ** (-6 * random());
    const first = Math.floor(context * random() ** 2);
    const [from, gap] = [first + Math.floor(random() * (context - first)), Math.floor(45 * random())];
    const factor = 10 ** (4 * random() - 2);
    for (let t = first; t < context; t++) {
      if (t >= from && t < from + gap) continue;
      const after = t >= from ? factor : 1;
      history[i * context + t] = after * level * (1 + noise * (random() - 0.5));
    }
  }
  const batch = { ...panelBatch(smallPanel(8, 60), 0, model, new Int32Array(8)), count, history };
  const rows = {
    ...batch,
    period: new Int32Array(count).fill(2020 * 12),
    codes: new Int32Array(count),
  };
  const expected = await forecastRows(model, rows);
  const forecaster = await openForecaster(emitOnnx(model, "test"));
  try {
    const { forecast } = await forecaster.run(rows);
    expected.forecast.forEach((value, cell) => {
      if (Number.isNaN(value)) expect(forecast[cell]).toBeNaN();
      else
        expect(Math.abs(forecast[cell]! - value)).toBeLessThanOrEqual(
          1e-5 * Math.abs(value) + 1e-3 * expected.scale[Math.floor(cell / horizon)]!,
        );
    });
  } finally {
    await forecaster.close();
  }
});
