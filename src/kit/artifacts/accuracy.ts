import { z } from "zod";

/** Scores of one group of (series, period) pairs. `null` where the denominator is zero or there is no pair. */
export const Scores = z.object({
  n: z.number().int(),
  /** Pairs that stand on one side only. */
  excluded: z.number().int(),
  wmape: z.number().nullable(),
  bias: z.number().nullable(),
  mase: z.number().nullable(),
  /** Σ|y−ŷ| and Σ|y|: what a reader needs to pool groups again. */
  absoluteError: z.number(),
  absoluteActual: z.number(),
});
export type Scores = z.infer<typeof Scores>;

const Group = Scores.extend({ key: z.string() });

/** One series to draw, periods in order. Null is a period without a number, or a forecast without an interval. */
const DrawnSeries = z.object({
  key: z.string(),
  actuals: z.array(z.object({ period: z.string(), actual: z.number().nullable() })),
  forecasts: z.array(
    z.object({
      period: z.string(),
      forecast: z.number(),
      lo: z.number().nullable(),
      hi: z.number().nullable(),
    }),
  ),
});
export type DrawnSeries = z.infer<typeof DrawnSeries>;

/** `accuracy.json`: forecasts of the live model's snapshots against the quarter's actuals. */
export const AccuracyReport = z.object({
  quarter: z.string(),
  /** Which snapshots were scored, latest first. */
  snapshots: z.array(
    z.object({
      source: z.string(),
      cutoff: z.string(),
      version: z.string().nullable(),
      pairs: z.number().int(),
      /**
       * Why services had it: its version was put live by the gate, an approval or an adoption; or the candidate of its quarter was not, so that version
       * stayed; or it came back, as `insteadOf` was rolled back. Absent in reports of programs before.
       */
      why: z.enum(["promoted", "approved", "adopted", "stayed", "rolled-back", "imported"]).exactOptional(),
      insteadOf: z.string().exactOptional(),
    }),
  ),
  /** Versions that services had from a cutoff on, after `insteadOf` was rolled back, and that left no forecast from there. Absent where there are none. */
  unrecorded: z
    .array(z.object({ quarter: z.string(), cutoff: z.string(), version: z.string(), insteadOf: z.string() }))
    .exactOptional(),
  /** Every (series, period) once, by the latest snapshot made before the period. */
  total: Scores,
  /** The seasonal naive forecast on the same pairs. */
  naive: Scores,
  bySegment: z.array(Group),
  byPeriod: z.array(Group),
  /** All snapshots, one row a lead time (1 = first period after the snapshot's cutoff). */
  byLead: z.array(Group),
  /** Series with the largest absolute error, worst first. */
  worstSeries: z.array(Group.extend({ segment: z.string().nullable(), share: z.number() })),
  /** The first of `worstSeries` with what happened and what was forecast; `level` is that of `lo`..`hi`, null without intervals. */
  drawn: z
    .object({ level: z.number().nullable(), series: z.array(DrawnSeries) })
    .default({ level: null, series: [] }),
  /** Share of pairs with lo ≤ y ≤ hi, by nominal level, where the snapshots carry intervals. */
  coverage: z.array(z.object({ level: z.number(), observed: z.number().nullable(), n: z.number().int() })),
});
export type AccuracyReport = z.infer<typeof AccuracyReport>;
