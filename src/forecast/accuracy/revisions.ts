import type { DatedForecasts } from "./pairs.js";

/** Totals of one period (of one segment) over the series that both snapshots forecast. */
export interface RevisionTotal {
  readonly period: number;
  readonly before: number;
  readonly after: number;
  /** after / before − 1, or null when before is zero. */
  readonly revision: number | null;
  readonly series: number;
}

export interface Revisions {
  /** By period. */
  readonly totals: readonly RevisionTotal[];
  /** By segment, then period. */
  readonly segments: readonly (RevisionTotal & { readonly segment: string })[];
  /** Largest |revision| of a period's total; null when there is none. */
  readonly maxRevision: number | null;
  /** Largest |revision| of a segment's period, over segments that hold at least `minShare` of the volume before or after. */
  readonly maxSegmentRevision: number | null;
}

/** Compares two snapshots over the (series, period) that both have a number for. */
export function revisionsBetween(
  before: DatedForecasts,
  after: DatedForecasts,
  segmentOf: (series: string) => string,
  minShare: number,
): Revisions {
  const old = new Map<string, Map<number, number>>();
  for (let row = 0; row < before.series.length; row++) {
    const value = before.forecast[row]!;
    if (Number.isNaN(value)) continue;
    const id = before.series[row]!;
    const periods = old.get(id) ?? new Map<number, number>();
    old.set(id, periods.set(before.period[row]!, value));
  }

  const totals = new Map<number, Sum>();
  const segments = new Map<string, Map<number, Sum>>();
  for (let row = 0; row < after.series.length; row++) {
    const [id, period, value] = [after.series[row]!, after.period[row]!, after.forecast[row]!];
    const earlier = old.get(id)?.get(period);
    if (earlier === undefined || Number.isNaN(value)) continue;
    const segment = segmentOf(id);
    const periods = segments.get(segment) ?? new Map<number, Sum>();
    segments.set(segment, periods);
    addTo(totals, period, earlier, value);
    addTo(periods, period, earlier, value);
  }

  const volume = sumOf([...totals.values()]);
  const heavy = [...segments.values()].filter((periods) => {
    const part = sumOf([...periods.values()]);
    return part.before >= minShare * volume.before || part.after >= minShare * volume.after;
  });
  return {
    totals: rowsOf(totals),
    segments: [...segments]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .flatMap(([segment, periods]) => rowsOf(periods).map((row) => ({ segment, ...row }))),
    maxRevision: largest(rowsOf(totals)),
    maxSegmentRevision: largest(heavy.flatMap(rowsOf)),
  };
}

interface Sum {
  before: number;
  after: number;
  series: number;
}

function addTo(sums: Map<number, Sum>, period: number, before: number, after: number): void {
  const sum = sums.get(period) ?? { before: 0, after: 0, series: 0 };
  sum.before += before;
  sum.after += after;
  sum.series++;
  sums.set(period, sum);
}

/** Volumes, whatever the sign of the forecasts. */
function sumOf(sums: readonly Sum[]): { before: number; after: number } {
  return {
    before: sums.reduce((total, sum) => total + Math.abs(sum.before), 0),
    after: sums.reduce((total, sum) => total + Math.abs(sum.after), 0),
  };
}

const rowsOf = (sums: ReadonlyMap<number, Sum>): RevisionTotal[] =>
  [...sums]
    .sort(([a], [b]) => a - b)
    .map(([period, { before, after, series }]) => ({
      period,
      before,
      after,
      revision: before === 0 ? null : after / before - 1,
      series,
    }));

function largest(rows: readonly RevisionTotal[]): number | null {
  const sizes = rows.flatMap((row) => (row.revision === null ? [] : [Math.abs(row.revision)]));
  return sizes.length === 0 ? null : sizes.reduce((most, size) => Math.max(most, size), 0);
}
