import type { AccuracyReport, Scores } from "../../../kit/artifacts/accuracy.js";
import { count, DASH, decimal, percent, plural, signedPercent } from "../../format.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { barCell, type Column, numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";
import { worstDrawn } from "./worst-series.js";

/** How the forecasts that were live did against the quarter's actuals. */
export function accuracySection({ document, accuracy }: ReportInput): Html {
  const title = "Accuracy this quarter";
  if (accuracy === null || accuracy.total.n === 0) {
    const reason = "No earlier snapshot covers this quarter, so there is nothing to score yet.";
    return section("accuracy", title, whyAbsent(document, "accuracy-report", reason));
  }
  const { total, naive } = accuracy;
  const share = (group: Scores) => (total.absoluteError > 0 ? group.absoluteError / total.absoluteError : 0);
  const grouped = (caption: string, label: string, groups: AccuracyReport["bySegment"]) =>
    groups.length === 0
      ? html`<p class="note">${caption}: none.</p>`
      : table(
          `${caption}. The bar is WMAPE, its mark that of all series`,
          [textColumn(label), textColumn(""), ...SCORE_COLUMNS, numberColumn("Share of error")],
          groups.map((group) => [
            group.key,
            errorBar(group, groups, total),
            ...scoreCells(group),
            percent(share(group)),
          ]),
        );
  return section(
    "accuracy",
    title,
    html`<p>Scored: ${snapshots(accuracy)}.</p>`,
    table(
      "All series",
      [textColumn("Forecast"), ...SCORE_COLUMNS],
      [
        ["Live forecast", ...scoreCells(total)],
        ["Seasonal naive", ...scoreCells(naive)],
      ],
    ),
    coverage(accuracy),
    grouped("By segment", "Segment", accuracy.bySegment),
    grouped("By period", "Period", accuracy.byPeriod),
    leads(accuracy),
    worst(accuracy),
    worstDrawn(accuracy),
  );
}

const SCORE_COLUMNS: readonly Column[] = [
  numberColumn("WMAPE"),
  numberColumn("Bias"),
  numberColumn("MASE"),
  numberColumn("n"),
  numberColumn("Excluded"),
];

/** WMAPE of a group beside that of all series, on a scale that ends at the largest of them. */
function errorBar({ wmape }: Scores, groups: readonly Scores[], total: Scores): Html | string {
  const end = Math.max(total.wmape ?? 0, ...groups.map((group) => group.wmape ?? 0));
  if (wmape === null || end === 0) return DASH;
  return barCell("plain", wmape / end, total.wmape === null ? null : total.wmape / end);
}

const scoreCells = (scores: Scores): string[] => [
  percent(scores.wmape),
  signedPercent(scores.bias),
  decimal(scores.mase, 3),
  count(scores.n),
  count(scores.excluded),
];

const snapshots = ({ snapshots }: AccuracyReport): string =>
  snapshots.length === 0
    ? DASH
    : snapshots
        .map(
          ({ source, cutoff, version, pairs }) =>
            `${source} (cutoff ${cutoff}${version === null ? "" : `, version ${version}`}, ${plural(pairs, "pair")})`,
        )
        .join("; ");

const coverage = ({ coverage }: AccuracyReport): Html | string =>
  coverage.length === 0
    ? html`<p class="note">Interval coverage: the snapshots carry no intervals.</p>`
    : table(
        "How often the actual was inside the interval",
        [textColumn("Interval"), numberColumn("Nominal"), numberColumn("Observed"), numberColumn("n")],
        coverage.map(({ level, observed, n }) => [
          `${percent(level, 0)} interval`,
          percent(level),
          percent(observed),
          count(n),
        ]),
      );

const leads = ({ byLead, total }: AccuracyReport): Html =>
  byLead.length === 0
    ? html`<p class="note">By lead time: none.</p>`
    : table(
        "By lead time: periods between a snapshot's cutoff and the period that it forecast. The bar is WMAPE, its mark that of the latest forecasts",
        [textColumn("Lead"), textColumn(""), ...SCORE_COLUMNS],
        byLead.map((group) => [group.key, errorBar(group, byLead, total), ...scoreCells(group)]),
      );

const worst = ({ worstSeries }: AccuracyReport): Html =>
  worstSeries.length === 0
    ? html`<p class="note">Worst series: none.</p>`
    : table(
        "Series with the largest error",
        [
          textColumn("Series"),
          textColumn("Segment"),
          ...SCORE_COLUMNS,
          numberColumn("Share of error"),
          textColumn(""),
        ],
        worstSeries.map((group) => [
          group.key,
          group.segment ?? DASH,
          ...scoreCells(group),
          percent(group.share),
          barCell("plain", group.share),
        ]),
      );
