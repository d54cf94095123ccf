import { expect, test } from "vitest";
import { worseOnSeries } from "../../../../src/forecast/combine/worse-on-series.js";
import { type Cell, evidenceOf } from "./support.js";

const actual = ({ noise }: Cell) => 1 + 0.2 * noise;
const good = ({ noise }: Cell) => 1 + 0.1 * noise;

test("names learner and series where it is behind in every fold, the worst first", () => {
  const odd = ({ series, noise }: Cell) => (series === 7 ? 5 : series === 9 ? 50 : 1 + 0.1 * noise);
  const found = worseOnSeries(evidenceOf({ actual, experts: [good, odd] }), [0, 1]);
  expect(found.map(({ expert, series }) => [expert, series])).toEqual([
    [1, 9],
    [1, 7],
  ]);
  for (const { times } of found) expect(times!).toBeGreaterThan(3);
});

test("a fold in which it is not, one fold alone, or no weight: nothing", () => {
  const once = ({ series, fold, noise }: Cell) => (series === 7 && fold > 0 ? 5 : 1 + 0.1 * noise);
  expect(worseOnSeries(evidenceOf({ actual, experts: [once] }), [0])).toEqual([]);
  const always = ({ series, noise }: Cell) => (series === 7 ? 5 : 1 + 0.1 * noise);
  expect(worseOnSeries(evidenceOf({ actual, experts: [always], folds: 1 }), [0])).toEqual([]);
  expect(worseOnSeries(evidenceOf({ actual, experts: [always] }), [])).toEqual([]);
});

test("a naive without an error is behind nobody by a rounding", () => {
  const evidence = evidenceOf({ actual: () => 1, experts: [() => 1 + 1e-9, () => 1.01] });
  const exact = { ...evidence, folds: evidence.folds.map((fold) => ({ ...fold, naive: fold.actual })) };
  const found = worseOnSeries(exact, [0, 1]);
  expect(new Set(found.map(({ expert }) => expert))).toEqual(new Set([1]));
  expect(found.every(({ times }) => times === null)).toBe(true);
});
