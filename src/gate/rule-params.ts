import { z } from "zod";
import { ExpressionError, parseExpression } from "./expression/parse.js";

const common = {
  id: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "an id starts with a letter and holds letters, digits, - and _")
    .describe("Name of the rule in the decision and the escalation"),
  severity: z
    .enum(["block", "warn"])
    .default("block")
    .describe("`warn` is reported and never stops a promotion"),
  whenUnknown: z
    .enum(["escalate", "pass"])
    .default("escalate")
    .describe("What happens when the figure could not be measured"),
};

const limits = {
  max: z.number().optional().describe("Passes while observed ≤ max"),
  min: z.number().optional().describe("Passes while observed ≥ min"),
  maxAbs: z.number().min(0).optional().describe("Passes while −maxAbs ≤ observed ≤ maxAbs; for bias"),
};
const ONE_LIMIT = "a threshold needs one of `max`, `min` and `maxAbs`";
const count = (...values: unknown[]): number => values.filter((value) => value !== undefined).length;

const minN = z
  .int()
  .min(1)
  .optional()
  .describe("Observations that a figure needs; fewer is UNKNOWN. Default 1, of each group with `by` 10");

const bySegmentOrLead = z
  .enum(["segment", "lead"])
  .optional()
  .describe("Judges each segment, or each lead time, on its own; the rule fails if one fails");
const bySegment = z
  .literal("segment")
  .optional()
  .describe("Judges each segment on its own; the rule fails if one fails");
const correction = z
  .enum(["bh", "bonferroni", "none"])
  .default("bh")
  .describe(
    "Correction for judging several groups or features at once: Benjamini–Hochberg, Bonferroni or none",
  );

const features = z
  .array(z.string())
  .min(1)
  .describe(
    "Observed or known features, or `target` (a feature of that name comes first; the target then goes by the name of its column)",
  );
const reference = z
  .enum(["same-quarter-last-year", "previous-quarter", "training-window"])
  .default("same-quarter-last-year")
  .describe("What the quarter's values are compared with");
const driftMinN = z.int().min(1).default(30).describe("Values that each side needs; fewer is UNKNOWN");

export const ThresholdRule = z
  .strictObject({
    ...common,
    metric: z.string().describe("Full metric path STEP.NAME, e.g. accuracy.wmape"),
    ...limits,
    by: bySegmentOrLead,
    minN,
  })
  .refine(({ max, min, maxAbs }) => count(max, min, maxAbs) === 1, { message: ONE_LIMIT })
  .refine(({ by, metric }) => by === undefined || /^[^.]+\.(wmape|mase|bias)$/.test(metric), {
    path: ["by"],
    message: "`by` is for wmape, mase and bias of the accuracy report",
  })
  .describe("A metric of an earlier step against a limit");

export const ExprRule = z
  .strictObject({
    ...common,
    expr: z
      .string()
      .describe(
        "Arithmetic on metrics, e.g. `accuracy.wmape / train.naive.wmape`: + - * /, parentheses, min(), max(), abs()",
      ),
    ...limits,
    minN,
  })
  .refine(({ max, min, maxAbs }) => count(max, min, maxAbs) === 1, { message: ONE_LIMIT })
  .superRefine(({ expr }, context) => {
    try {
      parseExpression(expr);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      context.addIssue({ code: "custom", path: ["expr"], message: error.message });
    }
  })
  .describe("A figure computed from metrics against a limit");

export const ChampionRule = z
  .strictObject({
    ...common,
    compare: z
      .literal("champion")
      .describe("Candidate and champion, scored on the same rows of this quarter"),
    metric: z
      .enum(["wmape", "mase", "bias"])
      .default("wmape")
      .describe("What is compared; for bias its size"),
    maxIncrease: z.number().optional().describe("Passes while candidate − champion ≤ maxIncrease"),
    maxRelativeIncrease: z
      .number()
      .optional()
      .describe("Passes while (candidate − champion) / champion ≤ maxRelativeIncrease"),
    confidence: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.9)
      .describe("Level of the bootstrap interval of the difference over series"),
    test: z
      .enum(["point", "upper"])
      .default("point")
      .describe(
        "`point`: fails if the difference exceeds the limit. `upper`: passes only if the interval's upper end does not. With `by` both are one-sided tests at 1 − confidence after the correction",
      ),
    by: bySegmentOrLead,
    minN,
    correction,
  })
  .refine(({ maxIncrease, maxRelativeIncrease }) => count(maxIncrease, maxRelativeIncrease) === 1, {
    message: "a champion rule needs either `maxIncrease` or `maxRelativeIncrease`",
  })
  .refine(({ test, metric }) => test === "point" || metric !== "bias", {
    path: ["test"],
    message: "`upper` needs an interval, which there is for wmape and mase only",
  })
  .describe("The candidate against the model that is live");

