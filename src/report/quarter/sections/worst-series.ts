import type { AccuracyReport, DrawnSeries } from "../../../kit/artifacts/accuracy.js";
import { compact, levelText, percent } from "../../format.js";
import type { Block, Multiple } from "../../page/model.js";
import type { QuarterInput } from "../input.js";

/** The worst series with what happened, and what had been forecast. */
export function worstDrawn({ drawn, worstSeries }: AccuracyReport, names: QuarterInput["names"]): Block[] {
  if (drawn.series.length === 0) return [];
  const wmapeOf = new Map(worstSeries.map(({ key, wmape }) => [key, wmape]));
  return [
    {
      kind: "multiples",
      caption: "The worst series: what happened, and the live forecast of the quarter",
      keys: [
        { label: "Actual", color: "--fg", shape: "line" },
        { label: "Live forecast", color: "--c1", shape: "line" },
        ...(drawn.level === null
          ? []
          : [{ label: `${levelText(drawn.level)} interval`, color: "--band-1", shape: "box" } as const]),
      ],
      items: drawn.series.map((series) =>
        worstOne(series, wmapeOf.get(series.key) ?? null, names.text(series.key)),
      ),
    },
  ];
}

function worstOne({ actuals, forecasts }: DrawnSeries, wmape: number | null, name: string): Multiple {
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
    title: name,
    note: `WMAPE ${percent(wmape)}`,
    drawing: {
      label: `Line chart of ${name}: ${figures.join("; ")}.`,
      axis: {
        kind: "points",
        labels: actuals.map(({ period }) => period),
        named: first > 0 ? [first - 1] : [],
      },
      unit: "number",
      hasZero: false,
      marks: [
        { kind: "band", lo: aligned(({ lo }) => lo), hi: aligned(({ hi }) => hi), color: "--band-1" },
        ...(first > 0 ? [{ kind: "upright" as const, at: first - 1 }] : []),
        { kind: "line", values: actuals.map(({ actual }) => actual), color: "--fg", width: 1.4 },
        {
          kind: "line",
          values: aligned(({ forecast }) => forecast),
          color: "--c1",
          width: 2.2,
          hasDots: true,
        },
      ],
    },
  };
}
