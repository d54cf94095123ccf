import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  featureCount,
  featureMatrix,
  featureNames,
  layoutOf,
} from "../../../../../src/forecast/experts/trees/features.js";
import { namedImportance } from "../../../../../src/forecast/experts/trees/importance.js";
import type { TreesExpert } from "../../../../../src/forecast/experts/trees/model.js";
import { sampleRows } from "../../../../../src/forecast/experts/trees/sample.js";
import { snap } from "../../../../../src/forecast/experts/trees/snap.js";
import { trees } from "../../../../../src/forecast/experts/trees/trees.js";
import { boostedTrees } from "../../../../../src/forecast/learners/boosted-trees.js";
import type { TrainingView } from "../../../../../src/forecast/training-view.js";
import { rowsOf, uniform, viewOf, wave } from "../../learners/support.js";
import { hostileRows, revealingTrees, runGraph, worstDifference } from "./support.js";

const SHAPE = { season: 4, horizon: 6, context: 16 };

function world(overrides: Partial<Parameters<typeof viewOf>[0]> = {}): TrainingView {
  const random = uniform(2);
  const series = Array.from({ length: 40 }, (_, s) =>
    wave(s, 30 + (s % 9)).map((v) => v * (1 + 0.2 * random())),
  );
  const like = () => series.map((row) => row.map((_, t) => (t % 13 === 5 ? Number.NaN : 4 * random() - 2)));
  return viewOf({
    ...SHAPE,
    series,
    codes: series.map((_, s) => [s % 4, s % 3]),
    levels: [4, 4],
    known: [like(), like()],
    observed: [like()],
    ...overrides,
  });
}

const fitted = (view: TrainingView, options = {}): TreesExpert =>
  boostedTrees({ trees: 20, minLeaf: 10, ...options }).fit(view) as TreesExpert;

describe("features", () => {
  /** Straight from the words of the features' names. */
  function naive(
    name: string,
    filled: readonly number[],
    scale: number,
    period: number,
    lead: number,
  ): number {
    const s = SHAPE.season;
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const level = mean(filled.slice(-s));
    const target = filled.length + lead;
    const sameSeason = filled.flatMap((_, t) => ((target - t) % s === 0 ? [t] : [])).reverse();
    const inUnits = (value: number) => snap((value - level) / scale);
    const [, lag] = /^lag (\d+)$/.exec(name) ?? [];
    if (lag !== undefined) return inUnits(filled[filled.length - Number(lag)]!);
    const [, before] = /^same season, (\d+) years? before$/.exec(name) ?? [];
    if (before !== undefined) {
      const t = sameSeason[Number(before) - 1];
      return t === undefined ? Number.NaN : inUnits(filled[t]!);
    }
    switch (name) {
      case "same season, mean":
        return inUnits(mean(sameSeason.slice(0, 5).map((t) => filled[t]!)));
      case "mean of the last year":
        return snap(level / scale);
      case "lead time":
        return lead + 1;
      case "place in the year":
        return (period + lead) % s;
    }
    throw new Error(name);
  }

  test("are what their names say", () => {
    const view = world();
    const expert = fitted(view);
    const rows = rowsOf(view);
    const matrix = featureMatrix(expert, rows);
    const names = featureNames(expert, { codes: ["a", "b"], known: ["c", "d"], observed: ["e"] });
    expect(names).toHaveLength(featureCount(layoutOf(expert)));
    expect(names.slice(-5)).toEqual(["a", "b", "c", "d", "e"]);
    for (const i of [0, 7, 39]) {
      const filled = [...rows.filled.subarray(i * 16, (i + 1) * 16)];
      for (let lead = 0; lead < 6; lead++) {
        names.slice(0, -5).forEach((name, f) => {
          const expected = naive(name, filled, rows.scale[i]!, rows.period[i]!, lead);
          expect(matrix[(i * 6 + lead) * names.length + f]).toBeCloseTo(expected, 5);
        });
      }
    }
  });

  test("of a training row are those that the forecaster has at that origin", () => {
    const view = world();
    const expert = fitted(view);
    const layout = layoutOf(expert);
    const sample = sampleRows(view, layout, 1e6, 1);
    const width = featureCount(layout);
    // Series 3 as it was 9 periods ago, with the known features that came.
    const cut = 9;
    const at = view.series[3]!.length - cut - 1;
    const past = viewOf({
      ...SHAPE,
      series: [[...view.series[3]!.subarray(0, -cut)]],
      codes: [[3 % 4, 3 % 3]],
      levels: [4, 4],
      known: view.known.map((feature) => [[...feature[3]!.subarray(0, -cut)]]),
      observed: view.observed.map((feature) => [[...feature[3]!.subarray(0, -cut)]]),
    });
    const ahead = [
      Array.from({ length: 6 }, (_, lead) => view.known.map((feature) => feature[3]![at + 1 + lead]!)),
    ];
    const rows = rowsOf(past, ahead);
    const seen = { ...rows, period: Int32Array.of(rows.period[0]! - cut) };
    const expected = featureMatrix(expert, seen);
    let first = 0;
    while (sample.series[first] !== 3) first++;
    for (let origin = SHAPE.season; origin < at; origin++)
      first += Math.min(6, view.series[3]!.length - 1 - origin);
    const codes = [width - 5, width - 4];
    for (let lead = 0; lead < 6; lead++) {
      const row = Array.from({ length: width }, (_, f) => sample.values[f * sample.rows + first + lead]!);
      const own = [...expected.subarray(lead * width, (lead + 1) * width)];
      expect(row.filter((_, f) => !codes.includes(f))).toEqual(own.filter((_, f) => !codes.includes(f)));
    }
  });

  test("snap rounds to 1/1024 and bounds what is huge", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        expect(Math.abs(snap(value) - value)).toBeLessThanOrEqual(1 / 2048);
        expect(Number.isInteger(snap(value) * 1024)).toBe(true);
      }),
    );
    expect([snap(1e300), snap(Number.NEGATIVE_INFINITY)]).toEqual([2 ** 20, -(2 ** 20)]);
  });
});

