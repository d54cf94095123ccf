import type { Checkpoints } from "../../../kit/artifacts/checkpoints.js";
import { compact, count, DASH, percent, plural, signedPercent } from "../../format.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { barCell, more, numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

/** What the new outlook changes in the months that planners already have figures for. */
export function checkpointsSection({ document, checkpoints }: ReportInput): Html {
  const title = "Checkpoints";
  if (checkpoints === null || checkpoints.previous === null) {
    const reason = "There is no earlier outlook, so there is nothing to compare with yet.";
    return section("checkpoints", title, whyAbsent(document, "compare-checkpoints", reason));
  }
  const { previous, months, segments } = checkpoints;
  return section(
    "checkpoints",
    title,
    html`<p>Compared with the outlook of ${previous.quarter} (cutoff ${previous.cutoff}${
      previous.version === null ? "" : `, version ${previous.version}`
    }, ${previous.source}).</p>`,
    months.length === 0
      ? html`<p class="absent">The two outlooks have no period in common.</p>`
      : table(
          "Revision of every period that both outlooks cover",
          [
            textColumn("Period"),
            numberColumn("Before"),
            numberColumn("After"),
            numberColumn("Revision"),
            textColumn(""),
            numberColumn("Series"),
          ],
          months.map((month) => [
            month.period,
            compact(month.before),
            compact(month.after),
            signedPercent(month.revision),
            month.revision === null ? DASH : barCell("plain", Math.abs(month.revision) / largest(months)),
            count(month.series),
          ]),
        ),
    segments.length === 0
      ? []
      : more(
          `${plural(segments.length, "revision")} by segment`,
          table(
            "Revision by segment and period",
            [
              textColumn("Segment"),
              textColumn("Period"),
              numberColumn("Before"),
              numberColumn("After"),
              numberColumn("Revision"),
              numberColumn("Series"),
            ],
            segments.map((row) => [
              row.segment,
              row.period,
              compact(row.before),
              compact(row.after),
              signedPercent(row.revision),
              count(row.series),
            ]),
          ),
        ),
    monthlyAccuracy(checkpoints),
  );
}

const largest = (rows: Checkpoints["months"]): number =>
  Math.max(Number.MIN_VALUE, ...rows.map(({ revision }) => Math.abs(revision ?? 0)));

const monthlyAccuracy = ({ monthlyAccuracy }: Checkpoints): Html =>
  monthlyAccuracy.length === 0
    ? html`<p class="note">WMAPE by period against last quarter: no period has been scored.</p>`
    : table(
        "WMAPE by period, beside the same place in last quarter",
        [
          textColumn("Period"),
          numberColumn("WMAPE"),
          numberColumn("n"),
          textColumn("Last quarter"),
          numberColumn("WMAPE"),
          numberColumn("n"),
        ],
        monthlyAccuracy.map((row) => [
          row.period,
          percent(row.wmape),
          count(row.n),
          row.previousPeriod ?? DASH,
          percent(row.previousWmape),
          row.previousPeriod === null ? DASH : count(row.previousN),
        ]),
      );
