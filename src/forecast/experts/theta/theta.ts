import type { Rows } from "../../rows.js";
import type { ExpertKind } from "../kind.js";
import { emitTheta } from "./emit.js";
import type { ThetaExpert } from "./model.js";
import { firstPhase, seasonality } from "./seasonality.js";
import { smooth } from "./smoothing.js";

export const theta: ExpertKind<ThetaExpert> = { forecast: forecastTheta, emit: emitTheta };

function forecastTheta(expert: ThetaExpert, rows: Rows): Float64Array {
  const { context, horizon, season } = rows;
  const forecast = new Float64Array(rows.count * horizon);
  for (let i = 0; i < rows.count; i++) {
    const length = rows.length[i]!;
    if (length === 0) continue;
    const row = rows.filled.subarray((i + 1) * context - length, (i + 1) * context);
    forecast.set(forecastRow(expert, row, season, horizon), i * horizon);
  }
  return forecast;
}

/** @param row a whole history, most recent last; the forecast's first period has phase 0 */
function forecastRow(expert: ThetaExpert, row: Float64Array, season: number, horizon: number): Float64Array {
  const { multiplicative, index } = seasonality(row, season);
  const first = firstPhase(row.length, season);
  const level = row.map((value, t) => {
    const own = index[(first + t) % season]!;
    return multiplicative ? value / own : value - own;
  });
  return smooth(level, season, expert, horizon).map((value, h) => {
    const own = index[h % season]!;
    return multiplicative ? value * own : value + own;
  });
}
