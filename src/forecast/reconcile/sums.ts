import { fillContext } from "../context.js";
import type { Batch } from "../rows.js";
import type { Group } from "./hierarchy.js";

type Members = Pick<Group, "members">;

/** [series]: 1 for a series with a number in the last `within` periods of its row; the others have ended. */
export function alive(history: Float32Array, count: number, within: number): Uint8Array {
  const length = count === 0 ? 0 : history.length / count;
  return Uint8Array.from({ length: count }, (_, s) =>
    Number(
      history
        .subarray(Math.max(s * length, (s + 1) * length - within), (s + 1) * length)
        .some((value) => !Number.isNaN(value)),
    ),
  );
}

/**
 * What the forecaster is given of the sums of series: their histories summed, the mean of their features, no codes.
 * @param living [series] of `alive`
 */
export function sumBatch(
  batch: Batch,
  living: Uint8Array,
  groups: readonly Members[],
  season: number,
): Batch {
  const width = batch.count === 0 ? 0 : batch.codes.length / batch.count;
  return {
    count: groups.length,
    history: sumHistory(batch.history, living, groups, season),
    period: new Int32Array(groups.length).fill(batch.period[0] ?? 0),
    codes: new Int32Array(groups.length * width).fill(-1),
    known: meanOfMembers(batch.known, living, groups),
    observed: meanOfMembers(batch.observed, living, groups),
  };
}

/**
 * Summed rows. Within its time a series' gaps are filled as the forecaster fills them, so that the sum has no
 * holes; before its first number, and after the last one of a series that has ended, it adds nothing.
 * @returns [groups × length], NaN before the first number of all members
 */
export function sumHistory(
  history: Float32Array,
  living: Uint8Array,
  groups: readonly Members[],
  season: number,
): Float32Array {
  const length = living.length === 0 ? 0 : history.length / living.length;
  const filled = new Float64Array(history.length).fill(Number.NaN);
  for (let s = 0; s < living.length; s++) {
    const row = history.subarray(s * length, (s + 1) * length);
    const first = row.findIndex((value) => !Number.isNaN(value));
    if (first < 0) continue;
    const last = row.findLastIndex((value) => !Number.isNaN(value));
    const whole = fillContext(row, season);
    if (living[s] === 0) whole.fill(0, last + 1);
    filled.set(whole.subarray(first), s * length + first);
  }
  const sums = new Float32Array(groups.length * length);
  const sum = new Float64Array(length);
  groups.forEach(({ members }, g) => {
    sum.fill(Number.NaN);
    for (const s of members) {
      for (let t = 0; t < length; t++) {
        const value = filled[s * length + t]!;
        if (!Number.isNaN(value)) sum[t] = Number.isNaN(sum[t]!) ? value : sum[t]! + value;
      }
    }
    sums.set(sum, g * length);
  });
  return sums;
}

/** [groups × width] of [series × width]: the mean of the living members' numbers. */
function meanOfMembers(values: Float32Array, living: Uint8Array, groups: readonly Members[]): Float32Array {
  const width = living.length === 0 ? 0 : values.length / living.length;
  const means = new Float32Array(groups.length * width);
  groups.forEach(({ members }, g) => {
    for (let c = 0; c < width; c++) {
      let sum = 0;
      let n = 0;
      for (const s of members) {
        const value = values[s * width + c]!;
        if (living[s] === 0 || Number.isNaN(value)) continue;
        sum += value;
        n++;
      }
      means[g * width + c] = sum / n;
    }
  });
  return means;
}
