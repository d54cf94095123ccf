import { compact, levelText, plural } from "../../format.js";
import type { ColorKey, Drawing } from "../../page/drawing/drawing.js";
import type { Fan } from "../input.js";

/** Colours of the bands, the narrowest first; a third level and more share the last. */
const BAND_COLORS = ["--band-1", "--band-2", "--band-3"] as const;

const bandColor = (index: number): string => BAND_COLORS[Math.min(index, BAND_COLORS.length - 1)]!;

/** @param levels of the intervals, rising */
export const fanKeys = (levels: readonly number[]): ColorKey[] => [
  { label: "Actual", color: "--fg", shape: "line" },
  { label: "Forecast", color: "--c1", shape: "line" },
  ...levels.map(
    (level, i): ColorKey => ({ label: `${levelText(level)} interval`, color: bandColor(i), shape: "box" }),
  ),
];

/**
 * What happened, what is forecast, and the intervals around it.
 * @param name of what is drawn
 * @param levels of all drawings that share a key, rising; a fan may lack some
 */
export function fanDrawing(
  name: string,
  { history, forecast, levels }: Fan,
  all: readonly number[],
): Drawing {
  const gap = history.slice(1).map(() => null);
  const start = history.length === 0 ? [] : [history.at(-1)!.total];
  // Forecast and bands start at the last actual, so that the lines meet.
  const ahead = (of: (row: Fan["forecast"][number]) => number) => [...gap, ...start, ...forecast.map(of)];
  const cutoff = history.length - 1;
  return {
    label: `Line chart of ${name}: ${plural(history.length, "period")} of history and ${plural(forecast.length, "period")} of forecast from ${forecast[0]?.period ?? ""}, ${compact(volume(forecast))} in all.`,
    axis: {
      kind: "points",
      labels: [...history, ...forecast].map(({ period }) => period),
      named: cutoff < 0 ? [] : [cutoff],
    },
    unit: "number",
    hasZero: false,
    marks: [
      ...levels
        .map((level, i) => ({
          kind: "band" as const,
          lo: ahead(({ bands }) => bands[i]!.lo),
          hi: ahead(({ bands }) => bands[i]!.hi),
          color: bandColor(all.indexOf(level)),
        }))
        .reverse(),
      ...(cutoff < 0 ? [] : [{ kind: "upright" as const, at: cutoff }]),
      {
        kind: "line",
        values: [...history.map(({ total }) => total), ...forecast.map(() => null)],
        color: "--fg",
        width: 1.5,
      },
      { kind: "line", values: ahead((row) => row.forecast), color: "--c1", width: 2.3 },
    ],
  };
}

export const volume = (forecast: Fan["forecast"]): number =>
  forecast.reduce((sum, row) => sum + row.forecast, 0);
