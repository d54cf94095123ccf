import type { LinearExpert } from "../experts/linear/model.js";
import type { TrainingView } from "../training-view.js";

type Standard = LinearExpert["known"][number];

/** Features of the rows of a pool, as z-scores over the pool, 0 where missing. */
export interface PoolFeatures {
  readonly known: readonly Standard[];
  readonly observed: readonly Standard[];
  /** [series][feature], known ones first: the value for a target at each position of the series. */
  readonly rows: readonly (readonly Float64Array[])[];
}

/** A feature that is constant or absent is left out: it says nothing. */
export function poolFeatures(view: TrainingView): PoolFeatures {
  const known = view.known.flatMap((rows, column) => standardOf(rows, column));
  const observed = view.observed.flatMap((rows, column) => standardOf(rows, column));
  return {
    known,
    observed,
    rows: view.series.map((_, s) => [
      ...known.map((standard) => view.known[standard.column]![s]!.map((value) => zScore(value, standard))),
      ...observed.map((standard) => lastBefore(view.observed[standard.column]![s]!, standard)),
    ]),
  };
}

/** In float32, as the forecaster is given it. */
export const zScore = (value: number, { centre, spread }: Standard): number =>
  Number.isNaN(value) ? 0 : (Math.fround(value) - centre) / spread;

/** For each position the last number before it. */
function lastBefore(values: Float64Array, standard: Standard): Float64Array {
  let last = Number.NaN;
  return values.map((value) => {
    const z = zScore(last, standard);
    if (!Number.isNaN(value)) last = value;
    return z;
  });
}

/** Differences below this share of the largest number are rounding in float32. */
const ROUNDING = 1e-6;

function standardOf(rows: readonly Float64Array[], column: number): Standard[] {
  let count = 0;
  let sum = 0;
  let largest = 0;
  const each = (visit: (value: number) => void): void => {
    for (const row of rows) for (const value of row) if (!Number.isNaN(value)) visit(Math.fround(value));
  };
  each((value) => {
    count++;
    sum += value;
    largest = Math.max(largest, Math.abs(value));
  });
  const centre = sum / count;
  let squares = 0;
  each((value) => {
    squares += (value - centre) ** 2;
  });
  const spread = Math.sqrt(squares / count);
  return spread > ROUNDING * largest && Number.isFinite(spread) ? [{ column, centre, spread }] : [];
}
