import type { DroppedLearner, LearnerScore, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, decimal, percent, plural, signedPercent } from "../../format.js";
import { cvChart } from "../charts/cv-chart.js";
import type { Draw } from "../charts/svg.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";
import { importance } from "./importance.js";
import { reconciliation } from "./reconciliation.js";

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
    ensemble(training),
    totals(training),
    importance(training),
    intervals(training),
    reconciliation(training),
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

const METHODS: Readonly<Record<TrainingReport["ensemble"]["method"], string>> = {
  four: "its learners at equal weights",
  full: "its learners at learned weights, and trees on what is left",
  single: "each segment by its chosen learner",
};

function ensemble({
  ensemble: { method, why, candidates, weights, residual, dropped = [] },
}: TrainingReport): Html {
  const used = weights.filter(({ weight }) => weight !== 0);
  const shares = used.map(({ learner, weight }) => `${learner} ${decimal(weight, 2)}`).join(", ");
  return html`<p>The candidate is ${METHODS[method]} (${method}): ${why}. Weights: ${shares}${residual === 0 ? "" : `; residual trees ${decimal(residual, 2)}`}.</p>
${dropped.map(lost)}
${
  candidates.length < 2
    ? []
    : table(
        "Ways to combine the learners, judged on folds that they had not learned from",
        [
          textColumn("Way"),
          numberColumn("WMAPE"),
          numberColumn("MASE"),
          numberColumn("Bias"),
          numberColumn("n"),
        ],
        candidates.map((score) => [score.learner, ...scoreCells(score)]),
      )
}`;
}

const lost = ({ learner, why, by, standardError }: DroppedLearner): Html =>
  why === "biased"
    ? html`<p>${learner} lost its weight: its bias is ${signedPercent(by)}, far beyond that of the others (standard error ${percent(standardError)}).</p>`
    : html`<p>${learner} lost its weight: it is worse than the seasonal naive, by ${decimal(by, 3)} of the naive's WMAPE and MASE together (standard error ${decimal(standardError, 3)}).</p>`;

function totals({ cv, learnerTotals, naive, learners, ensemble, season }: TrainingReport): Html {
  const describe = (id: string) =>
    learners.find((learner) => learner.id === id)?.description ??
    (id === naive.learner ? `the value of ${season} periods before, the line to beat` : "");
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
      ["Candidate", METHODS[ensemble.method], ...scoreCells(cv)],
      ...[...learnerTotals.filter(({ learner }) => learner !== naive.learner), naive].map((score) => [
        score.learner,
        describe(score.learner),
        ...scoreCells(score),
      ]),
    ],
  );
}

function intervals(training: TrainingReport): Html {
  const { levels, wql, naiveWql, n } = training.intervals;
  if (n === 0) {
    return html`<p>No fold has an earlier one to take interval widths from, so the coverage of the intervals is unknown.</p>${odd(training)}`;
  }
  return html`${table(
    "Intervals, each fold with the widths that the folds before it gave",
    [
      textColumn("Level"),
      numberColumn("Coverage"),
      numberColumn("Mean width, in units of the seasonal naive error"),
      numberColumn("n"),
    ],
    levels.map(({ level, coverage, meanWidth, n }) => [
      percent(level),
      percent(coverage),
      decimal(meanWidth, 2),
      count(n),
    ]),
  )}
<p>Weighted quantile loss over the bounds of these levels: ${percent(wql)}; seasonal naive ${percent(naiveWql)}.</p>${odd(training)}`;
}

/** Levels that the folds do not carry. */
function odd({ conformal: { further, leftOut = [] } }: TrainingReport): Html | string {
  const marked =
    further === undefined
      ? ""
      : html`<p>The folds have too few residuals for ${further.levels.map((level) => percent(level)).join(", ")}: these intervals come from ${plural(further.origins, "further origin")}, one a period, whose residuals count alike.</p>`;
  const missing = leftOut.map(
    ({ level, have, need }) =>
      html`<p>No ${percent(level)} interval: it takes ${plural(need, "residual")} for every lead, and there ${have === 1 ? "is" : "are"} ${count(have)}.</p>`,
  );
  return html`${marked}${missing}`;
}

function folds({ folds, learners, cv, naive }: TrainingReport): Html {
  const own = learners.map(({ id }) => id).filter((id) => id !== naive.learner && id !== cv.learner);
  return table(
    "WMAPE by fold",
    [
      textColumn("Trained up to"),
      numberColumn("Candidate"),
      ...[...own, naive.learner].map((id) => numberColumn(id)),
      numberColumn("Series"),
      numberColumn("n"),
    ],
    folds.map(({ origin, scores, series, pairs }) => [
      origin,
      ...[cv.learner, ...own, naive.learner].map((id) =>
        percent(scores.find(({ learner }) => learner === id)?.wmape),
      ),
      count(series),
      count(pairs),
    ]),
  );
}

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
