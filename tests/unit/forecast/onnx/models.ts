import fc from "fast-check";
import type { LinearExpert, LinearMap } from "../../../../src/forecast/experts/linear/model.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import type { Batch } from "../../../../src/forecast/rows.js";

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true });

const list = <T>(of: fc.Arbitrary<T>, length: number) =>
  fc.array(of, { minLength: length, maxLength: length });

interface Sizes {
  readonly horizon: number;
  readonly context: number;
  /** How many codes each column has: segments, then attributes; empty where the graph is told none. */
  readonly levels: readonly number[];
  readonly known: number;
  readonly observed: number;
}

/** Any model of linear experts that the doc comment of `ForecastModel` allows, small enough to run by the hundred. */
export const anyModel: fc.Arbitrary<ForecastModel> = fc
  .record({
    season: fc.integer({ min: 1, max: 4 }),
    seasons: fc.integer({ min: 1, max: 4 }),
    horizon: fc.integer({ min: 1, max: 5 }),
    segments: fc.constantFrom<string[]>(["all"], ["north"], ["a", "b"], ["a", "b", "c", "d"]),
    attributes: fc.constantFrom<ForecastModel["attributes"]>(
      [],
      [{ name: "tier", levels: [""] }],
      [
        { name: "tier", levels: ["high", "low"] },
        { name: "region", levels: ["", "east", "west"] },
      ],
    ),
    known: fc.subarray(["holidays", "events"]),
    observed: fc.subarray(["price"]),
    experts: fc.integer({ min: 1, max: 3 }),
    levels: fc.uniqueArray(fc.constantFrom(0.5, 0.8, 0.9, 0.95), { maxLength: 3 }),
    widthGroups: fc.boolean(),
    nonNegative: fc.boolean(),
  })
  .chain(({ season, seasons, horizon, segments, attributes, levels, widthGroups, ...rest }) => {
    const context = season * seasons;
    const groups = segments.length + 1;
    // Without a segment in its inputs, a graph has one group.
    const isTold = segments[0] !== "all" || attributes.length > 0;
    const sizes: Sizes = {
      horizon,
      context,
      levels: isTold ? [segments.length, ...attributes.map((attribute) => attribute.levels.length)] : [],
      known: rest.known.length,
      observed: rest.observed.length,
    };
    return fc.record({
      format: fc.constant(2 as const),
      frequency: fc.constantFrom("month" as const, "quarter" as const),
      season: fc.constant(season),
      horizon: fc.constant(horizon),
      context: fc.constant(context),
      nonNegative: fc.constant(rest.nonNegative),
      clip: fc.constantFrom<number>(1, 3),
      segments: fc.constant(segments),
      attributes: fc.constant(attributes),
      known: fc.constant(rest.known),
      observed: fc.constant(rest.observed),
      experts: fc
        .array(anyExpert(sizes), { minLength: rest.experts, maxLength: rest.experts })
        .map((experts) => experts.map((expert, k) => ({ ...expert, id: `expert-${k}` }))),
      combination: list(list(fc.oneof(finite(-1, 1), fc.constantFrom(0, 1)), rest.experts), groups).map(
        (weights) => ({
          method: "full" as const,
          weights: isTold ? weights : weights.map(() => weights[0]!),
          residual: null,
        }),
      ),
      conformal: list(
        list(list(finite(0, 4), horizon), levels.length),
        widthGroups && isTold ? groups : 1,
      ).map((halfWidths) => ({
        levels: [...levels].sort((a, b) => a - b),
        halfWidths,
        residuals: halfWidths.map(() => new Array<number>(horizon).fill(99)),
      })),
    });
  });

