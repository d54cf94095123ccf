import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChampionMetric, compareWithChampion } from "../../../../src/forecast/champion/compare.js";

const bootstrap = { replicates: 199, level: 0.9, seed: 1, limit: 0 };

interface Case {
  readonly series: string;
  readonly period: number;
  readonly actual: number;
  readonly candidate: number;
  readonly champion: number;
}

const compare = (cases: readonly Case[], metric: ChampionMetric, scale?: (series: string) => number | null) =>
  compareWithChampion({
    candidate: cases.map(({ series, period, actual, candidate }) => ({
      series,
      period,
      actual,
      forecast: candidate,
    })),
    champion: cases.map(({ series, period, champion }) => ({ series, period, forecast: champion })),
    metric,
    isRelative: false,
    bootstrap,
    ...(scale === undefined ? {} : { scale }),
  });

const cases: readonly Case[] = [
  { series: "a", period: 1, actual: 10, candidate: 12, champion: 13 },
  { series: "a", period: 2, actual: 20, candidate: 19, champion: 16 },
  { series: "b", period: 1, actual: 70, candidate: 63, champion: 70 },
];

describe("a comparison with the champion", () => {
  test("is candidate − champion in units of WMAPE", () => {
    const found = compare(cases, "wmape");
    expect(found).toMatchObject({ candidate: 0.1, champion: 0.07, n: 3, series: 2 });
    expect(found.observed).toBeCloseTo(0.03, 12);
  });

  test("averages MASE over the series that have a scale", () => {
    const found = compare(cases, "mase", (series) => (series === "a" ? 2 : null));
    expect(found).toMatchObject({ candidate: 0.75, champion: 1.75, observed: -1, n: 3, series: 2 });
    expect(found.interval, "one series has no interval").toBeNull();
  });

  test("compares the size of the bias, whatever its sign", () => {
    const found = compare(cases, "bias");
    expect(found.candidate).toBeCloseTo(-0.06, 12);
    expect(found.champion).toBeCloseTo(-0.01, 12);
    expect(found.observed).toBeCloseTo(0.05, 12);
    expect(found.interval).toBeNull();
  });

  test("leaves out what only one side forecast", () => {
    const found = compareWithChampion({
      candidate: [
        { series: "a", period: 1, actual: 10, forecast: 11 },
        { series: "a", period: 2, actual: 10, forecast: 99 },
        { series: "b", period: 1, actual: Number.NaN, forecast: 5 },
      ],
      champion: [
        { series: "a", period: 1, forecast: 13 },
        { series: "a", period: 2, forecast: Number.NaN },
        { series: "b", period: 1, forecast: 5 },
        { series: "c", period: 1, forecast: 5 },
      ],
      metric: "wmape",
      isRelative: false,
      bootstrap,
    });
    expect(found).toMatchObject({ candidate: 0.1, champion: 0.3, n: 1, series: 1 });
  });

  test("is unknown without a common row, and where every actual is zero", () => {
    const none = {
      observed: null,
      candidate: null,
      champion: null,
      interval: null,
      pAbove: null,
      pBelow: null,
      why: "zero-actuals",
    };
    expect(compare([], "wmape")).toEqual({ ...none, n: 0, series: 0, why: "no-common-rows" });
    expect(compare([{ series: "a", period: 1, actual: 0, candidate: 1, champion: 2 }], "wmape")).toEqual({
      ...none,
      n: 1,
      series: 1,
    });
    expect(compare(cases, "mase")).toEqual({ ...none, n: 3, series: 2, why: "no-scale" });
  });

  test("does not depend on the order of rows", () => {
    expect(compare([...cases].reverse(), "wmape")).toEqual(compare(cases, "wmape"));
  });

  const row = fc.record({
    series: fc.constantFrom("a", "b", "c", "d"),
    period: fc.integer({ min: 1, max: 5 }),
    actual: fc.integer({ min: 0, max: 40 }),
    candidate: fc.integer({ min: 0, max: 40 }),
    champion: fc.integer({ min: 0, max: 40 }),
  });
  const rows = fc.uniqueArray(row, { selector: (one) => `${one.series} ${one.period}`, maxLength: 20 });

  test("agrees with brute force", () => {
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    fc.assert(
      fc.property(rows, (cases) => {
        const volume = sum(cases.map((one) => one.actual));
        const found = compare(cases, "wmape");
        if (volume === 0) {
          expect(found.observed).toBeNull();
          return;
        }
        const gain = cases.map(
          (one) => Math.abs(one.candidate - one.actual) - Math.abs(one.champion - one.actual),
        );
        expect(found.observed).toBeCloseTo(sum(gain) / volume, 9);
        const bias = (side: "candidate" | "champion") =>
          Math.abs(sum(cases.map((one) => one[side] - one.actual))) / volume;
        expect(compare(cases, "bias").observed).toBeCloseTo(bias("candidate") - bias("champion"), 9);
        const ids = [...new Set(cases.map((one) => one.series))];
        const mase = sum(
          ids.map((id) => {
            const own = cases.flatMap((one, at) => (one.series === id ? [gain[at]!] : []));
            return sum(own) / own.length / 3;
          }),
        );
        expect(compare(cases, "mase", () => 3).observed).toBeCloseTo(mase / ids.length, 9);
      }),
    );
  });

  test("turns its sign, and its interval, when the sides change places", () => {
    fc.assert(
      fc.property(rows, (cases) => {
        const turned = cases.map((one) => ({ ...one, candidate: one.champion, champion: one.candidate }));
        const [there, back] = [compare(cases, "wmape"), compare(turned, "wmape")];
        if (there.observed === null) {
          expect(back.observed).toBeNull();
          return;
        }
        expect(back.observed).toBeCloseTo(-there.observed, 12);
        if (there.interval === null) {
          expect(back.interval).toBeNull();
          return;
        }
        expect(back.interval?.lo).toBeCloseTo(-there.interval.hi, 9);
        expect(there.interval.lo).toBeLessThanOrEqual(there.interval.hi);
      }),
    );
  });

  test("is relative to the champion's score, and unknown where that is zero", () => {
    const relative = (rows: readonly Case[]) =>
      compareWithChampion({
        candidate: rows.map(({ candidate, ...row }) => ({ ...row, forecast: candidate })),
        champion: rows.map(({ champion, ...row }) => ({ ...row, forecast: champion })),
        metric: "wmape",
        isRelative: true,
        bootstrap,
      });
    expect(relative(cases).observed).toBeCloseTo(0.03 / 0.07, 12);
    expect(relative(cases.map((one) => ({ ...one, champion: one.actual })))).toMatchObject({
      observed: null,
      interval: null,
      why: "champion-has-no-error",
    });
  });
});
