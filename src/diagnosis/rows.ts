import type { Panel } from "../panel/panel.js";
import { expectationOf } from "./expected.js";
import { at, gridOf, labelAt } from "./grid.js";

/** One value of the quarter beside what the series' own past leads to expect. */
export interface SuspectRow {
  readonly series: string;
  /** In the order of the panel's attributes. */
  readonly attributes: readonly string[];
  readonly period: string;
  readonly actual: number | null;
  readonly yearAgo: number | null;
  readonly expected: number | null;
}

/** The quarter's rows of the series that are furthest from what their past leads to expect, the furthest first. */
export function suspectRows(panel: Panel, most: number): SuspectRow[] {
  const grid = gridOf(panel);
  const expectation = expectationOf(grid, grid.start);
  const quarter = Array.from({ length: grid.size }, (_, i) => grid.start + i);
  const gaps = panel.series.map((_, s) => ({
    s,
    gap: quarter.reduce((sum, column) => {
      const expected = expectation.of(s, column);
      const actual = at(grid, s, column);
      return Number.isNaN(expected) ? sum : sum + Math.abs((Number.isNaN(actual) ? 0 : actual) - expected);
    }, 0),
  }));
  return gaps
    .sort((a, b) => b.gap - a.gap || a.s - b.s)
    .slice(0, most)
    .flatMap(({ s }) =>
      quarter.map((column) => ({
        series: panel.series[s]!,
        attributes: panel.attributes.map(({ levels, codes }) => levels[codes[s]!]!),
        period: labelAt(grid, column),
        actual: numberOrNull(at(grid, s, column)),
        yearAgo: numberOrNull(at(grid, s, column - grid.season)),
        expected: numberOrNull(expectation.of(s, column)),
      })),
    );
}

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