/** A guarded KS test, wherever one is made: with the same parameters it comes to the same verdict. */
export const ksTest = {
  features,
  statistic: z.number().gt(0).max(1).default(0.1).describe("Limit of the KS statistic D"),
  alpha: z.number().gt(0).lt(1).default(0.05).describe("Level of the corrected p"),
  correction,
  reference,
  values: z
    .enum(["relative", "raw"])
    .default("relative")
    .describe(
      "`relative`: each series in units of its own mean over both windows. `raw`: as they are, so that large and small series mix",
    ),
  guard: z
    .enum(["auto", "history", "series", "none"])
    .default("auto")
    .describe(
      "Against dependence of values. `history`: p is the rank of D among past quarters. `series`: p counts a series once. `auto`: history; where that is short, extrapolated from 5 quarters and more. `none`: p of independent values",
    ),
  quarters: z
    .int()
    .min(1)
    .default(24)
    .describe("Past quarters that `history` looks back on, at most; it needs 1/alpha − 1 of them"),
  minN: driftMinN,
};

export const DriftRule = z
  .strictObject({
    ...common,
    ks: z
      .strictObject({ ...ksTest, by: bySegment })
      .describe(
        "Two-sample Kolmogorov–Smirnov test; fails only if D ≥ statistic and the corrected p ≤ alpha",
      ),
  })
  .describe("Distribution drift of features");

export const PsiRule = z
  .strictObject({
    ...common,
    psi: z
      .strictObject({
        features,
        max: z.number().gt(0).default(0.25).describe("Passes while PSI ≤ max"),
        bins: z.int().min(2).max(100).default(10).describe("Bins of equal share of the reference"),
        reference,
        minN: driftMinN,
      })
      .describe("Population stability index of the quarter's values against the reference"),
  })
  .describe("Population stability of features");

export const MissingRule = z
  .strictObject({
    ...common,
    missing: z
      .strictObject({
        features,
        maxIncrease: z
          .number()
          .min(0)
          .max(1)
          .describe("Passes while share missing now − share missing in the reference ≤ maxIncrease"),
        reference,
        minN: z.int().min(1).default(30).describe("Cells that each side needs; fewer is UNKNOWN"),
      })
      .describe(
        "Share of cells without a value, where a period of a series without a row counts as one, against the reference",
      ),
  })
  .describe("Missing values of features");

export const FreshnessRule = z
  .strictObject({
    ...common,
    freshness: z
      .strictObject({
        maxAge: z
          .string()
          .regex(/^\d+ (months?|quarters?)$/, "write `2 months` or `1 quarter`")
          .describe("How old the newest target value may be at the cutoff, e.g. `1 month`"),
        maxStale: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe(
            "Share of the series with a value in the year to the cutoff whose own newest one may be older",
          ),
      })
      .describe("Age of the data at the cutoff"),
  })
  .describe("How recent the data is");

export type ThresholdRule = z.output<typeof ThresholdRule>;
export type ExprRule = z.output<typeof ExprRule>;
export type ChampionRule = z.output<typeof ChampionRule>;
export type DriftRule = z.output<typeof DriftRule>;
export type PsiRule = z.output<typeof PsiRule>;
export type MissingRule = z.output<typeof MissingRule>;
export type FreshnessRule = z.output<typeof FreshnessRule>;

export const Rule = z.union([
  ThresholdRule,
  ExprRule,
  ChampionRule,
  DriftRule,
  PsiRule,
  MissingRule,
  FreshnessRule,
]);
export type Rule = z.output<typeof Rule>;

export const Rules = z
  .array(Rule)
  .min(1)
  .superRefine((rules, context) => {
    const seen = new Set<string>();
    rules.forEach((rule, index) => {
      if (seen.has(rule.id)) {
        context.addIssue({
          code: "custom",
          path: [index, "id"],
          message: `two rules have the id "${rule.id}"`,
        });
      }
      seen.add(rule.id);
    });
  });

/** Features that a rule reads, and under which of its parameters they are listed. */
export function testedFeatures(rule: Rule): {
  readonly kind: "ks" | "psi" | "missing" | null;
  readonly names: readonly string[];
} {
  if ("ks" in rule) return { kind: "ks", names: rule.ks.features };
  if ("psi" in rule) return { kind: "psi", names: rule.psi.features };
  if ("missing" in rule) return { kind: "missing", names: rule.missing.features };
  return { kind: null, names: [] };
}
