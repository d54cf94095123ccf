import type { ValidationReport } from "../../../kit/artifacts/validation.js";
import { count, decimal, plural, pValue } from "../../format.js";
import {
  BREAK,
  cards,
  dim,
  fold,
  lines,
  note,
  numberColumn,
  paragraph,
  pill,
  section,
  textColumn,
  toned,
} from "../../page/make.js";
import type { Block, Section } from "../../page/model.js";
import { BOTH_CONDITIONS } from "../../rule-cells.js";
import type { Tone } from "../../verdict.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";
import { driftPlots } from "./drift-plots.js";

export function validationSection({ document, validation, names }: QuarterInput): Section {
  if (validation === null)
    return section("data", "Data", whyAbsent(document, "validate-data", "The validation left no report."));
  const listed = (title: string, series: readonly string[]): Block =>
    series.length === 0
      ? note(`${title}: none.`)
      : fold(`${title}: ${count(series.length)}`, paragraph(series.map((id) => names.text(id)).join(", ")));
  return section(
    "data",
    "Data",
    paragraph(
      `${plural(validation.rows, "row")} of ${plural(validation.series, "series", "series")}, ${validation.firstPeriod} to ${validation.lastPeriod}. ${count(validation.rowsThisQuarter)} rows this quarter, ${count(validation.rowsLastQuarter)} last quarter.${
        validation.futureRows === 0
          ? ""
          : ` ${plural(validation.futureRows, "row")} after the cutoff left out.`
      }`,
    ),
    checks(validation),
    listed("Series lost since last quarter", validation.lostSeries),
    listed("New series", validation.newSeries),
    drift(validation),
    driftPlots(validation, document.decision?.rules ?? []),
  );
}

type Check = ValidationReport["checks"][number];

const CHECK_TONE = { fail: "bad", warn: "warn", pass: "good" } as const;

/** What did not pass, the worst first; what did on demand. */
function checks({ checks }: ValidationReport): Block[] {
  const found = (status: Check["status"]) => checks.filter((check) => check.status === status);
  const bad = [...found("fail"), ...found("warn")];
  const passed = found("pass");
  const grid = (caption: string, rows: readonly Check[]) =>
    cards(
      caption,
      [
        textColumn("Check"),
        textColumn("Result"),
        numberColumn("Rows"),
        textColumn("Expected"),
        textColumn("Found"),
      ],
      rows.map((check) => [
        check.id,
        pill(CHECK_TONE[check.status], check.status),
        count(check.count),
        check.expected,
        // Where nothing was found there may be no words for it.
        lines(check.status === "pass" && check.count === 0 ? "nothing" : check.detail, check.examples),
      ]),
    );
  return [
    ...(bad.length === 0 ? [] : [grid("Checks that did not pass", bad)]),
    ...(passed.length === 0
      ? []
      : [fold(`${plural(passed.length, "check")} passed`, grid("Checks that passed", passed))]),
  ];
}

const DRIFT_TONE: Readonly<Record<ValidationReport["drift"][number]["verdict"], Tone>> = {
  PASS: "good",
  WARN: "warn",
  FAIL: "bad",
  UNKNOWN: "warn",
};
const DRIFT_RANK = { FAIL: 0, UNKNOWN: 1, WARN: 2, PASS: 3 } as const;

/** Both conditions of each test, and which of them hold; the furthest first. */
function drift({ drift, driftAhead, driftTest }: ValidationReport): Block[] {
  if (drift.length === 0)
    return [
      note("Drift: no feature is watched. Name some under validate-data to compare their distributions."),
    ];
  const rows = [...drift, ...driftAhead.map((row) => ({ ...row, feature: `${row.feature} ahead` }))].sort(
    (a, b) =>
      DRIFT_RANK[a.verdict] - DRIFT_RANK[b.verdict] ||
      (b.statistic ?? 0) - (a.statistic ?? 0) ||
      (a.feature < b.feature ? -1 : 1),
  );
  const against = (isMet: boolean | undefined, text: string, limit: string | undefined) =>
    limit === undefined
      ? text
      : [
          isMet === true ? toned("bad", text) : text,
          BREAK,
          dim(`${isMet === true ? "reaches" : "limit"} ${limit}`),
        ];
  return [
    cards(
      "Drift: this quarter's distribution and the reference's (two-sample Kolmogorov–Smirnov, p corrected for the number of features)",
      [
        textColumn("Feature"),
        textColumn("Result"),
        textColumn("Reference"),
        numberColumn("Distance D"),
        numberColumn("p, corrected"),
        textColumn("Past quarters"),
        numberColumn("n"),
        numberColumn("n reference"),
      ],
      rows.map((row) => [
        row.feature,
        pill(DRIFT_TONE[row.verdict], row.verdict),
        row.reference,
        against(
          row.statistic !== null && driftTest !== null && row.statistic >= driftTest.statistic,
          decimal(row.statistic, 3),
          driftTest === null ? undefined : decimal(driftTest.statistic, 3),
        ),
        against(
          row.pAdjusted !== null && driftTest !== null && row.pAdjusted <= driftTest.alpha,
          pValue(row.pAdjusted),
          driftTest === null ? undefined : `alpha ${decimal(driftTest.alpha, 3)}`,
        ),
        row.past === null ? "" : `${count(row.past.asLarge)} of ${count(row.past.quarters)} as large`,
        count(row.n),
        count(row.nReference),
      ]),
    ),
    note(driftTest === null ? BOTH_CONDITIONS : `${BOTH_CONDITIONS} Guard: ${driftTest.guard}.`),
  ];
}
