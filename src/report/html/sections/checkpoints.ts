import type { Checkpoints } from "../../../kit/artifacts/checkpoints.js";
import { compact, count, DASH, percent, plural, signedPercent } from "../../format.js";
import { revisionFigure } from "../charts/revision-figure.js";
import { keyList } from "../charts/svg.js";
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
      : [
          revisionChart(months),
          table(
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
        ],
    bySegment(segments),
    monthlyAccuracy(checkpoints),
  );
}

const revisionChart = (months: Checkpoints["months"]): Html =>
  html`<figure class="one"><figcaption>All series together, by period</figcaption>${revisionFigure(months)}
${keyList([
  { label: "Earlier outlook", color: "--c6", shape: "box" },
  { label: "New outlook", color: "--c1", shape: "box" },
])}</figure>`;

/** Rows of the table of segments that are shown at once. */
const SEGMENTS = 24;

/** Revisions as a table of segments and periods, the most revised first; the deeper the tint, the larger the revision. */
function bySegment(rows: Checkpoints["segments"]): Html | string {
  if (rows.length === 0) return "";
  const periods = [...new Set(rows.map(({ period }) => period))].sort();
  const bySegment = new Map<string, Map<string, Checkpoints["segments"][number]>>();
  for (const row of rows) {
    const cells = bySegment.get(row.segment) ?? new Map();
    bySegment.set(row.segment, cells.set(row.period, row));
  }
  const most = largest(rows);
  const worst = (cells: ReadonlyMap<string, Checkpoints["segments"][number]>) => largest([...cells.values()]);
  const sorted = [...bySegment].sort(([a, x], [b, y]) => worst(y) - worst(x) || (a < b ? -1 : 1));
  const grid = (caption: string, shown: typeof sorted) =>
    table(
      caption,
      [textColumn("Segment"), ...periods.map((period) => numberColumn(period)), numberColumn("Series")],
      shown.map(([segment, cells]) => [
        segment,
        ...periods.map((period) => revisionCell(cells.get(period)?.revision ?? null, most)),
        count(Math.max(...[...cells.values()].map(({ series }) => series))),
      ]),
    );
  const rest = sorted.slice(SEGMENTS);
  return html`${grid("Revision by segment and period, the most revised first; blue is up, orange is down", sorted.slice(0, SEGMENTS))}${
    rest.length === 0
      ? ""
      : more(`${plural(rest.length, "more segment")}`, grid("Revision by segment and period, the rest", rest))
  }`;
}

function revisionCell(revision: number | null, most: number): Html | string {
  if (revision === null) return DASH;
  const share = Math.round((Math.abs(revision) / most) * 100) / 100;
  return html`<span class="tint" style="--tint:var(${revision > 0 ? "--c1" : "--naive"});--share:${String(share)}">${signedPercent(revision)}</span>`;
}

const largest = (rows: readonly { readonly revision: number | null }[]): number =>
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
