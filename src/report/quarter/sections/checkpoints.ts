import type { Checkpoints } from "../../../kit/artifacts/checkpoints.js";
import { compact, count, DASH, percent, plural, signedPercent } from "../../format.js";
import {
  absent,
  bar,
  fold,
  note,
  numberColumn,
  PICTURES,
  paragraph,
  section,
  table,
  textColumn,
  tint,
} from "../../page/make.js";
import type { Block, Cell, Section } from "../../page/model.js";
import { REVISION_KEYS, revisionsDrawing } from "../drawings/revisions.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";

/** What the new outlook changes in the months that planners already have figures for. */
export function checkpointsSection({ document, checkpoints }: QuarterInput): Section {
  const title = "Checkpoints";
  if (checkpoints === null || checkpoints.previous === null) {
    const reason = "There is no earlier outlook, so there is nothing to compare with yet.";
    return section("checkpoints", title, whyAbsent(document, "compare-checkpoints", reason));
  }
  const { previous, months, segments } = checkpoints;
  return section(
    "checkpoints",
    title,
    paragraph(
      `Compared with the outlook of ${previous.quarter} (cutoff ${previous.cutoff}${
        previous.version === null ? "" : `, version ${previous.version}`
      }, ${previous.source}). + is a new outlook above the earlier one.`,
    ),
    months.length === 0 ? absent("The two outlooks have no period in common.") : byPeriod(months),
    bySegment(segments),
    monthlyAccuracy(checkpoints),
  );
}

const byPeriod = (months: Checkpoints["months"]): Block[] => [
  {
    kind: "multiples",
    caption: "All series together, by period",
    keys: REVISION_KEYS,
    items: [{ title: "Before and after", note: "", drawing: revisionsDrawing(months) }],
  },
  table(
    "Revision of every period that both outlooks cover",
    [
      textColumn("Period"),
      numberColumn("Before"),
      numberColumn("After"),
      numberColumn("Revision"),
      PICTURES,
      numberColumn("Series"),
    ],
    months.map((month) => [
      month.period,
      compact(month.before),
      compact(month.after),
      signedPercent(month.revision),
      month.revision === null ? DASH : bar("plain", Math.abs(month.revision) / largest(months)),
      count(month.series),
    ]),
  ),
];

/** Rows of the table of segments that are shown at once. */
const SEGMENTS = 24;

/** Revisions as a table of segments and periods, the most revised first; the deeper the tint, the larger the revision. */
function bySegment(rows: Checkpoints["segments"]): Block[] {
  if (rows.length === 0) return [];
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
  return [
    grid(
      "Revision by segment and period, the most revised first; blue is up, orange is down",
      sorted.slice(0, SEGMENTS),
    ),
    ...(rest.length === 0
      ? []
      : [fold(plural(rest.length, "more segment"), grid("Revision by segment and period, the rest", rest))]),
  ];
}

const revisionCell = (revision: number | null, most: number): Cell =>
  revision === null ? DASH : tint(signedPercent(revision), revision, most);

const largest = (rows: readonly { readonly revision: number | null }[]): number =>
  Math.max(Number.MIN_VALUE, ...rows.map(({ revision }) => Math.abs(revision ?? 0)));

const monthlyAccuracy = ({ monthlyAccuracy }: Checkpoints): Block =>
  monthlyAccuracy.length === 0
    ? note("WMAPE by period against last quarter: no period has been scored.")
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
