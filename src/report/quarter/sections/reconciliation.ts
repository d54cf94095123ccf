import type { ReconciliationReport, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, decimal, percent, plural } from "../../format.js";
import { numberColumn, paragraph, table, textColumn } from "../../page/make.js";
import type { Block } from "../../page/model.js";

/** How the outlook adds up, and what CV says of it at each level. */
export function reconciliation({ reconciliation: report }: TrainingReport): Block[] {
  if (report === undefined) return [];
  const { levels, asked } = report;
  const ways = asked === "bottom-up" ? WAYS.slice(0, 2) : WAYS;
  return [
    paragraph(
      `The outlook adds up: ${words(report)} All other figures of the model are those of the series on their own.`,
    ),
    table(
      "Accuracy at each level, of forecasts of the sums themselves, of summed series, and of the outlook",
      [
        textColumn("Level"),
        ...ways.flatMap(({ label }) => [numberColumn(`${label} WMAPE`), numberColumn(`${label} MASE`)]),
        numberColumn("Groups"),
        numberColumn("n"),
      ],
      levels.map((level) => [
        level.level,
        ...ways.flatMap(({ of }) => [percent(of(level)?.wmape), decimal(of(level)?.mase, 3)]),
        count(level.groups),
        count(level.bottomUp.n),
      ]),
    ),
  ];
}

type Level = ReconciliationReport["levels"][number];

const WAYS: readonly { readonly label: string; readonly of: (level: Level) => Level["base"] }[] = [
  { label: "Alone", of: ({ base }) => base },
  { label: "Bottom-up", of: ({ bottomUp }) => bottomUp },
  { label: "Reconciled", of: ({ reconciled }) => reconciled },
];

function words({ method, shrinkage, rows, scoredWithout }: ReconciliationReport): string {
  switch (method) {
    case "bottom-up":
      return "the series are as they are, and the levels are their sums (bottom-up).";
    case "wls-naive":
      return `CV has too few errors for a covariance, so the seasonal naive errors of series and sums weigh them (wls-naive instead of mint-shrink).`;
    case "mint-shrink": {
      const without =
        scoredWithout === 0
          ? ""
          : ` ${plural(scoredWithout, "fold")} had too few errors beside ${scoredWithout === 1 ? "its" : "their"} own and ${scoredWithout === 1 ? "is" : "are"} scored with seasonal naive errors instead.`;
      return `series and sums are weighed by the covariance of ${plural(rows, "row")} of CV errors, its correlations shrunk by ${percent(shrinkage, 0)} (mint-shrink).${without}`;
    }
  }
}
