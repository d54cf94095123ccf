import type { HonestFold } from "../../../../src/forecast/intervals/widths.js";
import { prepareRows } from "../../../../src/forecast/rows.js";

export interface FoldCells {
  readonly origin: number;
  readonly gap?: number;
  readonly segments?: readonly number[];
  /** [series][lead]: actual − forecast, in units of the scale. */
  readonly residuals: readonly (readonly number[])[];
}

export const FORECAST = 100;
export const SCALE = 2;

/** Series of a scale of 2 that are forecast as 100 at every lead. */
export function foldOf({ origin, gap = 0, segments, residuals }: FoldCells): HonestFold {
  const count = residuals.length;
  const horizon = residuals[0]!.length;
  const rows = prepareRows(
    {
      count,
      history: Float32Array.from({ length: count * 2 }, (_, i) => 10 + SCALE * (i % 2)),
      period: new Int32Array(count),
      codes: Int32Array.from(segments ?? residuals.map(() => 0)),
      known: new Float32Array(0),
      observed: new Float32Array(0),
    },
    { season: 1, horizon, context: 2 },
  );
  return {
    fold: { origin, gap },
    rows,
    actual: Float64Array.from(residuals.flat(), (residual) => FORECAST + SCALE * residual),
    forecast: new Float64Array(count * horizon).fill(FORECAST),
  };
}
