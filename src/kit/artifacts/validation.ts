import { z } from "zod";

const DriftRow = z.object({
  feature: z.string(),
  reference: z.string(),
  statistic: z.number().nullable(),
  pAdjusted: z.number().nullable(),
  n: z.number().int(),
  nReference: z.number().int(),
  /** Past quarters that p comes from, and how many had a D at least as large; null where it does not. */
  past: z.object({ quarters: z.number().int(), asLarge: z.number().int() }).nullable().default(null),
  verdict: z.enum(["PASS", "WARN", "FAIL", "UNKNOWN"]),
  /** Why there is no verdict. */
  why: z.string().nullable().default(null),
});

/** What became of the rows that the run of the quarter before saw. */
const Restated = z.object({
  since: z.string(),
  /** Periods with a changed row, of those that the run saw; labels of the first and last. */
  periods: z.number().int(),
  ofPeriods: z.number().int(),
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** Rows with another value or none, of those that had one; null where that run kept no rows. */
  rows: z.number().int().nullable(),
  ofRows: z.number().int().nullable(),
  /** Of `rows`: those without a value now. */
  gone: z.number().int(),
  /** Rows of its time that it did not see. */
  added: z.number().int(),
  series: z.number().int(),
  /** The value of an attribute that nearly all changed series have in common. */
  attribute: z.string().nullable(),
  value: z.string().nullable(),
  examples: z.array(z.string()),
  /** Sum of the changed rows, now over then, minus 1. */
  change: z.number().nullable(),
  /** The same of each row, where they agree. */
  each: z.number().nullable(),
});
export type Restated = z.infer<typeof Restated>;

/** `validation.json` */
export const ValidationReport = z.object({
  rows: z.number().int(),
  series: z.number().int(),
  firstPeriod: z.string(),
  lastPeriod: z.string(),
  /** Rows after the cutoff that were left out. */
  futureRows: z.number().int(),
  checks: z.array(
    z.object({
      id: z.string(),
      status: z.enum(["pass", "warn", "fail"]),
      count: z.number().int(),
      expected: z.string(),
      detail: z.string(),
      /** A few failing rows in words, e.g. `line 12: property P003, 2025-04: rooms is -3`. */
      examples: z.array(z.string()),
      /** The option or command that helps. */
      advice: z.string().optional(),
    }),
  ),
  /** Series with rows last quarter and none now, and the other way round. */
  lostSeries: z.array(z.string()),
  newSeries: z.array(z.string()),
  rowsThisQuarter: z.number().int(),
  rowsLastQuarter: z.number().int(),
  drift: z.array(DriftRow),
  /** What `drift` was judged by: it warns only where D reaches `statistic` and the corrected p is at most `alpha`. Null where no feature is watched. */
  driftTest: z
    .object({
      statistic: z.number(),
      alpha: z.number(),
      guard: z.enum(["auto", "history", "series", "none"]),
    })
    .nullable()
    .default(null),
  /** Of known features in the periods after the cutoff. */
  driftAhead: z.array(DriftRow).default([]),
  /**
   * The target and every known and observed feature, in the quarter and in the reference: values at the probabilities 0, 1/40 … 1
   * (type 7), empty without values.
   */
  distributions: z
    .array(
      z.object({
        feature: z.string(),
        reference: z.string(),
        now: z.array(z.number()),
        before: z.array(z.number()),
      }),
    )
    .default([]),
  /** Null without an earlier run. */
  restated: Restated.nullable().default(null),
  /** sha256 of `history.parquet` beside this file; null where there is none. */
  history: z.string().nullable().default(null),
  /** One row a period, oldest first: what the next quarter compares its history with. */
  profile: z.array(
    z.object({ period: z.string(), rows: z.number().int(), nulls: z.number().int(), total: z.number() }),
  ),
});
export type ValidationReport = z.infer<typeof ValidationReport>;
