import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import type { FeatureFigure } from "./psi.js";
import { type DriftReference, featureColumn, type PeriodRange, referenceRange } from "./reference.js";

export interface MissingOptions {
  readonly features: readonly string[];
  readonly reference: DriftReference;
  /** Cells that each side needs. */
  readonly minN: number;
  readonly quarterPeriods: PeriodRange;
}

/**
 * How much larger the share of missing cells is in the quarter than in the reference. A cell is a period of a series from its first row on; one
 * without a row is missing, so a series that stops counts.
 * @throws FailureError `data.name-unknown` for a feature that the panel does not have
 */
export function missingIncrease(panel: Panel, options: MissingOptions): FeatureFigure[] {
  const { quarterPeriods, reference, minN } = options;
  const range = referenceRange(reference, quarterPeriods, seasonLength(panel.calendar.frequency));
  return options.features.map((feature) => {
    const column = featureColumn(panel, feature);
    const now = missingIn(panel, column, quarterPeriods);
    const then = missingIn(panel, column, range);
    const isEnough = now.cells >= Math.max(1, minN) && then.cells >= Math.max(1, minN);
    return {
      feature,
      observed: isEnough ? now.missing / now.cells - then.missing / then.cells : null,
      n: now.cells,
      nReference: then.cells,
      why: isEnough ? null : "too-few-rows",
    };
  });
}

function missingIn(panel: Panel, column: Float64Array, { first, last }: PeriodRange) {
  let [cells, present] = [0, 0];
  for (let s = 0; s < panel.series.length; s++) {
    const start = panel.offsets[s]!;
    if (start === panel.offsets[s + 1]) continue;
    cells += Math.max(0, last - Math.max(first, panel.period[start]!) + 1);
    for (let row = start; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (period >= first && period <= last && !Number.isNaN(column[row]!)) present++;
    }
  }
  return { cells, missing: cells - present };
}
