import { percent } from "../../format.js";
import type { Fan, OutlookTotals } from "../input.js";
import { tickLabels } from "./frame.js";
import { AXIS_LABEL, AXIS_LINE, type Chart, type ChartKey, type ChartSize, GRID_LINE } from "./svg.js";

/** Periods of history that fit beside the forecast on a phone. */
const NARROW_HISTORY = 24;

/** Colours of the bands, the narrowest first; a third level and more share the last. */
export const BAND_COLORS = ["--band-1", "--band-2", "--band-3"] as const;

export const bandColor = (index: number): string => BAND_COLORS[Math.min(index, BAND_COLORS.length - 1)]!;

export const fanKeys = (levels: readonly number[]): ChartKey[] => [
  { label: "Actual", color: "--fg", shape: "line" },
  { label: "Forecast", color: "--c1", shape: "line" },
  ...levels.map(
    (level, i): ChartKey => ({
      label: `${percent(level, 0)} interval`,
      color: bandColor(i),
      shape: "box",
    }),
  ),
];

/** The total of all series: what happened, what is forecast, and the intervals around it. */
export function outlookChart({ target, total, levels }: OutlookTotals): Chart {
  return {
    id: "outlook-total",
    label: `Line chart: ${target} of all series, ${total.history.length} periods of history and ${total.forecast.length} of forecast. The table has the forecast figures.`,
    caption: `${target}, all series together`,
    keys: fanKeys(levels),
    data: { target, total, levels },
    option: (size) => option(total, levels, size),
  };
}

function option(
  { history, forecast }: Fan,
  levels: readonly number[],
  { narrow }: ChartSize,
): ReturnType<Chart["option"]> {
  const past = narrow ? history.slice(-NARROW_HISTORY) : history;
  const last = past.at(-1);
  const gap = past.slice(1).map(() => null);
  const start = last === undefined ? [] : [last.total];
  // Forecast and bands start at the last actual, so that the lines meet.
  const joined = (values: readonly number[]) => [...gap, ...start, ...values];
  const bands = levels.map((level, i) => {
    const color = `var(${bandColor(i)})`;
    const stack = { stack: `band ${level}`, stackStrategy: "all", lineStyle: { color, opacity: 0 } };
    const bounds = forecast.map((row) => row.bands[i]!);
    const width = bounds.map(({ lo, hi }) => hi - lo);
    return [
      line(joined(bounds.map(({ lo }) => lo)), stack),
      line([...gap, ...start.map(() => 0), ...width], { ...stack, areaStyle: { color, opacity: 1 } }),
    ];
  });
  return {
    grid: { left: 52, right: 26, top: 14, bottom: 30 },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: [...past, ...forecast].map(({ period }) => period),
      axisLabel: { ...AXIS_LABEL, hideOverlap: true, ...(narrow ? { interval: 5 } : {}) },
      axisLine: AXIS_LINE,
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      scale: true,
      axisLabel: { ...AXIS_LABEL, formatter: (value: number) => tickLabels([value])[0]! },
      splitLine: GRID_LINE,
      splitNumber: 4,
    },
    series: [
      ...bands.reverse().flat(),
      line([...past.map(({ total }) => total), ...forecast.map(() => null)], {
        lineStyle: { color: "var(--fg)", width: 1.6 },
        ...(last === undefined ? {} : { markLine: cutoffLine(last.period) }),
      }),
      line(joined(forecast.map(({ forecast }) => forecast)), {
        lineStyle: { color: "var(--c1)", width: 2.4 },
      }),
    ],
  };
}

const line = (data: readonly (number | null)[], extra: object) => ({
  type: "line" as const,
  data: [...data],
  symbol: "none",
  silent: true,
  emphasis: { disabled: true },
  ...extra,
});

const cutoffLine = (period: string) => ({
  silent: true,
  symbol: "none",
  label: { show: false },
  lineStyle: { color: "var(--muted)", type: "dashed" as const, width: 1 },
  data: [{ xAxis: period }],
});
