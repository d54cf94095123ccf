import { z } from "zod";
import { optional, type StepContext } from "../kit/step.js";
import { Rules } from "./rule-params.js";

export const params = z.strictObject({
  rules: Rules.describe("Rules that must hold before the alias moves; each is PASS, FAIL or UNKNOWN"),
});
export type Params = z.output<typeof params>;

export const inputs = {
  panel: "panel",
  model: "trained-model",
  version: "registered-version",
  forecaster: "forecaster",
  segments: optional("segments"),
  accuracy: optional("accuracy-report"),
} as const;
export type Inputs = typeof inputs;
/** What a rule is judged by. */
export type GateContext = StepContext<Params, Inputs, { decision: "decision" }>;
