import { z } from "zod";

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

export const ThresholdRule = z
  .strictObject({
    ...common,
    metric: z.string().describe("Full metric path STEP.NAME, e.g. accuracy.wmape"),
    max: z.number().optional().describe("Passes while observed ≤ max"),
    min: z.number().optional().describe("Passes while observed ≥ min"),
  })
  .refine((rule) => (rule.max === undefined) !== (rule.min === undefined), {
    message: "a threshold needs either `max` or `min`",
  })
  .describe("A metric of an earlier step against a limit");

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
    maxIncrease: z.number().describe("Passes while candidate − champion ≤ maxIncrease"),
  })
  .describe("The candidate against the model that is live");

export const DriftRule = z
  .strictObject({
    ...common,
    ks: z
      .strictObject({
        features: z.array(z.string()).min(1).describe("Observed or known features, or `target`"),
        statistic: z.number().gt(0).max(1).describe("Limit of the KS statistic D"),
        alpha: z.number().gt(0).lt(1).default(0.05).describe("Level of the corrected p"),
        correction: z
          .enum(["bh", "bonferroni", "none"])
          .default("bh")
          .describe("Correction over the features"),
        reference: z
          .enum(["same-quarter-last-year", "previous-quarter", "training-window"])
          .default("same-quarter-last-year")
          .describe("What the quarter's values are compared with"),
        minN: z.int().min(1).default(30).describe("Values that each side needs; fewer is UNKNOWN"),
      })
      .describe(
        "Two-sample Kolmogorov–Smirnov test; fails only if D ≥ statistic and the corrected p ≤ alpha",
      ),
  })
  .describe("Distribution drift of features");

export type ThresholdRule = z.output<typeof ThresholdRule>;
export type ChampionRule = z.output<typeof ChampionRule>;
export type DriftRule = z.output<typeof DriftRule>;
export type Rule = ThresholdRule | ChampionRule | DriftRule;

export const Rules = z
  .array(z.union([ThresholdRule, ChampionRule, DriftRule]))
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
