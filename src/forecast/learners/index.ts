import { z } from "zod";
import type { Learner } from "../learner.js";
import { pooledRidge } from "./pooled-ridge.js";
import { seasonalNaive } from "./seasonal-naive.js";

/** A learner as the runbook names it. Plain data, so that a task can carry it to another thread. */
export const LearnerSpec = z.union([
  z.enum(["seasonal-naive", "pooled-ridge"]).describe("A learner with its defaults."),
  z
    .strictObject({
      use: z.literal("pooled-ridge").describe("The learner that the options are for."),
      lags: z
        .int()
        .min(1)
        .max(240)
        .optional()
        .describe("Lags of the regression. Default: two seasons and one (25 months or 9 quarters)."),
      lambda: z
        .number()
        .min(1e-12)
        .max(1e6)
        .optional()
        .describe("Ridge as a multiple of the mean diagonal of the normal equations. Default: 1e-5."),
    })
    .describe("A learner with options."),
]);
export type LearnerSpec = z.infer<typeof LearnerSpec>;

/** What every report compares with. */
export const NAIVE = "seasonal-naive" satisfies LearnerSpec;

export function makeLearner(spec: LearnerSpec): Learner {
  const use = typeof spec === "string" ? spec : spec.use;
  switch (use) {
    case "seasonal-naive":
      return seasonalNaive();
    case "pooled-ridge":
      return pooledRidge(typeof spec === "string" ? {} : { lags: spec.lags, lambda: spec.lambda });
  }
}

export const learnerId = (spec: LearnerSpec): string => makeLearner(spec).id;
