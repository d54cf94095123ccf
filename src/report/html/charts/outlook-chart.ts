import { compact, percent } from "../../format.js";
import type { OutlookTotals } from "../input.js";
import { AXIS_LABEL, AXIS_LINE, type Chart, type ChartKey, type ChartSize, GRID_LINE } from "./svg.js";

/** Periods of history that fit beside the forecast. */
const SHOWN = { wide: 60, narrow: 24 } as const;

/** The total of all series: what happened, what is forecast, and the interval around it. */
export function outlookChart(totals: OutlookTotals): Chart {
  const { target, history, forecast, interval } = totals;
  const hasBand = forecast.some(({ lo, hi }) => lo !== null && hi !== null);
  const keys: ChartKey[] = [
    { label: "Actual", color: "--fg", shape: "line" },
    { label: "Forecast", color: "--c1", shape: "line" },
    ...(hasBand && interval !== null
      ? [{ label: `${percent(interval.level, 0)} interval`, color: "--accent-soft", shape: "box" } as const]
      : []),
  ];
  return {
    id: "outlook-total",
    label: `Line chart: ${target} of all series, ${history.length} periods of history and ${forecast.length} of forecast. The table has the forecast figures.`,
    caption: `${target}, all series together`,
    keys,
    data: totals,
    option: (size) =>
      option(history.slice(-(size.narrow ? SHOWN.narrow : SHOWN.wide)), forecast, hasBand, size),
  };
}

function option(
  past: OutlookTotals["history"],
  future: OutlookTotals["forecast"],
  hasBand: boolean,
  { narrow }: ChartSize,
): ReturnType<Chart["option"]> {
  const last = past.at(-1);
  const gap = past.map(() => null);
  // Forecast and band start at the last actual, so that the lines meet.
  const joined = (values: readonly (number | null)[]) => [...gap.slice(1), last?.total ?? null, ...values];
  const band = hasBand
    ? [
        line(joined(future.map(({ lo }) => lo)), { stack: "band", lineStyle: INVISIBLE }),
        line(
          [...gap.slice(1), 0, ...future.map(({ lo, hi }) => (lo === null || hi === null ? null : hi - lo))],
          {
            stack: "band",
            stackStrategy: "all",
            lineStyle: INVISIBLE,
            areaStyle: { color: "var(--accent-soft)", opacity: 1 },
          },
        ),
      ]
    : [];
  return {
    grid: { left: 52, right: 26, top: 14, bottom: 30 },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: [...past, ...future].map(({ period }) => period),
      axisLabel: { ...AXIS_LABEL, hideOverlap: true, ...(narrow ? { interval: 5 } : {}) },
      axisLine: AXIS_LINE,
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      scale: true,
      axisLabel: { ...AXIS_LABEL, formatter: tickLabel },
      splitLine: GRID_LINE,
      splitNumber: 4,
    },
    series: [
      ...band,
      line([...past.map(({ total }) => total), ...future.map(() => null)], {
        lineStyle: { color: "var(--fg)", width: 1.6 },
        ...(last === undefined ? {} : { markLine: cutoffLine(last.period) }),
      }),
      line(joined(future.map(({ forecast }) => forecast)), { lineStyle: { color: "var(--c1)", width: 2.4 } }),
    ],
  };
}

const INVISIBLE = { color: "var(--accent)", opacity: 0 } as const;

/** 20.0k → 20k: ticks stand alone and need no digits to line up. */
const tickLabel = (value: number): string => compact(value).replace(/\.0+(?=\D)/, "");

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
