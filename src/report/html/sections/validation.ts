import type { ValidationReport } from "../../../kit/artifacts/validation.js";
import { count, decimal, plural, pValue } from "../../format.js";
import type { Tone } from "../../verdict.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { more, numberColumn, pill, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";
import { driftPlots } from "./drift-plots.js";

export function validationSection({ document, validation }: ReportInput): Html {
  if (validation === null) {
    return section("data", "Data", whyAbsent(document, "validate-data", "The validation left no report."));
  }
  return section(
    "data",
    "Data",
    html`<p>${plural(validation.rows, "row")} of ${plural(validation.series, "series", "series")}, ${validation.firstPeriod} to ${validation.lastPeriod}.
${count(validation.rowsThisQuarter)} rows this quarter, ${count(validation.rowsLastQuarter)} last quarter.${
      validation.futureRows === 0 ? "" : ` ${plural(validation.futureRows, "row")} after the cutoff left out.`
    }</p>`,
    checks(validation),
    names("Series lost since last quarter", validation.lostSeries),
    names("New series", validation.newSeries),
    drift(validation),
    driftPlots(validation, document.decision?.rules ?? []),
  );
}

const checks = ({ checks }: ValidationReport): Html =>
  table(
    "Checks",
    [
      textColumn("Check"),
      textColumn("Result"),
      numberColumn("Rows"),
      textColumn("Expected"),
      textColumn("Found"),
    ],
    checks.map((check) => [
      check.id,
      pill(({ pass: "good", warn: "warn", fail: "bad" } as const)[check.status], check.status),
      count(check.count),
      check.expected,
      html`${check.detail}${check.examples.map((example) => html`<br><span class="dim">${example}</span>`)}`,
    ]),
  );

const names = (title: string, series: readonly string[]): Html =>
  series.length === 0
    ? html`<p class="note">${title}: none.</p>`
    : more(`${title}: ${count(series.length)}`, html`<p>${series.join(", ")}</p>`);

const DRIFT_TONE: Readonly<Record<ValidationReport["drift"][number]["verdict"], Tone>> = {
  PASS: "good",
  WARN: "warn",
  FAIL: "bad",
  UNKNOWN: "warn",
};

const drift = ({ drift, driftAhead }: ValidationReport): Html =>
  drift.length === 0
    ? html`<p class="note">Drift: no feature is watched. Name some under validate-data to compare their distributions.</p>`
    : table(
        "Drift: distance between this quarter's distribution and the reference (two-sample Kolmogorov–Smirnov, p corrected for the number of features)",
        [
          textColumn("Feature"),
          textColumn("Result"),
          textColumn("Reference"),
          numberColumn("Distance"),
          numberColumn("p, corrected"),
          numberColumn("n"),
          numberColumn("n reference"),
        ],
        [...drift, ...driftAhead.map((row) => ({ ...row, feature: `${row.feature} ahead` }))].map((row) => [
          row.feature,
          pill(DRIFT_TONE[row.verdict], row.verdict),
          row.reference,
          decimal(row.statistic, 3),
          pValue(row.pAdjusted),
          count(row.n),
          count(row.nReference),
        ]),
      );
