import { z } from "zod";
import { wholeRecord } from "../../kit/whole-record.js";

/** Version of the request. A new member does not change it; a change of meaning does. */
export const CONTRACT_FORMAT = 1;

export const FORECASTS_PARQUET = "forecasts.parquet";
export const FORECASTS_CSV = "forecasts.csv";
export const MODEL = "model.onnx";

const period = z.int().describe("Calendar index: a month is year·12 + month − 1");
const names = z.array(
  z.strictObject({ name: z.string(), column: z.string().describe("Column of panel.parquet") }),
);

/** What a learner's program is told: `request.json` in the folder that the environment variable RETRAIN_LEARNER_DIR names. */
export const LearnerRequest = z
  .strictObject({
    format: z.literal(CONTRACT_FORMAT).describe("Version of this document"),
    learner: z.string().describe("Id of the learner"),
    task: z
      .enum(["forecast", "export"])
      .describe(
        "forecast: a fold of CV, write `forecasts.parquet`. export: the final fit, write `model.onnx`",
      ),
    fold: z
      .strictObject({ number: z.int(), of: z.int() })
      .nullable()
      .describe("Which fold of CV, oldest first; null for the final fit"),
    origin: z
      .strictObject({ period, start: z.string().describe("Its first day") })
      .describe("Last period that the forecasts see"),
    since: period.nullable().describe("First period of panel.parquet, or null: all history"),
    gap: z.int().describe("Periods up to the origin that panel.parquet lacks and `history` has"),
    frequency: z.enum(["month", "quarter"]),
    season: z.int().describe("Periods in a year"),
    horizon: z.int().describe("H: periods to forecast"),
    context: z.int().describe("C: periods of history that a forecast sees"),
    clip: z
      .strictObject({
        nonNegative: z
          .boolean()
          .describe("Whether forecasts are clipped to 0 … peaks · largest value of the row's history"),
        peaks: z.number(),
      })
      .describe("What is done to the forecasts afterwards"),
    seed: z.int().describe("For whatever is random: the same request must give the same answer"),
    options: wholeRecord(z.string(), z.union([z.string(), z.number(), z.boolean()])).describe(
      "`options` of the learner in the runbook",
    ),
    series: z.array(z.string()).describe("Id of the series of every row of the inputs"),
    segments: z.array(z.string()).describe("Segment of every code in the column `segment`"),
    attributes: z
      .array(z.strictObject({ name: z.string(), column: z.string(), levels: z.array(z.string()) }))
      .describe(
        "Static labels, in the order of `static` after the segment; `levels` in the order of their codes",
      ),
    known: names.describe("Features known ahead, in the order of `known`"),
    observed: names.describe("Features known up to the origin, in the order of `observed`"),
    inputs: z
      .array(
        z.strictObject({
          name: z.enum(["history", "period", "static", "known", "observed"]),
          file: z.string(),
          type: z.enum(["float32", "int64"]),
          shape: z.array(z.int()),
        }),
      )
      .describe(
        "What there is to forecast from, one row a series: files of the folder, and inputs of the graph to export",
      ),
    onnx: z
      .strictObject({ opset: z.int(), mlOpset: z.int() })
      .describe("Operator sets of the graph to export: ai.onnx exactly, ai.onnx.ml at most"),
  })
  .describe("What the program of a learner is told");
export type LearnerRequest = z.output<typeof LearnerRequest>;
