import type { DroppedLearner, LearnerScore, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, decimal, levelText, percent, plural, signedPercent } from "../../format.js";
import { cards, note, numberColumn, paragraph, section, table, textColumn } from "../../page/make.js";
import type { Block, Cell, Section } from "../../page/model.js";
import { BIAS_NOTE, COVERAGE_COLUMNS, COVERAGE_NOTE, coverageCells } from "../../scores.js";
import { foldsDrawing } from "../drawings/folds.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";
import { importance } from "./importance.js";
import { reconciliation } from "./reconciliation.js";

export function trainingSection({ document, training }: QuarterInput): Section {
  if (training === null)
    return section(
      "training",
      "Cross-validation",
      whyAbsent(document, "train-pooled-cv", "The training left no report."),
    );
  return section(
    "training",
    "Cross-validation",
    paragraph(
      `${plural(training.folds.length, "rolling fold")} with a horizon of ${plural(training.horizon, "period")}, ${plural(training.series, "series", "series")}. The model sees ${plural(training.context, "period")} of history.`,
    ),
    chart(training),
    ensemble(training),
    totals(training),
    note(BIAS_NOTE),
    importance(training),
    intervals(training),
    reconciliation(training),
    folds(training),
    chosen(training),
  );
}

function chart(training: TrainingReport): Block[] {
  if (training.folds.length === 0) return [];
  const caption = "WMAPE by fold, named by the last period that it trains on; lower is better";
  return [{ kind: "figure", caption, ...foldsDrawing(training) }];
}

const scoreCells = ({ wmape, mase, bias, n }: LearnerScore): string[] => [
  percent(wmape),
  decimal(mase, 3),
  signedPercent(bias),
  count(n),
];

const SCORE_COLUMNS = ["WMAPE", "MASE", "Bias", "n"].map(numberColumn);

const METHODS: Readonly<Record<TrainingReport["ensemble"]["method"], string>> = {
  four: "its learners at equal weights",
  full: "its learners at learned weights, and trees on what is left",
  single: "each segment by its chosen learner",
};

function ensemble({
  ensemble: { method, why, candidates, weights, residual, dropped = [] },
}: TrainingReport): Block[] {
  const used = weights.filter(({ weight }) => weight !== 0);
  const shares = used.map(({ learner, weight }) => `${learner} ${decimal(weight, 2)}`).join(", ");
  return [
    paragraph(
      `The candidate is ${METHODS[method]} (${method}): ${why}. Weights: ${shares}${residual === 0 ? "" : `; residual trees ${decimal(residual, 2)}`}.`,
    ),
    ...dropped.map(lost),
    ...(candidates.length < 2
      ? []
      : [
          table(
            "Ways to combine the learners, judged on folds that they had not learned from",
            [textColumn("Way"), ...SCORE_COLUMNS],
            candidates.map((score) => [score.learner, ...scoreCells(score)]),
          ),
        ]),
  ];
}

const lost = ({ learner, why, by, standardError }: DroppedLearner): Block =>
  paragraph(
    why === "biased"
      ? `${learner} lost its weight: its bias is ${signedPercent(by)}, far beyond that of the others (standard error ${percent(standardError)}).`
      : `${learner} lost its weight: it is worse than the seasonal naive, by ${decimal(by, 3)} of the naive's WMAPE and MASE together (standard error ${decimal(standardError, 3)}).`,
  );

function totals({ cv, learnerTotals, naive, learners, ensemble, season }: TrainingReport): Block {
  const describe = (id: string) =>
    learners.find((learner) => learner.id === id)?.description ??
    (id === naive.learner ? `the value of ${season} periods before, the line to beat` : "");
  return cards(
    "All folds together",
    [textColumn("Learner"), textColumn("What it is"), ...SCORE_COLUMNS],
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

function intervals(training: TrainingReport): Block[] {
  const { levels, wql, naiveWql, n } = training.intervals;
  if (n === 0)
    return [
      paragraph(
        "No fold has an earlier one to take interval widths from, so the coverage of the intervals is unknown.",
      ),
      ...odd(training),
    ];
  return [
    table(
      "Intervals, each fold with the widths that the folds before it gave; the width is in units of the seasonal naive error",
      [textColumn("Interval"), ...COVERAGE_COLUMNS, numberColumn("Mean width")],
      levels.map(({ level, coverage, meanWidth, n }): Cell[] => [
        `${levelText(level)} interval`,
        ...coverageCells({ level, observed: coverage, n }),
        decimal(meanWidth, 2),
      ]),
    ),
    note(COVERAGE_NOTE),
    paragraph(
      `Weighted quantile loss over the bounds of these levels: ${percent(wql)}; seasonal naive ${percent(naiveWql)}.`,
    ),
    ...odd(training),
  ];
}

/** Levels that the folds do not carry. */
function odd({ conformal: { further, leftOut = [] } }: TrainingReport): Block[] {
  return [
    ...(further === undefined
      ? []
      : [
          paragraph(
            `The folds have too few residuals for ${further.levels.map(levelText).join(", ")}: these intervals come from ${plural(further.origins, "further origin")}, one a period, whose residuals count alike.`,
          ),
        ]),
    ...leftOut.map(({ level, have, need }) =>
      paragraph(
        `No ${levelText(level)} interval: it takes ${plural(need, "residual")} for every lead, and there ${have === 1 ? "is" : "are"} ${count(have)}.`,
      ),
    ),
  ];
}

function folds({ folds, learners, cv, naive }: TrainingReport): Block {
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

/** The worst segments first, by what the candidate is made of there. */
const chosen = ({ segments, learners }: TrainingReport): Block => {
  const wmapeOf = ({ scores }: TrainingReport["segments"][number], id: string) =>
    scores.find(({ learner }) => learner === id)?.wmape ?? null;
  const badness = (segment: TrainingReport["segments"][number]) =>
    wmapeOf(segment, segment.chosen) ??
    Math.min(...learners.map(({ id }) => wmapeOf(segment, id) ?? Number.POSITIVE_INFINITY));
  return table(
    "WMAPE by segment, and the learner that was chosen; the worst first",
    [
      textColumn("Segment"),
      textColumn("Chosen"),
      ...learners.map(({ id }) => numberColumn(id)),
      numberColumn("Series"),
    ],
    [...segments]
      .sort((a, b) => badness(b) - badness(a) || (a.segment < b.segment ? -1 : 1))
      .map((segment) => [
        segment.segment,
        segment.chosen,
        ...learners.map(({ id }) => percent(wmapeOf(segment, id))),
        count(segment.series),
      ]),
  );
};
