import type { CvControl } from "../../src/forecast/cv.js";
import type { Executor } from "../../src/forecast/executor.js";
import { inlineExecutor } from "../../src/forecast/inline-executor.js";
import type { TrainOptions } from "../../src/forecast/training-plan.js";
import type { SeriesValues } from "./panels.js";

const LEVELS = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99];

/** Two quick learners, and whichever CV says. */
export const trainOptions = (overrides: Partial<TrainOptions> = {}): TrainOptions => ({
  horizon: 6,
  folds: 3,
  step: null,
  window: null,
  gap: 0,
  ensemble: "single",
  learners: ["seasonal-naive", "pooled-ridge"],
  context: null,
  levels: LEVELS,
  widthsBySegment: false,
  minSegmentSeries: 1,
  ...overrides,
});

export const quietControl = (executor: Executor = inlineExecutor): CvControl => ({
  executor,
  signal: new AbortController().signal,
  onFold: () => {},
});

/** Uniform in [0, 1), the same for the same seed (Numerical Recipes' LCG). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Months from 2015-01 on: `g*` grow with noise and have no season, `s*` repeat their season exactly. */
export function twoKindsOfSeries(each: number, length = 72): SeriesValues[] {
  const start = 2015 * 12;
  return Array.from({ length: each }, (_, i) => {
    const random = noise(i + 1);
    const level = 50 * (i + 1);
    return [
      {
        id: `g${i}`,
        start,
        values: Array.from({ length }, (_, t) => level * 1.02 ** t * (0.95 + 0.1 * random())),
      },
      {
        id: `s${i}`,
        start,
        values: Array.from({ length }, (_, t) => level * (1 + 0.5 * ((t * 7 + i) % 12))),
      },
    ];
  }).flat();
}
