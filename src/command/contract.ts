import { z } from "zod";
import { wholeRecord } from "../kit/whole-record.js";

/** Version of both documents. A new member does not change it; a change of meaning does. */
export const CONTRACT_FORMAT = 1;

const path = z.string().describe("Absolute path");
const day = z.string().describe("ISO day");

/** What a command is told: the JSON file that the environment variable RETRAIN_CONTEXT names. */
export const CommandContext = z
  .strictObject({
    format: z.literal(CONTRACT_FORMAT).describe("Version of this document"),
    run: z
      .strictObject({ id: z.string(), dryRun: z.boolean().describe("True: change nothing outside") })
      .describe("The run that the step belongs to"),
    step: z.string().describe("Id of the step in the runbook"),
    quarter: z
      .strictObject({ label: z.string().describe("e.g. 2025Q2"), start: day, cutoff: day })
      .describe("The quarter whose actuals have just closed"),
    cutoff: day.describe("Last day of the quarter: no row after it may have a part in the result"),
    params: wholeRecord(z.string(), z.unknown()).describe("`with.params` of the step, as the runbook has it"),
    data: z
      .strictObject({
        frequency: z.enum(["month", "quarter"]),
        columns: z.strictObject({
          series: z.string(),
          time: z.string(),
          target: z.string(),
          attributes: z.array(z.string()),
          known: z.array(z.string()),
          observed: z.array(z.string()),
        }),
      })
      .describe("Columns of the panel and the roles that they play"),
    model: z
      .strictObject({ name: z.string(), alias: z.string(), horizon: z.int() })
      .describe("The model section of the runbook"),
    inputs: wholeRecord(
      z.string(),
      z.strictObject({
        kind: z.string().describe("Artifact kind, see docs/steps.md"),
        files: wholeRecord(z.string(), path).describe("Name inside the artifact → file to read; never write"),
      }),
    ).describe("Input port → its artifact"),
    outputs: wholeRecord(z.string(), path).describe("Output port → folder to write its files into"),
    result: path.describe("Where to write the result, see command-result.schema.json"),
  })
  .describe("What a command step is told");
export type CommandContext = z.output<typeof CommandContext>;

/** What a command answers: the JSON file that it writes to `result`. */
export const CommandResult = z
  .strictObject({
    summary: z.string().min(1).describe("One line for people, with the main figure"),
    metrics: wholeRecord(
      z.string(),
      z
        .strictObject({
          value: z.number().nullable().describe("Null where it could not be measured: never 0 for that"),
          n: z.int().min(0).exactOptional().describe("Observations behind the value"),
          why: z
            .string()
            .regex(/^[a-z]+(-[a-z]+)*$/, "expected lower-case words with hyphens, e.g. no-history")
            .exactOptional()
            .describe("Why the value is null; required then"),
        })
        .refine(({ value, why }) => value !== null || why !== undefined, {
          path: ["why"],
          error: "expected the reason why the value is null, e.g. no-history",
        }),
    )
      .default({})
      .describe("Name, as `with.metrics` declares it → what was measured"),
  })
  .describe("What a command step answers");
export type CommandResult = z.output<typeof CommandResult>;
