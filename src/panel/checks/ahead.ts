import { periodLabel } from "../../calendar/period.js";
import { ownValue } from "../../kit/own-value.js";
import type { SourcePanel } from "../source.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** So many times out of what a feature ever was, a value has another unit, another sign, or stands for "unknown". */
const OUT_OF_SCALE = 10;
/** Values that a series needs to be its own measure; with fewer it is that of all series. */
const OWN_VALUES = 12;
/** Of a feature with no more different values in its past, one that it never had is news. */
const FEW_VALUES = 10;
/** Windows of the past in which nearly all series moved, where they stand still ahead. */
const STILL = 0.9;

interface AheadLimits {
  /** Column → largest share of empty cells, 0..1. */
  readonly nulls: Readonly<Record<string, number>>;
  /** Ends of a column's values that the runbook limits: what it allows there is no surprise. */
  readonly limited: ReadonlyMap<string, { readonly low: boolean; readonly high: boolean }>;
}

/** Cells of one known feature in the periods after the cutoff that break something, and what they hold. */
export function aheadWhere(
  source: SourcePanel,
  feature: string,
  broken: (value: number, row: number) => boolean,
): Finding[] {
  const cells = source.aheadCells;
  const values = cells === null || !Object.hasOwn(cells.known, feature) ? null : cells.known[feature]!;
  if (cells === null || values === null) return [];
  return Array.from({ length: values.length }, (_, row) => row)
    .filter((row) => broken(values[row]!, row))
    .map((row) => ({
      file: cells.file[row]!,
      record: cells.record[row]!,
      series: source.panel.series[cells.series[row]!]!,
      period: cells.period[row]!,
      column: feature,
    }));
}

/** Whether two rows after the cutoff give a series two values for one period. */
export function aheadDoubles(source: SourcePanel, timeColumn: string): Finding[] {
  const cells = source.aheadCells;
  if (cells === null) return [];
  const features = Object.values(cells.known);
  const isSameKey = (a: number, b: number) =>
    cells.series[a] === cells.series[b] && cells.period[a] === cells.period[b];
  const differs = (a: number, b: number) =>
    isSameKey(a, b) &&
    features.some((values) => {
      const [one, other] = [values[a]!, values[b]!];
      return !Number.isNaN(one) && !Number.isNaN(other) && one !== other;
    });
  return Array.from({ length: cells.period.length }, (_, row) => row)
    .filter(
      (row) => (row > 0 && differs(row, row - 1)) || (row + 1 < cells.period.length && differs(row, row + 1)),
    )
    .map((row) => ({
      file: cells.file[row]!,
      record: cells.record[row]!,
      series: source.panel.series[cells.series[row]!]!,
      period: cells.period[row]!,
      column: timeColumn,
    }));
}

/** Checks of known features after the cutoff that have no counterpart before it: what is missing, and what was never so. */
export function aheadChecks(source: SourcePanel, limits: AheadLimits): Check[] {
  if (source.aheadCells === null) return [];
  return Object.keys(source.aheadCells.known).flatMap((feature) => [
    missing(source, feature, ownValue(limits.nulls, feature)),
    scale(source, feature, limits.limited.get(feature) ?? { low: false, high: false }),
    unseen(source, feature),
    still(source, feature),
  ]);
}

/** Cells ahead of the series that have a row in the quarter, and those without a value. */
export function aheadMissing(
  source: SourcePanel,
  feature: string,
): { readonly missing: number; readonly cells: number } {
  const { aheadCells, panel } = source;
  if (aheadCells === null) return { missing: 0, cells: 0 };
  const active = activeSeries(source);
  const present = new Set<number>();
  for (const [row, value] of Array.from(aheadCells.known[feature]!).entries()) {
    const s = aheadCells.series[row]!;
    if (active[s] === 1 && !Number.isNaN(value)) {
      present.add(s * aheadCells.periods + aheadCells.period[row]! - panel.lastPeriod - 1);
    }
  }
  const cells = active.reduce((sum, own) => sum + own, 0) * aheadCells.periods;
  return { missing: cells - present.size, cells };
}

