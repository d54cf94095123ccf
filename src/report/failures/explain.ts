import type { Failure } from "../../kit/failure.js";
import { explainApprovalFailure } from "./approval.js";
import { explainBacktestFailure } from "./backtest.js";
import { explainCommandFailure } from "./command.js";
import { explainDataFailure } from "./data.js";
import { explainEngineFailure } from "./engine.js";
import { explainForecastFailure } from "./forecast.js";
import { explainLearnerFailure } from "./learner.js";
import { explainRegistryFailure } from "./registry.js";
import { explainStateFailure } from "./state.js";
import { type FailureContext, type FailureText, NO_CONTEXT } from "./text.js";

/** The word before the dot of a failure code. */
type Area = Failure["code"] extends `${infer A}.${string}` ? (A extends string ? A : never) : never;
type Explain<F extends Failure> = (failure: F, context: FailureContext) => FailureText;
type FailureOf<A extends Area> = Extract<Failure, { readonly code: `${A}.${string}` }>;

/** Typed by area, so that a failure of a new area does not compile before it has prose. */
const EXPLAINERS: { readonly [A in Area]: Explain<FailureOf<A>> } = {
  approval: explainApprovalFailure,
  backtest: explainBacktestFailure,
  command: explainCommandFailure,
  data: explainDataFailure,
  forecast: explainForecastFailure,
  learner: explainLearnerFailure,
  registry: explainRegistryFailure,
  snapshot: explainRegistryFailure,
  usage: explainEngineFailure,
  runbook: explainEngineFailure,
  run: explainEngineFailure,
  plan: explainEngineFailure,
  step: explainEngineFailure,
  state: explainStateFailure,
  store: explainEngineFailure,
  fs: explainEngineFailure,
  memory: explainEngineFailure,
  internal: explainEngineFailure,
};

/** Puts a failure into words. */
export function explainFailure(failure: Failure, context: FailureContext = NO_CONTEXT): FailureText {
  const area = failure.code.slice(0, failure.code.indexOf(".")) as Area;
  return (EXPLAINERS[area] as Explain<Failure>)(failure, context);
}
