import { z } from "zod";
import type { AnyStepType } from "../kit/step.js";
import { wholeRecord } from "../kit/whole-record.js";
import { attemptKeys } from "./attempts.js";
import { data } from "./data-schema.js";
import { notifyItem } from "./notify.js";
import { MODULE_PATTERN } from "./step-module.js";

/** Ids name folders and metric paths, so they stay plain. */
const id = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "an id starts with a letter and holds letters, digits, - and _");

const calendar = z
  .strictObject({
    fiscalYearStart: z
      .int()
      .min(1)
      .max(12)
      .default(1)
      .describe("Month in which the fiscal year starts; 2025Q1 then starts there"),
  })
  .describe("How quarters are counted");

const model = z
  .strictObject({
    name: z.string().min(1).describe("Name in the model registry"),
    alias: z.string().min(1).default("best").describe("Alias that services follow; promotion moves it"),
    horizon: z.int().min(1).max(120).describe("Periods to forecast after the quarter's end"),
    firstRelease: z
      .enum(["promote", "escalate"])
      .default("promote")
      .describe("What a passing gate does when there is no champion yet"),
  })
  .describe("What is trained and how it is released");

const registry = z
  .strictObject({
    uri: z
      .string()
      .min(1)
      .describe(
        "`http://HOST:PORT` or `https://…` for an MLflow server; `file:FOLDER` for the embedded registry, relative to the runbook; `file:.retrain/…` is inside the state directory, wherever that is",
      ),
  })
  .describe("Where models are registered");

const approvals = z
  .strictObject({
    approvers: z
      .array(z.string().trim().min(1))
      .default([])
      .describe("Names that `retrain approve --by` takes; empty: any name"),
    required: z
      .union([z.literal(1), z.literal(2)])
      .default(1)
      .describe("How many different people have to approve before the alias moves"),
  })
  .refine(({ approvers, required }) => approvers.length === 0 || approvers.length >= required, {
    path: ["approvers"],
    error: "two people have to approve, and one name is here",
  })
  .describe("Who may approve a candidate that the gate refused");

const csv = z
  .strictObject({
    formulas: z
      .enum(["text", "keep"])
      .default("text")
      .describe(
        "`text`: text that a spreadsheet would run as a formula gets an apostrophe in front, so that it is shown; `keep`: it is written as it is",
      ),
  })
  .describe("CSV files for people: outlook.csv, failures.csv, rows.csv");

const escalation = z
  .strictObject({
    owner: z.string().optional().describe("Who acts on an escalation"),
    deadline: z
      .string()
      .regex(/^[1-9][0-9]*[hdw]$/, "expected a number and a unit, e.g. 5d, 36h or 2w")
      .optional()
      .describe("How long the owner has, from the end of the run, e.g. 5d"),
    notify: z.array(notifyItem).default([]).describe("Who is told, after the escalation is on disk"),
    approvals: approvals.optional(),
  })
  .describe("What happens when a rule fails");

const stepFrame = {
  id: id.describe("Name of the step in this runbook; metrics are called ID.NAME"),
  needs: z
    .array(z.string())
    .optional()
    .describe("Steps that must come first although nothing flows between them"),
  inputs: wholeRecord(z.string(), z.string())
    .optional()
    .describe("Input port → step that feeds it, where more than one step could"),
  optional: z
    .boolean()
    .optional()
    .describe(
      "true: the run may go on and promote when this step fails. Without it, a step that failed stops `promote`",
    ),
  ...attemptKeys,
};

const frame = {
  version: z.literal(1).describe("Version of the runbook format"),
  name: z.string().min(1).describe("Name of the runbook"),
  data,
  calendar: calendar.optional(),
  model,
  registry: registry.optional(),
  csv: csv.optional(),
  escalation: escalation.optional(),
};

/** The runbook as it is written, with the steps' `with:` still unchecked: each step type checks its own. */
export const RunbookFile = z.strictObject({
  ...frame,
  steps: z
    .array(
      z.strictObject({
        ...stepFrame,
        uses: z.string(),
        with: wholeRecord(z.string(), z.unknown()).optional(),
      }),
    )
    .min(1),
});
export type RunbookFile = z.output<typeof RunbookFile>;

/** JSON schema (draft 2020-12) of a runbook that may use these step types, for editors. */
export function runbookJsonSchema(types: readonly AnyStepType[]): unknown {
  const steps = types.map((type) =>
    z
      .strictObject({
        ...stepFrame,
        uses: z.literal(type.type).describe(type.summary),
        with: type.params.safeParse({}).success ? type.params.optional() : type.params,
      })
      .describe(type.summary),
  );
  const ofModule = z
    .strictObject({
      ...stepFrame,
      uses: z.string().regex(MODULE_PATTERN).describe("Path of a module, relative to the runbook"),
      with: wholeRecord(z.string(), z.unknown()).optional().describe("Parameters; the module checks them"),
    })
    .describe("A step type of your own, from a module");
  const schema = z.strictObject({
    ...frame,
    steps: z
      .array(z.union([...steps, ofModule]))
      .min(1)
      .describe("Run in this order"),
  });
  return {
    title: "retrain runbook",
    ...z.toJSONSchema(schema, { io: "input", reused: "inline" }),
  };
}
