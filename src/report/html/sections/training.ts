import type { LearnerScore, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, decimal, percent, plural, signedPercent } from "../../format.js";
import { cvChart } from "../charts/cv-chart.js";
import type { Draw } from "../charts/svg.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

export async function trainingSection({ document, training }: ReportInput, draw: Draw): Promise<Html> {
  const title = "Cross-validation";
  if (training === null) {
    const reason = "The training left no report.";
    return section("training", title, whyAbsent(document, "train-pooled-cv", reason));
  }
  return section(
    "training",
    title,
    html`<p>${plural(training.folds.length, "rolling fold")} with a horizon of ${plural(training.horizon, "period")}, ${plural(training.series, "series", "series")}.
The model sees ${plural(training.context, "period")} of history.</p>`,
    training.folds.length === 0 ? [] : await draw(cvChart(training)),
    totals(training),
    folds(training),
    chosen(training),
  );
}

const scoreCells = ({ wmape, mase, bias, n }: LearnerScore): string[] => [
  percent(wmape),
  decimal(mase, 3),
  signedPercent(bias),
  count(n),
];

function totals({ cv, learnerTotals, naive, learners }: TrainingReport): Html {
  const describe = (id: string) => learners.find((learner) => learner.id === id)?.description ?? "";
  return table(
    "All folds together",
    [
      textColumn("Learner"),
      textColumn("What it is"),
      numberColumn("WMAPE"),
      numberColumn("MASE"),
      numberColumn("Bias"),
      numberColumn("n"),
    ],
    [
      ["Candidate", "each segment by its chosen learner", ...scoreCells(cv)],
      ...[...learnerTotals.filter(({ learner }) => learner !== naive.learner), naive].map((score) => [
        score.learner,
        describe(score.learner),
        ...scoreCells(score),
      ]),
    ],
  );
}

const folds = ({ folds, learners }: TrainingReport): Html =>
  table(
    "WMAPE by fold",
    [
      textColumn("Trained up to"),
      ...learners.map(({ id }) => numberColumn(id)),
      numberColumn("Series"),
      numberColumn("n"),
    ],
    folds.map(({ origin, scores, series, pairs }) => [
      origin,
      ...learners.map(({ id }) => percent(scores.find(({ learner }) => learner === id)?.wmape)),
      count(series),
      count(pairs),
    ]),
  );

const chosen = ({ segments, learners }: TrainingReport): Html =>
  table(
    "WMAPE by segment, and the learner that was chosen",
    [
      textColumn("Segment"),
      textColumn("Chosen"),
      ...learners.map(({ id }) => numberColumn(id)),
      numberColumn("Series"),
    ],
    segments.map(({ segment, chosen, scores, series }) => [
      segment,
      chosen,
      ...learners.map(({ id }) => percent(scores.find(({ learner }) => learner === id)?.wmape)),
      count(series),
    ]),
  );
