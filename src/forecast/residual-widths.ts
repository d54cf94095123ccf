import { conformalHalfWidth } from "../stats/conformal.js";
import type { FoldOutcome } from "./cv.js";
import { groupOf } from "./cv-scores.js";
import type { ForecastModel } from "./model.js";

/**
 * Split conformal half-widths in units of the series' scale, by level and lead, from the CV residuals of the
 * composite pooled over series and folds. Levels that some lead has too few residuals for are left out.
 * @param byGroup learner of each group of series; the last group holds unknown segments
 * @param levels in (0, 1)
 */
export function conformalWidths(
  outcomes: readonly FoldOutcome[],
  codes: Int32Array,
  byGroup: readonly number[],
  horizon: number,
  levels: readonly number[],
): ForecastModel["conformal"] {
  const residuals = Array.from({ length: horizon }, (_, lead) =>
    scaledResiduals(outcomes, codes, byGroup, horizon, lead).sort(),
  );
  const rows = [...new Set(levels)]
    .sort((a, b) => a - b)
    .flatMap((level) => {
      const widths = residuals.map((sorted) => conformalHalfWidth(sorted, level));
      return widths.every((width) => width !== null) ? [{ level, widths }] : [];
    });
  return {
    levels: rows.map(({ level }) => level),
    halfWidths: rows.map(({ widths }) => widths),
    residuals: residuals.map((sorted) => sorted.length),
  };
}

function scaledResiduals(
  outcomes: readonly FoldOutcome[],
  codes: Int32Array,
  byGroup: readonly number[],
  horizon: number,
  lead: number,
): Float64Array {
  const residuals: number[] = [];
  for (const { actual, forecasts } of outcomes) {
    codes.forEach((code, series) => {
      const { forecast, scale } = forecasts[byGroup[groupOf(code, byGroup.length)]!]!;
      const cell = series * horizon + lead;
      const residual = Math.abs(actual[cell]! - forecast[cell]!) / scale[series]!;
      if (!Number.isNaN(residual)) residuals.push(residual);
    });
  }
  return Float64Array.from(residuals);
}
