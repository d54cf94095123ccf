import type { AccuracyReport, DrawnSeries } from "../../../kit/artifacts/accuracy.js";
import { compact, percent } from "../../format.js";
import { periodFigure } from "../charts/period-figure.js";
import { keyList } from "../charts/svg.js";
import type { Html } from "../markup.js";
import { type Multiple, multiples } from "../parts.js";

/** The worst series with what happened, and what had been forecast. */
export function worstDrawn({ drawn, worstSeries }: AccuracyReport): Html | string {
  if (drawn.series.length === 0) return "";
  const wmapeOf = new Map(worstSeries.map(({ key, wmape }) => [key, wmape]));
  return multiples(
    "The worst series: what happened, and the live forecast of the quarter",
    drawn.series.map((series) => worstFigure(series, wmapeOf.get(series.key) ?? null)),
    keyList([
      { label: "Actual", color: "--fg", shape: "line" },
      { label: "Live forecast", color: "--c1", shape: "line" },
      ...(drawn.level === null
        ? []
        : [{ label: `${percent(drawn.level, 0)} interval`, color: "--band-1", shape: "box" } as const]),
    ]),
  );
}

function worstFigure({ key, actuals, forecasts }: DrawnSeries, wmape: number | null): Multiple {
  const at = new Map(forecasts.map((row) => [row.period, row]));
  const aligned = (of: (row: DrawnSeries["forecasts"][number]) => number | null) =>
    actuals.map(({ period }) => {
      const row = at.get(period);
      return row === undefined ? null : of(row);
    });
  const first = actuals.findIndex(({ period }) => at.has(period));
  const happened = new Map(actuals.map(({ period, actual }) => [period, actual]));
  const figures = forecasts.map(
    ({ period, forecast }) =>
      `${period} forecast ${compact(forecast)}, actual ${compact(happened.get(period))}`,
  );
  return {
    title: key,
    note: `WMAPE ${percent(wmape)}`,
    drawing: periodFigure({
      label: `Line chart of ${key}: ${figures.join("; ")}.`,
      periods: actuals.map(({ period }) => period),
      bands: [{ lo: aligned(({ lo }) => lo), hi: aligned(({ hi }) => hi), color: "--band-1" }],
      lines: [
        { values: actuals.map(({ actual }) => actual), color: "--fg", width: 1.4 },
        { values: aligned(({ forecast }) => forecast), color: "--c1", width: 2.2, dots: true },
      ],
      cutoff: first > 0 ? first - 1 : null,
    }),
  };
}
