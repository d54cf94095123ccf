import { canonicalJson } from "../../kit/json.js";
import type { ForecastOutside } from "../cv.js";

/**
 * Remembers what programs forecast, so that trials which differ in other learners alone start them once. For one panel
 * and one grouping into segments; their forecasts are few beside those of the other learners, and all are kept.
 */
export function cachedPrograms(forecastOutside: ForecastOutside): ForecastOutside {
  const known = new Map<string, readonly Float64Array[]>();
  return async (data, folds, spec, programs) => {
    const { env: _, timeout: __, ...asked } = spec;
    const spans = folds.map(({ number, origin, since, gap }) => [
      number,
      origin,
      Number.isFinite(since) ? since : null,
      gap,
    ]);
    const key = canonicalJson({ context: data.context, horizon: data.horizon, spans, ...asked });
    const forecasts = known.get(key) ?? (await forecastOutside(data, folds, spec, programs));
    known.set(key, forecasts);
    // CV blanks rows in place.
    return forecasts.map((forecast) => forecast.slice());
  };
}
