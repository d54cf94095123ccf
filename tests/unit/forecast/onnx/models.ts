import fc from "fast-check";
import type { ForecastModel } from "../../../../src/forecast/model.js";

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true });

/** Any model that the doc comment of `ForecastModel` allows, small enough to run by the hundred. */
export const anyModel: fc.Arbitrary<ForecastModel> = fc
  .record({
    season: fc.integer({ min: 1, max: 4 }),
    seasons: fc.integer({ min: 1, max: 4 }),
    horizon: fc.integer({ min: 1, max: 5 }),
    segments: fc.constantFrom<string[]>(["all"], ["north"], ["a", "b"], ["a", "b", "c", "d"]),
    learners: fc.integer({ min: 1, max: 3 }),
    levels: fc.uniqueArray(fc.constantFrom(0.5, 0.8, 0.9, 0.95), { maxLength: 3 }),
    nonNegative: fc.boolean(),
  })
  .chain(({ season, seasons, horizon, segments, learners, levels, nonNegative }) => {
    const context = season * seasons;
    const matrix = (rows: number, of: fc.Arbitrary<number>) =>
      fc.array(fc.array(of, { minLength: horizon, maxLength: horizon }), {
        minLength: rows,
        maxLength: rows,
      });
    const map = (minLength: number) =>
      fc
        .integer({ min: 1, max: context })
        .chain((lags) => matrix(lags, finite(-1, 1)).map((weights) => ({ minLength, lags, weights })));
    const maps = fc
      .uniqueArray(fc.integer({ min: 2, max: context + 2 }), { maxLength: 3 })
      .chain((lengths) => fc.tuple(...[...lengths.sort((a, b) => b - a), 1].map(map)));
    return fc.record({
      format: fc.constant(1 as const),
      frequency: fc.constantFrom("month" as const, "quarter" as const),
      season: fc.constant(season),
      horizon: fc.constant(horizon),
      context: fc.constant(context),
      nonNegative: fc.constant(nonNegative),
      clip: fc.constantFrom<number>(1, 3),
      segments: fc.constant(segments),
      learners: fc
        .array(maps, { minLength: learners, maxLength: learners })
        .map((all) => all.map((list, index) => ({ id: `learner-${index}`, maps: list }))),
      chosen: fc.array(fc.nat(learners - 1), { minLength: segments.length, maxLength: segments.length }),
      fallback: fc.nat(learners - 1),
      conformal: matrix(levels.length, finite(0, 4)).map((halfWidths) => ({
        levels: [...levels].sort((a, b) => a - b),
        halfWidths,
        residuals: new Array<number>(horizon).fill(99),
      })),
    });
  });

export interface Batch {
  readonly history: Float32Array;
  readonly codes: Int32Array;
}

/**
 * Rows of every awkward kind: gaps, short series, ended series, all missing, zeros, one value, huge,
 * negative.
 */
export function anyBatch(model: ForecastModel): fc.Arbitrary<Batch> {
  const value = fc.oneof(
    { weight: 6, arbitrary: finite(-10, 1000) },
    { weight: 2, arbitrary: fc.constant(Number.NaN) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1e12, -1e12, 1e-12) },
  );
  const { context } = model;
  const dense = fc.array(value, { minLength: context, maxLength: context });
  const row = fc.oneof(
    dense,
    fc.tuple(dense, fc.nat(context)).map(([x, n]) => x.map((v, t) => (t < n ? Number.NaN : v))),
    fc.tuple(dense, fc.nat(context)).map(([x, n]) => x.map((v, t) => (t >= n ? Number.NaN : v))),
    fc.constantFrom(0, 7, -3, 1e12, Number.NaN).map((v) => new Array<number>(context).fill(v)),
    fc
      .tuple(fc.nat(context - 1), finite(-5, 5))
      .map(([at, v]) => Array.from({ length: context }, (_, t) => (t === at ? v : Number.NaN))),
  );
  return fc
    .array(fc.tuple(row, fc.integer({ min: -1, max: model.segments.length - 1 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((rows) => ({
      history: Float32Array.from(rows.flatMap(([x]) => x)),
      codes: Int32Array.from(rows.map(([, code]) => code)),
    }));
}
