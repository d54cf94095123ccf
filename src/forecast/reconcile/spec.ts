import { z } from "zod";

const attribute = z.string().min(1);
const isDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** Which sums the forecasts must agree with, and how they are made to. */
export const ReconcileSpec = z
  .strictObject({
    by: z
      .array(attribute)
      .min(1)
      .refine(isDistinct, { message: "the same attribute is listed twice" })
      .describe(
        "Attributes from the widest to the narrowest: [state, zone] has the levels total, state, state / zone, series.",
      ),
    cross: z
      .array(z.array(attribute).min(1).refine(isDistinct, { message: "the same attribute is listed twice" }))
      .optional()
      .describe(
        "Further levels that cross these, each a list of attributes, e.g. [[purpose], [state, purpose]].",
      ),
    method: z
      .enum(["bottom-up", "mint-shrink"])
      .default("mint-shrink")
      .describe(
        "bottom-up: the series stay as they are and the levels are their sums. mint-shrink: the forecaster also " +
          "forecasts the sums, and the series move so that all agree, weighed by the shrunk covariance of the CV errors.",
      ),
  })
  .refine(
    ({ by, cross = [] }) => isDistinct([...prefixes(by), ...cross].map((level) => JSON.stringify(level))),
    {
      message: "a level is listed twice",
      path: ["cross"],
    },
  );
export type ReconcileSpec = z.infer<typeof ReconcileSpec>;

/** Attributes of every level between the total and the series. */
export const levelsOf = ({ by, cross = [] }: Pick<ReconcileSpec, "by" | "cross">): string[][] => [
  ...prefixes(by),
  ...cross,
];

const prefixes = (by: readonly string[]): string[][] => by.map((_, depth) => by.slice(0, depth + 1));
