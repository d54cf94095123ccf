import type { Calendar } from "../../src/calendar/period.js";
import type { SegmentCodes } from "../../src/forecast/segment-codes.js";
import type { Panel } from "../../src/panel/panel.js";
import { MONTHS, panelOf, type SeriesValues } from "./panels.js";

export const QUARTERS: Calendar = { frequency: "quarter", fiscalYearStart: 1 };

/** Uniform in [0, 1), the same for the same seed (Numerical Recipes' LCG). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A level with a season of 30% and noise of 5%. */
export function seasonal(level: number, length: number, seed: number, season = 12): number[] {
  const random = uniform(seed);
  return Array.from(
    { length },
    (_, t) => level * (1 + 0.3 * Math.sin((2 * Math.PI * t) / season)) * (0.975 + 0.05 * random()),
  );
}

/** `count` such series that all end in the same period. */
export function smallPanel(count: number, length: number, calendar = MONTHS): Panel {
  const season = calendar.frequency === "month" ? 12 : 4;
  const start = calendar.frequency === "month" ? 2012 * 12 : 2012 * 4;
  return panelOf(
    Array.from(
      { length: count },
      (_, i): SeriesValues => ({
        id: `s${i}`,
        start,
        values: seasonal(100 * (i + 1), length, i + 1, season),
      }),
    ),
    calendar,
  );
}

export const oneSegment = (panel: Panel): SegmentCodes => ({
  ids: ["all"],
  codes: new Int32Array(panel.series.length),
});
