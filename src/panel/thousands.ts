import { periodsPerQuarter } from "../calendar/period.js";
import type { Panel } from "./panel.js";

/** Periods that are looked at, the newest. */
const PERIODS = 60;
const FEWEST_SERIES = 2;
const FEWEST_VALUES = 6;
/** Last digits are 0 in one value of ten, and `5.590` is 5.59. */
const THREE_PLACES = 0.75;
/** A value is nearer to its series' whole numbers when it is multiplied by 1000. */
const HALFWAY = Math.sqrt(1000);

/** Numbers in which a point that separates thousands was read as a decimal point, and the panel as it was meant. */
export interface ThousandsPoint {
  /** Indices of the series. */
  readonly members: readonly number[];
  /** Periods of the first and last such number. */
  readonly first: number;
  readonly last: number;
  /** Whether most of the series hold such numbers alone, which might as well be thousands. */
  readonly isWeak: boolean;
  readonly meant: Panel;
}

/**
 * `5.595` for 5595: numbers below a thousand are whole as they should be, those above are 1 to 999 with three decimal places and nothing else. A series
 * that holds both tells, where its whole numbers are of the size that the others have without the point. Numbers with other decimals say the opposite.
 * Null too where the quarter has none.
 */
export function thousandsPoint(panel: Panel): ThousandsPoint | null {
  const kinds = panel.series.map((_, s) => kindOf(lastValues(panel, s).map(({ value }) => value)));
  const telling = kinds.filter(({ kind }) => kind === "both").length;
  // 861 that came as 0.861 was divided: that is a unit, and no point.
  if (kinds.filter(({ kind }) => kind === "divided").length > 0.1 * telling) return null;
  const holding = kinds.flatMap(({ kind }, s) => (kind === "both" || kind === "points" ? [s] : []));
  const values = holding.flatMap((s) => kinds[s]!.points);
  const places = values.filter((value) => Math.round(value * 1000) % 10 !== 0).length;
  if (telling < Math.min(FEWEST_SERIES, panel.series.length) || values.length < FEWEST_VALUES) return null;
  if (places < THREE_PLACES * values.length) return null;
  // Series with nothing but such numbers may just be in thousands: they join those that tell, and do not outvote them.
  const members =
    telling >= 0.2 * holding.length ? holding : holding.filter((s) => kinds[s]!.kind === "both");
  const periods = members.flatMap((s) =>
    lastValues(panel, s).flatMap(({ value, period }) => (Number.isInteger(value) ? [] : [period])),
  );
  const first = periods.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = periods.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (last <= panel.lastPeriod - periodsPerQuarter(panel.calendar.frequency)) return null;
  const isWeak = holding.length - telling > 4 * telling;
  return { members, first, last, isWeak, meant: restored(panel, new Set(members)) };
}

/** Sizes of a series' finite values in the newest periods. */
function lastValues(panel: Panel, s: number): { readonly value: number; readonly period: number }[] {
  const found: { value: number; period: number }[] = [];
  for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
    const value = Math.abs(panel.target[row]!);
    const period = panel.period[row]!;
    if (Number.isFinite(value) && period > panel.lastPeriod - PERIODS) found.push({ value, period });
  }
  return found;
}

interface Kind {
  /** Of a series: thousands by point beside whole numbers of their size, such points alone, whole numbers alone, a thousandth of its other numbers, or something else. */
  readonly kind: "both" | "points" | "whole" | "divided" | "other";
  readonly points: readonly number[];
}

function kindOf(values: readonly number[]): Kind {
  const points: number[] = [];
  const whole: number[] = [];
  let below = 0;
  for (const value of values) {
    if (value === 0) continue;
    if (Number.isInteger(value)) whole.push(value);
    else if (isThousandths(value) && value < 1000) {
      points.push(value);
      if (value < 1) below++;
    } else return { kind: "other", points: [] };
  }
  if (points.length === 0) return { kind: "whole", points };
  if (whole.length === 0 && below > 0) return { kind: "other", points: [] };
  if (whole.length === 0) return { kind: "points", points };
  // 2000 came as `2.000`, which is 2: whole numbers of the points' own size say nothing.
  const large = whole.filter((value) => value >= 10 * median(points));
  if (large.length === 0) return { kind: "other", points: [] };
  const size = median(large);
  const nearer = points.filter((value) => value * HALFWAY < size).length;
  if (nearer < 0.95 * points.length) return { kind: "other", points: [] };
  return { kind: below > 0 ? "divided" : "both", points };
}

/** With at most three decimal places. */
const isThousandths = (value: number): boolean => Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-6;

/** Every value of the members with a point, times 1000; `2.000`, which is 2 now, where all of the period's other values have a point. */
function restored(panel: Panel, members: ReadonlySet<number>): Panel {
  const target = panel.target.slice();
  for (const s of members) {
    const rows = { first: panel.offsets[s]!, end: panel.offsets[s + 1]! };
    const points: number[] = [];
    for (let row = rows.first; row < rows.end; row++) {
      if (Number.isFinite(target[row]!) && !Number.isInteger(target[row]!))
        points.push(Math.abs(target[row]!));
    }
    const size = median(points);
    for (let row = rows.first; row < rows.end; row++) {
      const value = Math.abs(target[row]!);
      const isRound = Number.isInteger(value) && value > 0 && value <= 4 * size;
      if (Number.isFinite(value) && (!Number.isInteger(value) || isRound)) target[row] = target[row]! * 1000;
    }
  }
  return { ...panel, target };
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