/** 1 for each series with a row in the last year of the panel's own end: one that stopped is not forecast. */
function activeSeries({ panel }: SourcePanel): Uint8Array {
  const quarter = panel.calendar.frequency === "month" ? 3 : 1;
  return Uint8Array.from(panel.series, (_, s) => {
    const last = panel.offsets[s + 1]! - 1;
    return last >= panel.offsets[s]! && panel.period[last]! > panel.lastPeriod - quarter ? 1 : 0;
  });
}

function missing(source: SourcePanel, feature: string, limit: number | undefined): Check {
  const { panel } = source;
  const ahead = aheadMissing(source, feature);
  const share = ahead.cells === 0 ? 0 : ahead.missing / ahead.cells;
  const past = panel.known[feature]!;
  const pastShare = past.length === 0 ? 0 : past.filter((value) => Number.isNaN(value)).length / past.length;
  const allowed = limit ?? pastShare;
  const isOver = share > allowed;
  const none = ahead.missing === ahead.cells ? "; the forecast takes its average instead" : "";
  return checkOf(
    `ahead-missing.${feature}`,
    limit === undefined
      ? `no more of ${feature} is missing in the ${periodsWord(source)} ahead than in the past (${percent(pastShare)})`
      : `at most ${percent(limit)} of ${feature} is missing in the ${periodsWord(source)} ahead`,
    isOver ? missingCells(source, feature) : [],
    {
      count: isOver ? ahead.missing : 0,
      broken: limit === undefined ? "warn" : "fail",
      detail: `${ahead.missing} of ${ahead.cells} cells ahead have no value (${percent(share)})${none}`,
    },
  );
}

const periodsWord = ({ aheadCells, panel }: SourcePanel): string =>
  `${aheadCells!.periods} ${panel.calendar.frequency}s`;

/** Empty cells of rows, and one finding a series for periods without a row. */
function missingCells(source: SourcePanel, feature: string): Finding[] {
  const { panel } = source;
  const cells = source.aheadCells!;
  const active = activeSeries(source);
  const rows = new Map<number, Set<number>>();
  for (let row = 0; row < cells.series.length; row++) {
    const own = rows.get(cells.series[row]!) ?? new Set();
    rows.set(cells.series[row]!, own.add(cells.period[row]!));
  }
  const empty = aheadWhere(
    source,
    feature,
    (value, row) => Number.isNaN(value) && active[cells.series[row]!] === 1,
  );
  const absent = panel.series.flatMap((series, s): Finding[] => {
    if (active[s] === 0) return [];
    const wanted = Array.from({ length: cells.periods }, (_, lead) => panel.lastPeriod + 1 + lead);
    const gone = wanted.filter((period) => rows.get(s)?.has(period) !== true);
    if (gone.length === 0) return [];
    const value =
      gone.length === 1
        ? "no row"
        : `no row, and none in ${gone.length - 1} more ${panel.calendar.frequency}s ahead`;
    return [{ file: null, record: null, series, period: gone[0]!, column: feature, value }];
  });
  return [...empty, ...absent];
}

/** Values that the feature was never anywhere near: another unit, another sign, a code for "unknown". */
function scale(
  source: SourcePanel,
  feature: string,
  limited: { readonly low: boolean; readonly high: boolean },
): Check {
  const { panel } = source;
  const cells = source.aheadCells!;
  const past = panel.known[feature]!;
  const all = spanOf(past, 0, past.length);
  const spans = panel.series.map((_, s) => {
    const own = spanOf(past, panel.offsets[s]!, panel.offsets[s + 1]!);
    return own.n >= OWN_VALUES ? own : all;
  });
  const findings = aheadWhere(source, feature, (value, row) =>
    isOutOfScale(value, spans[cells.series[row]!]!, limited),
  );
  const label = (period: number) => periodLabel(period, panel.calendar);
  const periods = [...new Set(findings.map(({ period }) => period!))].sort((a, b) => a - b);
  const series = new Set(findings.map((finding) => finding.series)).size;
  return {
    ...checkOf(
      `ahead-scale.${feature}`,
      `values of ${feature} ahead of the size and sign that it had: within a factor of ${OUT_OF_SCALE} of ${all.low} to ${all.high}`,
      findings,
      {
        detail: `${findings.length} values of ${series} series in ${periods.map(label).join(", ")} are out of it; a unit, a sign or a code for "unknown" looks like this`,
      },
    ),
    advice: `if the values are right, say what is allowed: \`ranges: { ${feature}: { min: …, max: … } }\` of the step`,
  };
}

