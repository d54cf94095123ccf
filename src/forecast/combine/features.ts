import { levelOf, phaseOf } from "../experts/trees/features.js";
import { snap } from "../experts/trees/snap.js";
import type { Rows } from "../rows.js";

/** Features besides one an expert. */
const CONTEXT_FEATURES = 8;

export const residualWidth = (experts: number): number => experts + CONTEXT_FEATURES;

/** Mean of the experts: b. [N × H] */
export function meanForecast(experts: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(experts[0]?.length ?? 0);
  for (const forecast of experts)
    for (let cell = 0; cell < mean.length; cell++) mean[cell]! += forecast[cell]!;
  return mean.map((sum) => sum / experts.length);
}

/**
 * What the residual trees see of every (series, lead): [N·H × F], row-major. In this order: how far each
 * expert is from the mean b of all; how far b is from the level (mean of the last season); lead (from 1);
 * phase of the target period; length of the history; level; how far the level moved in a season; standard
 * deviation of the context; zeros in it. Values of the target are in units of the row's scale.
 * @param experts [K] of [N × H], clipped
 */
export function residualFeatures(experts: readonly Float64Array[], rows: Rows): Float32Array {
  const { horizon, season, context } = rows;
  const mean = meanForecast(experts);
  const width = residualWidth(experts.length);
  const all = new Float32Array(mean.length * width);
  for (let i = 0; i < rows.count; i++) {
    const scale = rows.scale[i]!;
    const seen = contextOf(rows, i);
    for (let lead = 0; lead < horizon; lead++) {
      const cell = i * horizon + lead;
      let at = cell * width;
      for (const forecast of experts) all[at++] = snap((forecast[cell]! - mean[cell]!) / scale);
      all[at++] = snap((mean[cell]! - seen.level) / scale);
      all[at++] = lead + 1;
      all[at++] = phaseOf(rows.period[i]! + lead, season);
      all[at++] = rows.length[i]!;
      all[at++] = snap(seen.level / scale);
      all[at++] = snap((seen.level - seen.before) / scale);
      all[at++] = snap(seen.deviation / scale);
      all[at++] = zerosIn(rows.history.subarray(i * context, (i + 1) * context));
    }
  }
  return all;
}

function contextOf(rows: Rows, i: number): { level: number; before: number; deviation: number } {
  const { context, season } = rows;
  const filled = rows.filled.subarray(i * context, (i + 1) * context);
  return {
    level: levelOf(filled, season),
    before: levelBefore(filled, season),
    deviation: deviationOf(filled),
  };
}

/** The level a season earlier; the level itself where the context is one season. */
function levelBefore(filled: Float64Array, season: number): number {
  const end = filled.length - season;
  return end < season ? levelOf(filled, season) : levelOf(filled.subarray(0, end), season);
}

function deviationOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

function zerosIn(history: Float32Array): number {
  let count = 0;
  for (const value of history) if (value === 0) count++;
  return count;
}
