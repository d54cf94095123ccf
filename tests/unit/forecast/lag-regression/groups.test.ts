import { expect, test } from "vitest";
import { groupSeries } from "../../../../src/forecast/lag-regression/groups.js";
import { viewOf } from "../learners/support.js";

const SERIES = 60;

/** One column a function of the series' number. */
function groupsOf(columns: readonly ((s: number) => number)[], takesPart = (_: number) => true) {
  const series = Array.from({ length: SERIES }, () => [1, 2, 3]);
  const codes = series.map((_, s) => columns.map((code) => code(s)));
  const levels = columns.map((_, c) => Math.max(...codes.map((row) => row[c]!)) + 1);
  return groupSeries(viewOf({ season: 4, horizon: 1, context: 8, series, codes, levels }), takesPart);
}

test("every code of 10 series or more is a group", () => {
  // Code 0: 30 series, 1: 20, 2: 9; one unknown.
  const sizes = (s: number) => (s < 30 ? 0 : s < 50 ? 1 : s < 59 ? 2 : -1);
  const { groups, ofSeries } = groupsOf([sizes, (s) => s % 2]);
  expect(groups).toEqual([
    { column: 0, code: 0 },
    { column: 0, code: 1 },
    { column: 1, code: 0 },
    { column: 1, code: 1 },
  ]);
  expect([ofSeries[0], ofSeries[31], ofSeries[50], ofSeries[59]]).toEqual([[0, 2], [1, 3], [2], [3]]);
});

test("a column in which all but a few series share a code is left out", () => {
  expect(groupsOf([() => 0, (s) => (s < 51 ? 0 : 1), (s) => (s < 51 ? 0 : -1)]).groups).toEqual([]);
  expect(groupsOf([(s) => (s < 50 ? 0 : 1)]).groups).toHaveLength(2);
});

test("a column that parts the series as an earlier one is left out, whatever its numbering", () => {
  const { groups } = groupsOf([(s) => s % 3, (s) => (s + 1) % 3, (s) => s % 2]);
  expect(groups.map(({ column }) => column)).toEqual([0, 0, 0, 2, 2]);
});

test("series without rows do not count", () => {
  const { groups, ofSeries } = groupsOf([(s) => s % 3], (s) => s % 3 !== 1 || s < 28);
  expect(groups).toEqual([
    { column: 0, code: 0 },
    { column: 0, code: 2 },
  ]);
  expect(ofSeries[1]).toEqual([]);
});
