import { compact, percent } from "../../format.js";
import { outlookChart } from "../charts/outlook-chart.js";
import type { Draw } from "../charts/svg.js";
import type { OutlookTotals, ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

export async function outlookSection({ document, outlook }: ReportInput, draw: Draw): Promise<Html> {
  if (outlook === null || outlook.forecast.length === 0) {
    return section("outlook", "Outlook", whyAbsent(document, "generate-outlook", "The outlook is empty."));
  }
  return section("outlook", "Outlook", await draw(outlookChart(outlook)), figures(outlook));
}

function figures({ forecast, interval }: OutlookTotals): Html {
  const level = interval === null ? "" : percent(interval.level, 0);
  const rows = forecast.map(({ period, forecast: value, lo, hi }) => [
    period,
    compact(value),
    ...(interval === null ? [] : [compact(lo), compact(hi)]),
  ]);
  return html`${table(
    "Forecast of all series together",
    [
      textColumn("Period"),
      numberColumn("Forecast"),
      ...(interval === null ? [] : [numberColumn(`Low, ${level}`), numberColumn(`High, ${level}`)]),
    ],
    rows,
  )}${interval === null ? html`<p class="note">The outlook has no interval for the total.</p>` : html`<p class="note">Interval: ${interval.method}.</p>`}`;
}
