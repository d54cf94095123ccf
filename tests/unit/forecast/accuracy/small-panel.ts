import type { Panel } from "../../../../src/panel/panel.js";

export interface Row {
  readonly series: string;
  readonly period: number;
  readonly y: number;
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** A monthly panel of these rows; attributes are a label a series, by attribute name. */
export function panelOf(
  rows: readonly Row[],
  lastPeriod: number,
  attributes: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Panel {
  const sorted = [...rows].sort((a, b) => byCodeUnit(a.series, b.series) || a.period - b.period);
  const series = [...new Set(sorted.map((row) => row.series))];
  const offsets = Int32Array.from([
    ...series.map((id) => sorted.findIndex((row) => row.series === id)),
    sorted.length,
  ]);
  return {
    calendar: { frequency: "month", fiscalYearStart: 1 },
    series,
    offsets,
    period: Int32Array.from(sorted, (row) => row.period),
    target: Float64Array.from(sorted, (row) => row.y),
    attributes: Object.entries(attributes).map(([name, labels]) => {
      const levels = [...new Set(series.map((id) => labels[id] ?? ""))].sort(byCodeUnit);
      return { name, levels, codes: Int32Array.from(series, (id) => levels.indexOf(labels[id] ?? "")) };
    }),
    known: {},
    observed: {},
    lastPeriod,
  };
}
