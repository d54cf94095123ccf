import type { TrainingReport } from "../../../kit/artifacts/training.js";
import { percent } from "../../format.js";
import { AXIS_LABEL, AXIS_LINE, type Chart, type ChartKey, GRID_LINE } from "./svg.js";

/** Widest bar, in pixels of the drawing. */
const BAR_WIDTH = 56;

const COLORS = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"] as const;

/** WMAPE by fold: one bar for the candidate and one a learner, and the seasonal naive as a dashed line to beat. */
export function cvChart(training: TrainingReport): Chart {
  const naive = training.naive.learner;
  const candidate = training.cv.learner;
  const learners = [candidate, ...training.learners.map(({ id }) => id)].filter(
    (id) => id !== naive && training.folds.some(({ scores }) => scores.some(({ learner }) => learner === id)),
  );
  const nameOf = (learner: string) => (learner === candidate ? "candidate" : learner);
  const color = (i: number) => COLORS[i % COLORS.length]!;
  const score = (fold: TrainingReport["folds"][number], learner: string) =>
    fold.scores.find((entry) => entry.learner === learner)?.wmape ?? null;
  const keys: ChartKey[] = [
    ...learners.map((learner, i): ChartKey => ({ label: nameOf(learner), color: color(i), shape: "box" })),
    { label: `${naive}, the line to beat`, color: "--naive", shape: "dashed" },
  ];
  return {
    id: "cv",
    label: `Bar chart: cross-validated WMAPE of ${learners.map(nameOf).join(", ")} by fold, with ${naive} as a line. The table has the same figures.`,
    caption: "WMAPE by fold, lower is better",
    keys,
    data: training,
    option: ({ narrow, width }) => ({
      grid: { left: 52, right: 8, top: 22, bottom: 34 },
      xAxis: {
        type: "category",
        data: training.folds.map(({ origin }) => (narrow ? origin : `trained up to ${origin}`)),
        axisLabel: { ...AXIS_LABEL, hideOverlap: true },
        axisLine: AXIS_LINE,
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        min: 0,
        axisLabel: { ...AXIS_LABEL, formatter: (value: number) => percent(value, 0) },
        splitLine: GRID_LINE,
        splitNumber: 4,
      },
      series: [
        ...learners.map((learner, i) => ({
          type: "bar" as const,
          data: training.folds.map((fold) => score(fold, learner)),
          itemStyle: { color: `var(${color(i)})`, borderRadius: [3, 3, 0, 0] },
          barMaxWidth: BAR_WIDTH,
          barGap: "12%",
          silent: true,
          emphasis: { disabled: true },
          label: {
            show: !narrow && training.folds.length * learners.length <= 16,
            position: "insideBottom" as const,
            color: "var(--bg)",
            fontSize: 12,
            fontFamily: AXIS_LABEL.fontFamily,
            formatter: ({ value }: { value: unknown }) => percent(typeof value === "number" ? value : null),
          },
        })),
        {
          type: "line" as const,
          data: training.folds.map((fold) => score(fold, naive)),
          symbol: "rect",
          symbolSize: [groupWidth(learners.length, training.folds.length, width), 3],
          itemStyle: { color: "var(--naive)" },
          lineStyle: { color: "var(--naive)", type: "dashed" as const, width: 1.5 },
          silent: true,
          emphasis: { disabled: true },
          z: 5,
        },
      ],
    }),
  };
}

/** Pixels that the bars of one fold take together, so that the naive's mark spans them. */
const groupWidth = (learners: number, folds: number, width: number): number =>
  Math.round(Math.min(Math.max(1, learners) * BAR_WIDTH * 1.1, ((width - 60) / folds) * 0.8));