function anyExpert(sizes: Sizes): fc.Arbitrary<Omit<LinearExpert, "id">> {
  const { context, levels } = sizes;
  return fc
    .tuple(
      anyStandards(sizes.known),
      anyStandards(sizes.observed),
      fc.uniqueArray(fc.integer({ min: 2, max: context + 2 }), { maxLength: 3 }),
    )
    .chain(([known, observed, longer]) => {
      const lengths = [...longer.sort((a, b) => b - a), 1];
      const map = (minLength: number) =>
        anyMap(minLength, { ...sizes, known: known.length, observed: observed.length });
      const group = fc.nat(Math.max(0, levels.length - 1)).chain((column) =>
        fc.record({
          column: fc.constant(column),
          code: fc.nat((levels[column] ?? 1) - 1),
          maps: fc.tuple(...lengths.map((length) => fc.option(map(length)))),
        }),
      );
      return fc.record({
        kind: fc.constant("linear" as const),
        maps: fc.tuple(...lengths.map(map)),
        groups: fc.uniqueArray(group, {
          maxLength: levels.length === 0 ? 0 : 4,
          selector: ({ column, code }) => column * 10 + code,
        }),
        known: fc.constant(known),
        observed: fc.constant(observed),
      });
    });
}

const anyStandards = (columns: number): fc.Arbitrary<LinearExpert["known"]> =>
  fc.subarray(Array.from({ length: columns }, (_, column) => column)).chain((own) =>
    fc.tuple(
      ...own.map((column) =>
        fc.record({
          column: fc.constant(column),
          centre: finite(-2, 2),
          spread: fc.constantFrom(0.25, 1, 3),
        }),
      ),
    ),
  );

function anyMap(minLength: number, { horizon, context, known, observed }: Sizes): fc.Arbitrary<LinearMap> {
  const matrix = (rows: number) => list(list(finite(-1, 1), horizon), rows);
  return fc.integer({ min: 1, max: context }).chain((lags) =>
    fc.record(
      {
        minLength: fc.constant(minLength),
        lags: fc.constant(lags),
        weights: matrix(lags),
        intercept: list(finite(-1, 1), horizon),
        known: matrix(known),
        observed: matrix(observed),
      },
      { requiredKeys: ["minLength", "lags", "weights"] },
    ),
  );
}

/**
 * Rows of every awkward kind: gaps, short series, ended series, all missing, zeros, one value, alternating, huge,
 * negative; unknown codes; features that are missing or far away.
 */
export function anyBatch(model: ForecastModel): fc.Arbitrary<Batch> {
  const value = fc.oneof(
    { weight: 6, arbitrary: finite(-10, 1000) },
    { weight: 2, arbitrary: fc.constant(Number.NaN) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1e12, -1e12, 1e-12) },
  );
  const { context, horizon, known, observed } = model;
  const dense = list(value, context);
  const history = fc.oneof(
    dense,
    fc.tuple(dense, fc.nat(context)).map(([x, n]) => x.map((v, t) => (t < n ? Number.NaN : v))),
    fc.tuple(dense, fc.nat(context)).map(([x, n]) => x.map((v, t) => (t >= n ? Number.NaN : v))),
    fc.constantFrom(0, 7, -3, 1e12, Number.NaN).map((v) => new Array<number>(context).fill(v)),
    fc.constantFrom(1, 1e12).map((v) => Array.from({ length: context }, (_, t) => (t % 2 === 0 ? v : -v))),
    fc
      .tuple(fc.nat(context - 1), finite(-5, 5))
      .map(([at, v]) => Array.from({ length: context }, (_, t) => (t === at ? v : Number.NaN))),
  );
  const feature = fc.oneof(finite(-5, 5), fc.constantFrom(Number.NaN, 0, 1e6));
  const levels = [model.segments.length, ...model.attributes.map((attribute) => attribute.levels.length)];
  const row = fc.record({
    history,
    period: fc.integer({ min: 0, max: 30_000 }),
    codes: fc.tuple(...levels.map((count) => fc.integer({ min: -1, max: count - 1 }))),
    known: list(feature, horizon * known.length),
    observed: list(feature, observed.length),
  });
  return fc.array(row, { minLength: 1, maxLength: 6 }).map((rows) => ({
    count: rows.length,
    history: Float32Array.from(rows.flatMap((own) => own.history)),
    period: Int32Array.from(rows.map((own) => own.period)),
    codes: Int32Array.from(rows.flatMap((own) => own.codes)),
    known: Float32Array.from(rows.flatMap((own) => own.known)),
    observed: Float32Array.from(rows.flatMap((own) => own.observed)),
  }));
}
