import { expect, test } from "vitest";
import { duelOf, OutlookScores } from "../../../src/backtest/scores.js";
import { Actuals } from "../../../src/forecast/accuracy/actuals.js";
import { panelOf } from "../../support/panels.js";

const START = 2000 * 12;

/** Two years that repeat, then what came after the cutoff. */
const years = (level: number, after: readonly (number | null)[]) => [
  ...Array.from({ length: 12 }, () => level),
  ...Array.from({ length: 12 }, () => level + 2),
  ...after,
];
const panel = panelOf([
  { id: "a", start: START, values: years(10, [20, 10]) },
  { id: "b", start: START, values: years(100, [110, null]) },
]);
const actuals = new Actuals(panel);
const cutoff = START + 23;

const outlook = (forecast: readonly number[], at = cutoff) => ({
  cutoff: at,
  series: ["a", "a", "b", "b"],
  period: [at + 1, at + 2, at + 1, at + 2],
  forecast,
  intervals: [{ level: 0.8, lo: forecast.map((value) => value - 5), hi: forecast.map((value) => value + 5) }],
});

test("an outlook beside the naive on the same pairs, by lead and segment", () => {
  const scores = OutlookScores.of(outlook([16, 13, 100, 100]), 2, actuals, (id) => id.toUpperCase());
  // Errors 4, 3 and 10 of 140; the naive says 12, 12 and 102: errors 8, 2 and 8. The scale is 2.
  expect(scores.total).toEqual({
    n: 3,
    excluded: 1,
    wmape: 17 / 140,
    mase: expect.closeTo(((4 + 3) / 2 / 2 + 10 / 2) / 2),
    bias: (-4 + 3 - 10) / 140,
    naive: { wmape: 18 / 140, mase: expect.closeTo(((8 + 2) / 2 / 2 + 8 / 2) / 2) },
  });
  expect(scores.byLead.map(({ lead, n, wmape, excluded }) => [lead, n, wmape, excluded])).toEqual([
    [1, 2, 14 / 130, 0],
    [2, 1, 3 / 10, 1],
  ]);
  expect(scores.bySegment.map(({ segment, n }) => [segment, n])).toEqual([
    ["A", 2],
    ["B", 1],
  ]);
  expect(scores.coverage).toEqual([{ level: 0.8, observed: 2 / 3, n: 3 }]);
});

test("added up, sums are pooled and not averaged", () => {
  const pooled = new OutlookScores();
  pooled.merge(OutlookScores.of(outlook([16, 13, 100, 100]), 2, actuals, () => null));
  pooled.merge(OutlookScores.of(outlook([20, 10, 110, 0]), 2, actuals, () => null));
  expect(pooled.total).toMatchObject({ n: 6, excluded: 2, wmape: 17 / 280 });
  expect(pooled.bySegment.map(({ segment }) => segment)).toEqual(["unassigned"]);
});

test("nothing has happened yet: no pair, and no NaN", () => {
  const { total } = OutlookScores.of(outlook([1, 2, 3, 4], START + 40), 2, actuals, () => null);
  expect(total).toEqual({
    n: 0,
    excluded: 4,
    wmape: null,
    mase: null,
    bias: null,
    naive: { wmape: null, mase: null },
  });
});

test("candidate and champion are compared on the pairs that both forecast", () => {
  const candidate = outlook([16, 13, 100, 100]);
  const champion = outlook([25, Number.NaN, 111, 100]);
  expect(duelOf(candidate, champion, 2, actuals)).toEqual({ n: 2, candidate: 14, champion: 6, actual: 130 });
  expect(duelOf(candidate, outlook([NaN, NaN, NaN, 7]), 2, actuals)).toBeNull();
});