interface Span {
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

function spanOf(values: Float64Array, first: number, end: number): Span {
  let [n, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = first; row < end; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    n++;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { n, low, high };
}

function isOutOfScale(
  value: number,
  { n, low, high }: Span,
  limited: { readonly low: boolean; readonly high: boolean },
): boolean {
  // A feature that was one value only, as a promotion that never was, has no size.
  if (!Number.isFinite(value) || n < OWN_VALUES || low === high) return false;
  const size = OUT_OF_SCALE * Math.max(Math.abs(low), Math.abs(high));
  // Zero is a value of its own: below it, or above, nothing ever was.
  const isTooLow = value < -size || (low > 0 && value < low / OUT_OF_SCALE) || (low === 0 && value < 0);
  const isTooHigh = value > size || (high < 0 && value > high / OUT_OF_SCALE) || (high === 0 && value > 0);
  return (isTooLow && !limited.low) || (isTooHigh && !limited.high);
}

/** Values of a feature that takes few, as a code or a count, which it never had. */
function unseen(source: SourcePanel, feature: string): Check {
  const known = new Set<number>();
  let n = 0;
  for (const value of source.panel.known[feature]!) {
    if (!Number.isFinite(value)) continue;
    n++;
    if (known.size <= FEW_VALUES) known.add(value);
  }
  const isFew = known.size <= FEW_VALUES && n >= 5 * known.size && [...known].every(Number.isInteger);
  const findings = isFew
    ? aheadWhere(source, feature, (value) => Number.isFinite(value) && !known.has(value))
    : [];
  return checkOf(
    `ahead-unseen.${feature}`,
    `values of ${feature} ahead that it had before: ${[...known].sort((a, b) => a - b).join(", ")}`,
    findings,
    {
      broken: "warn",
      detail: `${findings.length} cells ahead hold a value that ${feature} never had; no learner knows what it does`,
    },
  );
}

/** Series in which the feature never changes ahead, though it used to: the last value carried forward, or a placeholder. */
function still(source: SourcePanel, feature: string): Check {
  const { panel } = source;
  const cells = source.aheadCells!;
  const ahead = new Map<number, number[]>();
  for (let row = 0; row < cells.series.length; row++) {
    const value = cells.known[feature]![row]!;
    if (!Number.isFinite(value)) continue;
    const own = ahead.get(cells.series[row]!) ?? [];
    own.push(value);
    ahead.set(cells.series[row]!, own);
  }
  let [judged, quiet] = [0, 0];
  for (const [s, values] of ahead) {
    if (values.length < 3 || !movedBefore(source, feature, s, values.length)) continue;
    judged++;
    if (values.every((value) => value === values[0])) quiet++;
  }
  const isStill = judged > 0 && quiet >= STILL * judged;
  return checkOf(`ahead-constant.${feature}`, `values of ${feature} ahead that change as they did`, [], {
    count: isStill ? quiet : 0,
    broken: "warn",
    detail: `${feature} is the same in all ${panel.calendar.frequency}s ahead in ${quiet} of ${judged} series where it always changed; a value carried forward or a placeholder looks like this`,
  });
}

/** Whether the feature changed in every window of so many rows of the series' last years. */
function movedBefore({ panel }: SourcePanel, feature: string, s: number, length: number): boolean {
  const values = panel.known[feature]!.subarray(panel.offsets[s]!, panel.offsets[s + 1]!).slice(-60);
  const finite = values.filter((value) => Number.isFinite(value));
  let run = 1;
  let longest = 1;
  for (let row = 1; row < finite.length; row++) {
    run = finite[row] === finite[row - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return finite.length >= OWN_VALUES && longest < length;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;
