import { linear } from "../../../../src/forecast/experts/linear/linear.js";
import type { LinearExpert } from "../../../../src/forecast/experts/linear/model.js";
import type { Learner } from "../../../../src/forecast/learner.js";
import { prepareRows, type Rows } from "../../../../src/forecast/rows.js";
import type { TrainingView } from "../../../../src/forecast/training-view.js";

export interface ViewParts {
  readonly season: number;
  readonly horizon: number;
  readonly context: number;
  readonly series: readonly (readonly number[])[];
  /** [series][column] */
  readonly codes?: readonly (readonly number[])[];
  readonly levels?: readonly number[];
  /** [feature][series][position] */
  readonly known?: readonly (readonly (readonly number[])[])[];
  readonly observed?: readonly (readonly (readonly number[])[])[];
}

/** A view whose series all end at its origin, period 1000. */
export function viewOf({ season, horizon, context, ...parts }: ViewParts): TrainingView {
  const typed = (rows: readonly (readonly number[])[]) => rows.map((row) => Float64Array.from(row));
  const series = typed(parts.series);
  return {
    season,
    horizon,
    context,
    origin: 1000,
    nonNegative: series.every((row) => row.every((value) => !(value < 0))),
    series,
    start: Int32Array.from(series, (row) => (row.length === 0 ? 0 : 1001 - row.length)),
    codes: Int32Array.from((parts.codes ?? series.map(() => [0])).flat()),
    levels: parts.levels ?? [1],
    known: (parts.known ?? []).map(typed),
    observed: (parts.observed ?? []).map(typed),
  };
}

/** What the forecaster is given at the view's origin; `ahead` is [series][lead][feature]. */
export function rowsOf(view: TrainingView, ahead: readonly (readonly (readonly number[])[])[] = []): Rows {
  const { context, season, horizon, series } = view;
  const history = new Float32Array(series.length * context).fill(Number.NaN);
  series.forEach((values, s) => {
    const tail = values.subarray(-context);
    history.set(tail, (s + 1) * context - tail.length);
  });
  const last = (row: Float64Array) => row.findLast((value) => !Number.isNaN(value)) ?? Number.NaN;
  return prepareRows(
    {
      count: series.length,
      history,
      period: new Int32Array(series.length).fill(view.origin + 1),
      codes: view.codes,
      known:
        ahead.length > 0
          ? Float32Array.from(ahead.flat(2))
          : new Float32Array(series.length * horizon * view.known.length).fill(Number.NaN),
      observed: Float32Array.from(
        series.flatMap((_, s) => view.observed.map((feature) => last(feature[s]!))),
      ),
    },
    { season, horizon, context },
  );
}

export function fitted(learner: Learner, view: TrainingView): LinearExpert {
  const expert = learner.fit(view);
  if (expert.kind !== "linear") throw new Error(`${expert.kind} is not linear`);
  return expert;
}

/** [N × H] */
export const forecastOf = async (expert: LinearExpert, rows: Rows): Promise<Float64Array> =>
  linear.forecast(expert, rows);

/** Uniform in [0, 1), the same for the same seed (Numerical Recipes' LCG). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Series of the oracle: 10(s+1) + (7t(s+2) mod 11) + st/10. */
export const wave = (s: number, length: number): number[] =>
  Array.from({ length }, (_, t) => (s + 1) * 10 + ((7 * t * (s + 2)) % 11) + 0.1 * s * t);