describe("sampleRows", () => {
  const layout = layoutOf(fitted(world()));

  test("takes every known target once where there is room", () => {
    const view = world();
    const cells = view.series.map((row) => {
      let count = 0;
      for (let origin = 4; origin < row.length - 1; origin++) count += Math.min(6, row.length - 1 - origin);
      return count;
    });
    expect(sampleRows(view, layout, 1e6, 1).rows).toBe(cells.reduce((a, b) => a + b, 0));
  });

  test("else an even sample: every series, lead and origin has its share", () => {
    const view = world();
    const { rows, series, values } = sampleRows(view, layout, 1000, 1);
    expect(Math.abs(rows - 1000)).toBeLessThanOrEqual(10);
    const shares = new Map<string, number>();
    const column = layout.lags + layout.sameSeason + 2;
    for (let r = 0; r < rows; r++) {
      const lead = `lead ${values[column * rows + r]}`;
      shares.set(lead, (shares.get(lead) ?? 0) + 1);
      const own = `series ${series[r]}`;
      shares.set(own, (shares.get(own) ?? 0) + 1);
    }
    expect(shares.size).toBe(46);
    for (const [name, count] of shares) expect(count).toBeGreaterThan(name.startsWith("lead") ? 120 : 15);
    expect(sampleRows(view, layout, 1000, 1)).toEqual(sampleRows(view, layout, 1000, 1));
    expect(sampleRows(view, layout, 1000, 2).values).not.toEqual(values);
  });
});

describe("boosted-trees", () => {
  test("graph and trainer agree on hostile rows, with codes and features", async () => {
    for (const shape of [
      SHAPE,
      { season: 4, horizon: 3, context: 4 },
      { season: 1, horizon: 4, context: 5 },
    ]) {
      const view = { ...world(), ...shape };
      const expert = fitted(view, { lags: 4 });
      const rows = hostileRows(shape, 2, 1);
      const revealing = { ...expert, ensemble: revealingTrees(featureCount(layoutOf(expert))) };
      for (const own of [expert, revealing]) {
        const expected = trees.forecast(own, rows) as Float64Array;
        const actual = await runGraph(rows, (graph, prepared) => trees.emit(own, graph, prepared));
        expect(actual).toHaveLength(expected.length);
        expect(worstDifference(actual, expected, rows)).toBeLessThan(1e-5);
        expect(actual.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test("learns what a known feature does", () => {
    const random = uniform(8);
    const holiday = Array.from({ length: 30 }, () =>
      Array.from({ length: 40 }, () => Number(random() < 0.3)),
    );
    const view = viewOf({
      ...SHAPE,
      series: holiday.map((row, s) => row.map((on) => (10 + s) * (1 + 0.5 * on + 0.05 * random()))),
      known: [holiday],
    });
    const expert = fitted(view, { trees: 60 });
    const ahead = holiday.map(() => [[1], [0], [1], [0], [1], [0]]);
    const rows = rowsOf(view, ahead);
    const forecast = trees.forecast(expert, rows) as Float64Array;
    const mean = (on: number) => {
      const own = [...forecast].map((value, cell) => value / (10 + Math.floor(cell / 6)));
      return own.filter((_, cell) => cell % 2 === 1 - on).reduce((sum, value) => sum + value, 0) / (30 * 3);
    };
    expect(Math.abs(mean(1) - 1.525)).toBeLessThan(0.1);
    expect(Math.abs(mean(0) - 1.025)).toBeLessThan(0.1);
    const importance = namedImportance(expert, { codes: ["segment"], known: ["holiday"], observed: [] });
    expect(importance[0]!.feature).toBe("holiday");
    expect(importance.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(importance.map(({ feature }) => feature)).not.toContain("segment");
  });

  test("takes no codes where they tell nothing apart, and forecasts the level where nothing can be learned", () => {
    const plain = viewOf({ ...SHAPE, series: [wave(1, 30)] });
    expect(fitted(plain).encodings).toEqual([]);
    const short = viewOf({ ...SHAPE, series: [[1, 2, 3, 6], [], [5]] });
    const rows = rowsOf(short);
    expect([...(trees.forecast(fitted(short), rows) as Float64Array)].slice(0, 6)).toEqual(
      new Array(6).fill(3),
    );
  });

  test("names the options that are not the defaults", () => {
    expect(boostedTrees().id).toBe("boosted-trees");
    expect(boostedTrees({ rate: 0.05, lags: 13 }).id).toBe("boosted-trees(lags=13,rate=0.05)");
    expect(boostedTrees({ lags: 3 }).lags(12)).toBe(12);
  });
});
