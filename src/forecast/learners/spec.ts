import { z } from "zod";
import { wholeRecord } from "../../kit/whole-record.js";

const NAMES = [
  "seasonal-naive",
  "season-average",
  "ets-bank",
  "theta",
  "ses",
  "damped-trend",
  "pooled-ridge",
  "centred-ridge",
  "boosted-trees",
] as const;

const LAGS = z.int().min(1).max(240);
const LAMBDA = z.number().min(1e-12).max(1e6);

const PooledRidge = z.strictObject({
  use: z.literal("pooled-ridge").describe("The learner that the options are for."),
  lags: LAGS.optional().describe(
    "Lags of the regression. Default: two seasons and one (25 months or 9 quarters).",
  ),
  lambda: LAMBDA.optional().describe(
    "Ridge as a multiple of the mean diagonal of the normal equations. Default: 1e-5.",
  ),
  groups: z
    .boolean()
    .optional()
    .describe("Also a version for every segment and attribute with 10 series or more. Default: true."),
});

const CentredRidge = z.strictObject({
  use: z.literal("centred-ridge").describe("The learner that the options are for."),
  lambda: LAMBDA.optional().describe(
    "Ridge as a multiple of the mean diagonal of the normal equations. Default: 1e-3.",
  ),
  groups: z
    .boolean()
    .optional()
    .describe("Also a version for every segment and attribute with 10 series or more. Default: true."),
});

const EtsBank = z.strictObject({
  use: z.literal("ets-bank").describe("The learner that the options are for."),
  temper: z
    .number()
    .gt(0)
    .max(10)
    .optional()
    .describe("How fast a filter's weight falls with its information criterion. Default: 0.15."),
});

const BoostedTrees = z.strictObject({
  use: z.literal("boosted-trees").describe("The learner that the options are for."),
  lags: LAGS.optional().describe(
    "Lags among the features. Default: two seasons and one (25 months or 9 quarters).",
  ),
  trees: z.int().min(1).max(5000).optional().describe("Trees. Default: 80."),
  rate: z.number().gt(0).max(1).optional().describe("Learning rate. Default: 0.15."),
  leaves: z.int().min(2).max(1024).optional().describe("Most leaves of a tree. Default: 31."),
  minLeaf: z.int().min(1).max(1e6).optional().describe("Fewest rows of a leaf. Default: 30."),
  l2: z.number().min(0).max(1e6).optional().describe("L2 penalty of a leaf's value. Default: 0."),
  featureShare: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe("Share of the features that a tree sees. Default: 1."),
  rowShare: z.number().gt(0).max(1).optional().describe("Share of the rows that a tree sees. Default: 1."),
  rows: z.int().min(100).max(10_000_000).optional().describe("Most training rows. Default: 50000."),
  seed: z.int().min(0).max(4_294_967_295).optional().describe("Of every sample. Default: 1."),
});

export const CommandSpec = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe("Program and arguments that train a model: see docs/external-learners.md."),
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .optional()
    .describe("Name in reports. Default: the file name of the program's last argument without its ending."),
  cwd: z
    .string()
    .min(1)
    .meta({ path: true })
    .default(".")
    .describe("Folder that it runs in, relative to the runbook."),
  files: z
    .array(z.string().min(1))
    .meta({ path: true })
    .default([])
    .describe(
      "Further files that the model depends on, relative to the runbook: when one changes, the step runs again. Files that `command` names are in anyway.",
    ),
  env: wholeRecord(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable"),
    z.string(),
  )
    .default({})
    .describe("Environment variables; secrets belong here, as references to the environment."),
  options: wholeRecord(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe("Passed to the program as they are."),
  timeout: z
    .string()
    .regex(/^[1-9][0-9]{0,5}[smh]$/, "expected a number and a unit, e.g. 30s, 10m or 2h")
    .refine(
      (text) =>
        Number(text.slice(0, -1)) <= { s: 604_800, m: 10_080, h: 168 }[text.slice(-1) as "s" | "m" | "h"],
      {
        error: "expected a week at most, which is 168h",
      },
    )
    .optional()
    .describe(
      "Longest time that one run of it, a fold of CV or the final fit, may take, e.g. 30m. Default: 1h.",
    ),
});
export type CommandSpec = z.infer<typeof CommandSpec>;

const Optioned = z.discriminatedUnion("use", [PooledRidge, CentredRidge, EtsBank, BoostedTrees]);

/** A learner as the runbook names it. Plain data, so that a task can carry it to another thread. */
export const LearnerSpec = z.union([
  z.enum(NAMES).describe("A learner with its defaults."),
  Optioned.describe("A learner with options."),
  CommandSpec.describe("A learner of your own, in any language."),
]);
export type LearnerSpec = z.infer<typeof LearnerSpec>;

/** One that runs in this process. */
export type OwnLearnerSpec = Exclude<LearnerSpec, CommandSpec>;

export const isCommand = (spec: LearnerSpec): spec is CommandSpec =>
  typeof spec !== "string" && "command" in spec;

/** Whether a fit takes seconds where others take milliseconds. */
export const isSlow = (spec: OwnLearnerSpec): boolean =>
  (typeof spec === "string" ? spec : spec.use) === "boosted-trees";

/** What every report compares with. */
export const NAIVE = "seasonal-naive" satisfies LearnerSpec;

/** The default: four families that err in different ways, at equal weights. */
export const FOUR: readonly OwnLearnerSpec[] = ["ets-bank", "theta", "pooled-ridge", "centred-ridge"];
export const FIVE: readonly OwnLearnerSpec[] = [...FOUR, "boosted-trees"];
