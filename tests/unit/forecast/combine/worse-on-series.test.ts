import { expect, test } from "vitest";
import { worseOnSeries } from "../../../../src/forecast/combine/worse-on-series.js";
import { type Cell, evidenceOf } from "./support.js";

const actual = ({ noise }: Cell) => 1 + 0.2 * noise;
const good = ({ noise }: Cell) => 1 + 0.1 * noise;

/** The weights of both groups: the only segment, and no segment. */
const say = (...row: number[]): number[][] => [row, row];

test("names learner and series where it is behind in every fold, the worst first", () => {
  const odd = ({ series, noise }: Cell) => (series === 7 ? 5 : series === 9 ? 50 : 1 + 0.1 * noise);
  const found = worseOnSeries(evidenceOf({ actual, experts: [good, odd] }), say(1, 1));
  expect(found.map(({ expert, series }) => [expert, series])).toEqual([
    [1, 9],
    [1, 7],
  ]);
  for (const { times } of found) expect(times!).toBeGreaterThan(3);
});

test("a fold in which it is not, one fold alone, or no weight: nothing", () => {
  const once = ({ series, fold, noise }: Cell) => (series === 7 && fold > 0 ? 5 : 1 + 0.1 * noise);
  expect(worseOnSeries(evidenceOf({ actual, experts: [once] }), say(1))).toEqual([]);
  const always = ({ series, noise }: Cell) => (series === 7 ? 5 : 1 + 0.1 * noise);
  expect(worseOnSeries(evidenceOf({ actual, experts: [always], folds: 1 }), say(1))).toEqual([]);
  expect(worseOnSeries(evidenceOf({ actual, experts: [always] }), say(0))).toEqual([]);
});

test("a naive without an error is behind nobody by what does not matter", () => {
  const evidence = evidenceOf({ actual: () => 1, experts: [() => 1.05, () => 1.2] });
  const exact = { ...evidence, folds: evidence.folds.map((fold) => ({ ...fold, naive: fold.actual })) };
  const found = worseOnSeries(exact, say(1, 1));
  expect(new Set(found.map(({ expert }) => expert))).toEqual(new Set([1]));
  expect(found.every(({ times }) => times === null)).toBe(true);
});

test("a learner without a weight in a series' segment has no say there", () => {
  const odd = ({ series, noise }: Cell) => (series === 7 || series === 8 ? 5 : 1 + 0.1 * noise);
  const evidence = evidenceOf({ actual, experts: [good, odd], segments: 2, codes: (series) => series % 2 });
  const weights = [
    [0, 1],
    [1, 0],
    [1, 0],
  ];
  expect(worseOnSeries(evidence, weights).map(({ series }) => series)).toEqual([8]);
});
