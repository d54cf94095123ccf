import { compact, percent, plural } from "../../format.js";
import { bandColor, fanKeys, outlookChart } from "../charts/outlook-chart.js";
import { periodFigure } from "../charts/period-figure.js";
import { type Draw, keyList } from "../charts/svg.js";
import type { Fan, OutlookTotals, ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { type Multiple, multiples, numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

/** Segments that are drawn, the largest ones. */
const DRAWN = 24;

export async function outlookSection({ document, outlook }: ReportInput, draw: Draw): Promise<Html> {
  if (outlook === null || outlook.total.forecast.length === 0) {
    return section("outlook", "Outlook", whyAbsent(document, "generate-outlook", "The outlook is empty."));
  }
  return section(
    "outlook",
    "Outlook",
    await draw(outlookChart(outlook)),
    figures(outlook),
    bySegment(outlook),
  );
}

function figures({ total, levels }: OutlookTotals): Html {
  const names = levels.map((level) => percent(level, 0));
  return html`${table(
    "Forecast of all series together",
    [
      textColumn("Period"),
      numberColumn("Forecast"),
      ...names.flatMap((level) => [numberColumn(`Low, ${level}`), numberColumn(`High, ${level}`)]),
    ],
    total.forecast.map(({ period, forecast, bands }) => [
      period,
      compact(forecast),
      ...bands.flatMap(({ lo, hi }) => [compact(lo), compact(hi)]),
    ]),
  )}<p class="note">${
    levels.length === 0
      ? "The outlook has no intervals."
      : "Intervals: bounds of the series added up, which is wider than the total's own interval would be."
  }</p>`;
}

function bySegment({ target, segments, levels }: OutlookTotals): Html | string {
  if (segments.length < 2) return "";
  const rest = segments.length - DRAWN;
  return html`${multiples(
    `${target} by segment, the largest first`,
    segments.slice(0, DRAWN).map((segment) => fan(segment, levels)),
    keyList(fanKeys(levels)),
  )}${rest > 0 ? html`<p class="note">${plural(rest, "smaller segment")} not drawn; the outlook has their series.</p>` : ""}`;
}

function fan(
  { segment, history, forecast }: OutlookTotals["segments"][number],
  levels: readonly number[],
): Multiple {
  const cutoff = history.length - 1;
  const last = history.at(-1)?.total ?? null;
  const gap = history.slice(1).map(() => null);
  const start = history.length === 0 ? [] : [last];
  const ahead = (of: (row: Fan["forecast"][number]) => number) => [...gap, ...start, ...forecast.map(of)];
  const sum = forecast.reduce((total, row) => total + row.forecast, 0);
  const first = forecast[0]?.period ?? "";
  return {
    title: segment,
    note: `${compact(sum)} in ${plural(forecast.length, "period")}`,
    drawing: periodFigure({
      label: `Line chart of segment ${segment}: ${plural(history.length, "period")} of history, forecast from ${first}, ${compact(sum)} in all.`,
      periods: [...history, ...forecast].map(({ period }) => period),
      bands: levels
        .map((_, i) => ({
          lo: ahead(({ bands }) => bands[i]!.lo),
          hi: ahead(({ bands }) => bands[i]!.hi),
          color: bandColor(i),
        }))
        .reverse(),
      lines: [
        {
          values: [...history.map(({ total }) => total), ...forecast.map(() => null)],
          color: "--fg",
          width: 1.4,
        },
        { values: ahead((row) => row.forecast), color: "--c1", width: 2.2 },
      ],
      cutoff: cutoff < 0 ? null : cutoff,
    }),
  };
}
