import { fillContext, type HistoryRow, meanMagnitude } from "./context.js";

/** Missing periods in a row that make what comes after them a relaunch. */
export const RELAUNCH_GAP = 3;

/** By how much a level must have moved to be another one: not at all below the first factor, wholly from the second one. */
export const RELAUNCH_FACTOR = { from: Math.log(1.5), to: Math.log(2) };

/** The same in standard errors of what a season changes anyway. */
export const RELAUNCH_NOISE = { from: 2, to: 4 };

/** Against a division by the noise of a series that had none, as a share of its level. */
export const LEAST_NOISE = 1e-6;

/**
 * What a series was before its last long gap, at the level that it has after it: a relaunch at six times the old level keeps its season, and its
 * noise grows with it. The factor compares the first season after the gap with the same months of the history before, and fades in, so that no last bit
 * decides. A level that is within noise of the old one is left alone: what is missing may be zeros.
 * @returns the row itself where nothing moved
 */
export function relevelled<Row extends HistoryRow>(row: Row, season: number): Row {
  const start = lastRelaunch(row);
  if (start < 0) return row;
  const before = row.slice(0, start) as Row;
  const factor = relaunchFactor(before, row.subarray(start, start + season), season);
  if (factor === 1) return row;
  return row.map((value, t) => (t < start ? value * factor : value)) as Row;
}

/** Index of the first number after the last long gap; −1 where there is none. A gap at the end is not over. */
function lastRelaunch(row: HistoryRow): number {
  let missing = 0;
  let isAfter = false;
  for (let t = row.length - 1; t >= 0; t--) {
    if (Number.isNaN(row[t]!)) {
      missing++;
      continue;
    }
    if (isAfter && missing >= RELAUNCH_GAP) return t + missing + 1;
    isAfter = true;
    missing = 0;
  }
  return -1;
}

function relaunchFactor(before: HistoryRow, after: HistoryRow, season: number): number {
  // The same months, as the forecaster fills them.
  const whole = new Float64Array(before.length + after.length).fill(Number.NaN);
  whole.set(before);
  const expected = fillContext(whole, season).subarray(before.length);
  let [old, now, count] = [0, 0, 0];
  for (const [t, value] of after.entries()) {
    if (Number.isNaN(value)) continue;
    old += Math.abs(expected[t]!);
    now += Math.abs(value);
    count++;
  }
  if (!(old > 0 && now > 0)) return 1;
  const level = meanMagnitude(before);
  const z =
    Math.abs(now - old) /
    (Math.sqrt(count) * Math.max(usualChange(before, season, level), LEAST_NOISE * level));
  const log = Math.log(now / old);
  const share = ramp(z, RELAUNCH_NOISE) * ramp(Math.abs(log), RELAUNCH_FACTOR);
  return share === 0 ? 1 : Math.exp(share * log);
}

/** The seasonal naive error; the level itself where less than half a season can be compared. */
function usualChange(row: HistoryRow, season: number, level: number): number {
  let [sum, pairs] = [0, 0];
  for (let t = season; t < row.length; t++) {
    const change = Math.abs(row[t]! - row[t - season]!);
    if (Number.isNaN(change)) continue;
    sum += change;
    pairs++;
  }
  return 2 * pairs >= season ? sum / pairs : level;
}

const ramp = (value: number, { from, to }: { readonly from: number; readonly to: number }): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));
