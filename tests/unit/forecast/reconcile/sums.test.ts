import { describe, expect, test } from "vitest";
import { alive, sumBatch, sumHistory } from "../../../../src/forecast/reconcile/sums.js";
import { groupsOf } from "./support.js";

const none = Number.NaN;
/** Season 2, six periods: whole, with a gap, late, ended, late report, never. */
const ROWS = [
  [1, 2, 3, 4, 5, 6],
  [10, 20, none, 40, 50, 60],
  [none, none, none, 100, 200, 300],
  [1000, 2000, none, none, none, none],
  [7, 8, 9, 8, 7, none],
  [none, none, none, none, none, none],
];
const history = Float32Array.from(ROWS.flat());
const living = alive(history, ROWS.length, 2);

test("a series is alive that has a number within the last periods", () => {
  expect([...living]).toEqual([1, 1, 1, 0, 1, 0]);
  expect([...alive(history, ROWS.length, 100)]).toEqual([1, 1, 1, 1, 1, 0]);
});

describe("sumHistory", () => {
  const sum = (...members: number[]) => [...sumHistory(history, living, groupsOf([members]), 2)];

  test("fills gaps and late reports as the forecaster does: from the season before", () => {
    expect(sum(0, 1)).toEqual([11, 22, 13, 44, 55, 66]);
    expect(sum(0, 4)).toEqual([8, 10, 12, 12, 12, 14]);
  });

  test("a series adds nothing before its first number, and nothing after it has ended", () => {
    expect(sum(0, 2, 3)).toEqual([1001, 2002, 3, 104, 205, 306]);
  });

  test("there is no sum before the first number of all", () => {
    expect(sum(2, 5)).toEqual([none, none, none, 100, 200, 300]);
    expect(sum(5)).toEqual(Array(6).fill(none));
  });
});

test("sums have no codes, and the mean of the living members' features", () => {
  const count = ROWS.length;
  const batch = {
    count,
    history,
    period: new Int32Array(count).fill(77),
    codes: new Int32Array(count * 2).fill(1),
    known: Float32Array.from([1, 2, 3, none, 5, 6, 999, 999, 9, 10, 11, 12]),
    observed: Float32Array.of(1, none, 5, 999, 3, 3),
  };
  const sums = sumBatch(
    batch,
    living,
    groupsOf([
      [0, 1, 3],
      [1, 3],
    ]),
    2,
  );
  expect(sums.count).toBe(2);
  expect([...sums.period]).toEqual([77, 77]);
  expect([...sums.codes]).toEqual([-1, -1, -1, -1]);
  expect([...sums.known]).toEqual([2, 2, 3, none]);
  expect([...sums.observed]).toEqual([1, none]);
});
