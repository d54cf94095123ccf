import type { Learner } from "../learner.js";
import { boostedTrees } from "./boosted-trees.js";
import { centredRidge } from "./centred-ridge.js";
import { dampedTrend } from "./damped-trend.js";
import { etsBank } from "./ets-bank.js";
import { pooledRidge } from "./pooled-ridge.js";
import { seasonAverage } from "./season-average.js";
import { seasonalNaive } from "./seasonal-naive.js";
import { ses } from "./ses.js";
import { isCommand, type LearnerSpec, type OwnLearnerSpec } from "./spec.js";
import { theta } from "./theta.js";

export function makeLearner(spec: OwnLearnerSpec): Learner {
  if (typeof spec === "string") return MAKERS[spec]();
  switch (spec.use) {
    case "pooled-ridge":
      return pooledRidge(spec);
    case "centred-ridge":
      return centredRidge(spec);
    case "ets-bank":
      return etsBank(spec);
    case "boosted-trees":
      return boostedTrees(spec);
  }
}

const MAKERS: Readonly<Record<Extract<OwnLearnerSpec, string>, () => Learner>> = {
  "seasonal-naive": seasonalNaive,
  "season-average": seasonAverage,
  "ets-bank": etsBank,
  theta,
  ses,
  "damped-trend": dampedTrend,
  "pooled-ridge": pooledRidge,
  "centred-ridge": centredRidge,
  "boosted-trees": boostedTrees,
};

/** One line for the training report. */
export const learnerDescription = (spec: LearnerSpec, season: number): string =>
  isCommand(spec) ? `the program ${spec.command.join(" ")}` : makeLearner(spec).describe(season);

export function learnerId(spec: LearnerSpec): string {
  if (!isCommand(spec)) return makeLearner(spec).id;
  if (spec.id !== undefined) return spec.id;
  const last = spec.command.at(-1)!.split("/").at(-1)!;
  return last.replace(/\.[^.]*$/, "") || last;
}
