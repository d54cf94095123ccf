import type { AccuracyReport, Scores } from "../../../kit/artifacts/accuracy.js";
import { count, DASH, decimal, levelText, percent, signedPercent } from "../../format.js";
import { bar, note, numberColumn, PICTURES, section, table, textColumn } from "../../page/make.js";
import type { Block, Cell, Column, Section } from "../../page/model.js";
import { BIAS_NOTE, COVERAGE_COLUMNS, COVERAGE_NOTE, coverageCells } from "../../scores.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";
import { worstDrawn } from "./worst-series.js";

/** How the forecasts that were live did against the quarter's actuals. */
export function accuracySection({ document, accuracy, names }: QuarterInput): Section {
  const blocks =
    accuracy === null || accuracy.total.n === 0
      ? [
          whyAbsent(
            document,
            "accuracy-report",
            "No earlier snapshot covers this quarter, so there is nothing to score yet.",
          ),
          ...lost(accuracy),
        ]
      : scored(accuracy, names);
  return { ...section("accuracy", "Accuracy this quarter", blocks), short: "Accuracy" };
}

function scored(accuracy: AccuracyReport, names: QuarterInput["names"]): Block[] {
  const { total, naive } = accuracy;
  return [
    ...scoredWhat(accuracy),
    table(
      "All series",
      [textColumn("Forecast"), ...SCORE_COLUMNS],
      [
        ["Live forecast", ...scoreCells(total)],
        ["Seasonal naive", ...scoreCells(naive)],
      ],
    ),
    note(BIAS_NOTE),
    ...coverage(accuracy),
    grouped("By segment, the most error first", "Segment", accuracy, worstFirst(accuracy.bySegment)),
    grouped("By period", "Period", accuracy, accuracy.byPeriod),
    leads(accuracy),
    worst(accuracy, names),
    ...worstDrawn(accuracy, names),
  ];
}

const SCORE_COLUMNS: readonly Column[] = [
  numberColumn("WMAPE"),
  numberColumn("Bias"),
  numberColumn("MASE"),
  numberColumn("n"),
  numberColumn("Excluded"),
];

const worstFirst = (groups: AccuracyReport["bySegment"]): AccuracyReport["bySegment"] =>
  [...groups].sort((a, b) => b.absoluteError - a.absoluteError || (a.key < b.key ? -1 : 1));

function grouped(
  caption: string,
  label: string,
  { total }: AccuracyReport,
  groups: AccuracyReport["bySegment"],
): Block {
  if (groups.length === 0) return note(`${caption}: none.`);
  const share = (group: Scores) => (total.absoluteError > 0 ? group.absoluteError / total.absoluteError : 0);
  return table(
    `${caption}. The bar is WMAPE, its mark that of all series`,
    [textColumn(label), PICTURES, ...SCORE_COLUMNS, numberColumn("Share of error")],
    groups.map((group) => [
      group.key,
      errorBar(group, groups, total),
      ...scoreCells(group),
      percent(share(group)),
    ]),
  );
}

/** WMAPE of a group beside that of all series, on a scale that ends at the largest of them. */
function errorBar({ wmape }: Scores, groups: readonly Scores[], total: Scores): Cell {
  const end = Math.max(total.wmape ?? 0, ...groups.map((group) => group.wmape ?? 0));
  if (wmape === null || end === 0) return DASH;
  return bar("plain", wmape / end, total.wmape === null ? null : total.wmape / end);
}

const scoreCells = (scores: Scores): string[] => [
  percent(scores.wmape),
  signedPercent(scores.bias),
  decimal(scores.mase, 3),
  count(scores.n),
  count(scores.excluded),
];

/** What was scored, and why it is what services had. */
function scoredWhat(accuracy: AccuracyReport): Block[] {
  return [
    table(
      "What was scored: forecasts that services had, the latest for each period",
      [textColumn("Forecast"), textColumn("Cutoff"), textColumn("Why it counts"), numberColumn("Pairs")],
      accuracy.snapshots.map(({ source, cutoff, version, pairs, why, insteadOf }) => [
        version === null ? source : `${source}, version ${version}`,
        cutoff,
        why === undefined ? DASH : WHY[why](insteadOf ?? "?"),
        count(pairs),
      ]),
    ),
    ...lost(accuracy),
  ];
}

/** What services had after a rollback, where it cannot be scored. */
const lost = (accuracy: AccuracyReport | null): Block[] =>
  (accuracy?.unrecorded ?? []).map(({ quarter, version, insteadOf }) =>
    note(
      `From the cutoff of ${quarter} on services had version ${version}, since version ${insteadOf} was rolled back; version ${version} left no forecast from there, so nothing of that quarter is scored.`,
    ),
  );

type Why = NonNullable<AccuracyReport["snapshots"][number]["why"]>;

const WHY: Readonly<Record<Why, (insteadOf: string) => string>> = {
  promoted: () => "its version was promoted",
  approved: () => "its version was approved",
  adopted: () => "its version was adopted",
  stayed: () => "the candidate of that quarter was not promoted, so this version stayed live",
  "rolled-back": (insteadOf) => `version ${insteadOf} was rolled back, so services had this one again`,
  imported: () => "imported: made by the process before",
};

const coverage = ({ coverage }: AccuracyReport): Block[] =>
  coverage.length === 0
    ? [note("Interval coverage: the snapshots carry no intervals.")]
    : [
        table(
          "How often the actual was inside the interval",
          [textColumn("Interval"), ...COVERAGE_COLUMNS],
          coverage.map((row) => [`${levelText(row.level)} interval`, ...coverageCells(row)]),
        ),
        note(COVERAGE_NOTE),
      ];

const leads = ({ byLead, total }: AccuracyReport): Block =>
  byLead.length === 0
    ? note("By lead time: none.")
    : table(
        "By lead time: periods between a snapshot's cutoff and the period that it forecast. The bar is WMAPE, its mark that of the latest forecasts",
        [textColumn("Lead"), PICTURES, ...SCORE_COLUMNS],
        byLead.map((group) => [group.key, errorBar(group, byLead, total), ...scoreCells(group)]),
      );

const worst = ({ worstSeries }: AccuracyReport, names: QuarterInput["names"]): Block =>
  worstSeries.length === 0
    ? note("Worst series: none.")
    : table(
        "Series with the largest error",
        [
          textColumn("Series"),
          textColumn("Segment"),
          ...SCORE_COLUMNS,
          numberColumn("Share of error"),
          PICTURES,
        ],
        worstSeries.map((group) => [
          names.cell(group.key),
          group.segment ?? DASH,
          ...scoreCells(group),
          percent(group.share),
          bar("plain", group.share),
        ]),
      );
