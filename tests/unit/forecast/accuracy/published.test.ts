import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Calendar } from "../../../../src/calendar/period.js";
import { scoreSnapshots } from "../../../../src/forecast/accuracy/report.js";
import { MONTHS, readGzippedPanel, realPanels } from "../../../support/panels.js";

const QUARTERS: Calendar = { frequency: "quarter", fiscalYearStart: 1 };

/** Seasonal naive scores of the last `windows` windows of `length` periods, each made at the window's start. */
function naiveScores(file: string, calendar: Calendar, windows: number, length: number) {
  const { panel } = readGzippedPanel(join(realPanels ?? "", file), calendar);
  return Array.from({ length: windows }, (_, window) => {
    const cutoff = panel.lastPeriod - (window + 1) * length;
    const range = { first: cutoff + 1, last: cutoff + length };
    const periods = Array.from({ length }, (_, lead) => range.first + lead);
    const series = panel.series.flatMap((id) => periods.map(() => id));
    const snapshot = {
      cutoff,
      series,
      period: panel.series.flatMap(() => periods),
      forecast: series.map(() => 0),
      intervals: [],
    };
    const request = { panel, snapshots: [snapshot], range, segmentOf: () => null, worst: 0 };
    return scoreSnapshots(request).report.naive;
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Published figures: see the facts that come with the panels. They are rounded to what is compared here. */
describe.skipIf(realPanels === null)(
  "seasonal naive on public panels (skipped without RETRAIN_PANELS)",
  () => {
    test.each([
      ["aus_tourism_large_monthly.csv.gz", MONTHS, 12, 0.4358, 1.1],
      ["aus_tourism_region_quarterly.csv.gz", QUARTERS, 4, 0.2032, 1.13],
    ] as const)("%s has the published WMAPE and MASE", (file, calendar, length, wmape, mase) => {
      const windows = naiveScores(file, calendar, 4, length);
      const pooled =
        windows.reduce((sum, one) => sum + one.absoluteError, 0) /
        windows.reduce((sum, one) => sum + one.absoluteActual, 0);
      expect(windows.every((one) => one.n === 304 * length)).toBe(true);
      expect(pooled).toBeCloseTo(wmape, 3);
      expect(mean(windows.map((one) => one.mase ?? Number.NaN))).toBeCloseTo(mase, 2);
    });
  },
);
