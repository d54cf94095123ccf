import { at, type Grid, median } from "./grid.js";

/** Errors above this many times the series' level count as this many: one series must not speak for all. */
const WORST = 3;

/** What the series' own past leads to expect of a quarter, and how much it sells. */
export interface Expectation {
  /** First column of the quarter. */
  readonly start: number;
  /** Mean |y| of the year before; NaN where the series has none. */
  readonly scale: Float64Array;
  /** Value that a column of the quarter should have; NaN where nothing is known. Columns up to two before and after are known too. */
  of(series: number, column: number): number;
}

/** The value of a year ago times the growth of the last year; where there is no such value, the middle of the last year. */
export function expectationOf(grid: Grid, start: number): Expectation {
  const { season } = grid;
  const count = grid.panel.series.length;
  const scale = new Float64Array(count).fill(Number.NaN);
  const growth = new Float64Array(count).fill(1);
  const middle = new Float64Array(count).fill(Number.NaN);
  for (let s = 0; s < count; s++) {
    const year: number[] = [];
    let [now, before, pairs] = [0, 0, 0];
    for (let column = start - season; column < start; column++) {
      const value = at(grid, s, column);
      if (Number.isNaN(value)) continue;
      year.push(value);
      const past = at(grid, s, column - season);
      if (Number.isNaN(past)) continue;
      now += value;
      before += past;
      pairs++;
    }
    const level = year.reduce((sum, value) => sum + Math.abs(value), 0) / year.length;
    if (level > 0) scale[s] = level;
    if (year.length >= 3) middle[s] = median(year);
    if (pairs * 2 >= season && before > 0 && now > 0) growth[s] = Math.min(2, Math.max(0.5, now / before));
  }
  return {
    start,
    scale,
    of(s, column) {
      const past = at(grid, s, column - season);
      return Number.isNaN(past) ? middle[s]! : past * growth[s]!;
    },
  };
}

/** Undoes a supposed fault: the value as it would have been. */
export type Undo = (series: number, column: number, value: number) => number;

/** Mean |y − expected| / scale over the members' values of a quarter, each at most 3; NaN without a value. */
export function quarterError(
  grid: Grid,
  expectation: Expectation,
  members: readonly number[],
  undo: Undo = (_series, _column, value) => value,
): number {
  const { start, scale } = expectation;
  let [sum, n] = [0, 0];
  for (const s of members) {
    for (let column = start; column < start + grid.size; column++) {
      const gap = gapAt(grid, expectation, s, column, undo);
      if (gap === null) continue;
      sum += Math.min(WORST, Math.abs(gap) / scale[s]!);
      n++;
    }
  }
  return n === 0 ? Number.NaN : sum / n;
}

/**
 * Mean |Σy − Σexpected| / Σ scale over the quarter's periods, of the members together, each at most 3: their own noise averages out, and what they
 * have in common stays. NaN without a value.
 */
export function totalError(
  grid: Grid,
  expectation: Expectation,
  members: readonly number[],
  undo: Undo = (_series, _column, value) => value,
): number {
  const { start, scale } = expectation;
  let [sum, n] = [0, 0];
  for (let column = start; column < start + grid.size; column++) {
    let [total, level] = [0, 0];
    for (const s of members) {
      const gap = gapAt(grid, expectation, s, column, undo);
      if (gap === null) continue;
      total += gap;
      level += scale[s]!;
    }
    if (level === 0) continue;
    sum += Math.min(WORST, Math.abs(total) / level);
    n++;
  }
  return n === 0 ? Number.NaN : sum / n;
}

/** How far a value is from what was expected; null where that, the value or the series' scale is not known. */
function gapAt(
  grid: Grid,
  expectation: Expectation,
  series: number,
  column: number,
  undo: Undo,
): number | null {
  const value = at(grid, series, column);
  const expected = expectation.of(series, column);
  if (Number.isNaN(value) || Number.isNaN(expected) || Number.isNaN(expectation.scale[series]!)) return null;
  return undo(series, column, value) - expected;
}

/** ln(Σy / Σexpected) of a series from a column to the quarter's end; NaN where one side is not positive. */
export function logRatio(grid: Grid, expectation: Expectation, series: number, from: number): number {
  let [value, expected] = [0, 0];
  for (let column = from; column < expectation.start + grid.size; column++) {
    const y = at(grid, series, column);
    const e = expectation.of(series, column);
    if (Number.isNaN(y) || Number.isNaN(e)) continue;
    value += y;
    expected += e;
  }
  return value > 0 && expected > 0 ? Math.log(value / expected) : Number.NaN;
}
