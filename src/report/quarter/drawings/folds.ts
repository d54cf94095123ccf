import type { TrainingReport } from "../../../kit/artifacts/training.js";
import type { ColorKey, Drawing } from "../../page/drawing/drawing.js";

const COLORS = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"] as const;

const color = (index: number): string => COLORS[index % COLORS.length]!;

/** WMAPE by fold: one bar for the candidate and one a learner, and in every fold the seasonal naive's as a line to beat. */
export function foldsDrawing(training: TrainingReport): { drawing: Drawing; keys: ColorKey[] } {
  const naive = training.naive.learner;
  const candidate = training.cv.learner;
  const learners = [candidate, ...training.learners.map(({ id }) => id)].filter(
    (id) => id !== naive && training.folds.some(({ scores }) => scores.some(({ learner }) => learner === id)),
  );
  const nameOf = (learner: string) => (learner === candidate ? "candidate" : learner);
  const scores = (id: string) =>
    training.folds.map((fold) => fold.scores.find(({ learner }) => learner === id)?.wmape ?? null);
  return {
    drawing: {
      label: `Bar chart: cross-validated WMAPE of ${learners.map(nameOf).join(", ")} by fold, each with ${naive} as a line. The table has the same figures.`,
      axis: { kind: "slots", labels: training.folds.map(({ origin }) => origin) },
      unit: "share",
      hasZero: true,
      marks: [
        {
          kind: "bars",
          of: learners.map((id, k) => ({ values: scores(id), color: color(k) })),
          notes: "values",
        },
        { kind: "levels", values: scores(naive), color: "--naive" },
      ],
    },
    keys: [
      ...learners.map((id, k): ColorKey => ({ label: nameOf(id), color: color(k), shape: "box" })),
      { label: `${naive}, the line to beat`, color: "--naive", shape: "line" },
    ],
  };
}
