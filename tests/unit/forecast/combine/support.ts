import type { Evidence, FoldEvidence } from "../../../../src/forecast/combine/evidence.js";
import { prepareRows } from "../../../../src/forecast/rows.js";
import { uniform } from "../learners/support.js";

export const SEASON = 4;
export const HORIZON = 4;
const CONTEXT = 12;
const COUNT = 120;

/** What actuals and experts are, as noisy multiples of a series' own size. */
export interface World {
  /** Of one cell, around 1. */
  readonly actual: (cell: Cell) => number;
  readonly experts: readonly ((cell: Cell) => number)[];
  /** Periods between two origins; the horizon by default. */
  readonly step?: number;
  readonly folds?: number;
  /** [N] */
  readonly codes?: (series: number) => number;
  readonly segments?: number;
}

export interface Cell {
  readonly series: number;
  readonly fold: number;
  readonly lead: number;
  /** Uniform in [−1, 1), one a cell. */
  readonly noise: number;
}

/** Folds of 120 series; series i is of size 10 + i. */
export function evidenceOf({ actual, experts, step = HORIZON, folds = 4, ...world }: World): Evidence {
  return {
    folds: Array.from({ length: folds }, (_, fold) => foldOf(fold, 100 + fold * step)),
    experts: experts.length,
    segments: world.segments ?? 1,
  };

  function foldOf(fold: number, origin: number): FoldEvidence {
    const random = uniform(fold + 1);
    const history = new Float32Array(COUNT * CONTEXT);
    for (let at = 0; at < history.length; at++) {
      const size = 10 + Math.floor(at / CONTEXT);
      history[at] = size * (1 + 0.2 * (random() - 0.5));
    }
    const matrix = (of: (cell: Cell) => number, seed: number): Float64Array => {
      const noise = uniform(seed);
      return Float64Array.from({ length: COUNT * HORIZON }, (_, at) => {
        const series = Math.floor(at / HORIZON);
        return (10 + series) * of({ series, fold, lead: at % HORIZON, noise: 2 * noise() - 1 });
      });
    };
    return {
      fold: { origin, gap: 0 },
      rows: prepareRows(
        {
          count: COUNT,
          history,
          period: new Int32Array(COUNT).fill(origin + 1),
          codes: Int32Array.from({ length: COUNT }, (_, series) => world.codes?.(series) ?? 0),
          known: new Float32Array(0),
          observed: new Float32Array(0),
        },
        { season: SEASON, horizon: HORIZON, context: CONTEXT },
      ),
      actual: matrix(actual, 1000 + fold),
      forecasts: experts.map((expert, k) => matrix(expert, 2000 + 10 * fold + k)),
      naive: matrix(({ noise }) => 1 + 0.3 * noise, 3000 + fold),
      clip: { nonNegative: true, clip: 3 },
      maseScale: Array.from({ length: COUNT }, (_, series) => 10 + series),
    };
  }
}
