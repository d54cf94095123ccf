import { z } from "zod";
import { FurtherLevels, LearnerScore, LeftOutLevel } from "../../kit/artifacts/training.js";

/** `forecaster.json`: what a reader of a model directory must know beside the graph. */
export const ForecasterDescriptor = z.object({
  format: z.literal([1, 2]),
  model: z.string(),
  quarter: z.string(),
  /** ISO day: no later row had a part in this forecaster. */
  cutoff: z.string(),
  frequency: z.enum(["month", "quarter"]),
  fiscalYearStart: z.number().int(),
  season: z.number().int(),
  horizon: z.number().int(),
  /** C: periods of history that the graph takes. */
  context: z.number().int(),
  /** First forecast period: its calendar index (the graph's input `period`) and its first day. */
  first: z.object({ period: z.number().int(), start: z.string() }),
  levels: z.array(z.number()),
  /** CV residuals behind the intervals, one number a lead. */
  residuals: z.array(z.number().int()),
  /** The highest levels, where CV has too few residuals for them. Absent where there is none. */
  further: FurtherLevels.optional(),
  /** Levels that were asked for and that nothing carries. Absent where there is none. */
  leftOut: z.array(LeftOutLevel).optional(),
  /** What the graph's inputs `static` (after the segment), `known` and `observed` hold, column by column. */
  inputs: z
    .object({
      attributes: z.array(z.object({ name: z.string(), levels: z.array(z.string()) })),
      known: z.array(z.string()),
      observed: z.array(z.string()),
    })
    .default({ attributes: [], known: [], observed: [] }),
  /** How the experts became one forecast, and every expert with its weight over all series. */
  method: z.string().default("single"),
  experts: z.array(z.object({ id: z.string(), weight: z.number() })).default([]),
  /** How the outlook was made to add up, beside the graph: see `reconciliation.json`. Null: it is what the graph says. */
  reconciliation: z
    .object({ by: z.array(z.string()), method: z.string() })
    .nullable()
    .default(null),
  /** Of the last axis of the graph's output `quantiles`. */
  quantileProbabilities: z.array(z.number()),
  segments: z.array(z.object({ code: z.number().int(), segment: z.string(), learner: z.string() })),
  /** Learner of a series whose segment is unknown (code −1). */
  fallback: z.string(),
  /** Column names of the source that the panel was read from. */
  columns: z.object({
    series: z.string(),
    time: z.string(),
    target: z.string(),
    attributes: z.array(z.string()),
    known: z.array(z.string()),
    observed: z.array(z.string()),
  }),
  cv: LearnerScore,
  /** Seasonal naive on the same pairs. */
  naive: LearnerScore,
  series: z.number().int(),
  /** Hash of the panel artifact. */
  data: z.string(),
  retrain: z.string(),
});
export type ForecasterDescriptor = z.infer<typeof ForecasterDescriptor>;
