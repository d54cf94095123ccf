/** What a step type of your own needs: the same contract as the built-in ones have. */
export { z } from "zod";
export type { ArtifactKind, ArtifactReader, ArtifactWriter, CustomKind } from "./artifact.js";
export { type Failure, FailureError, fail } from "./failure.js";
export type { Json } from "./json.js";
export type { QuarterWindow } from "./quarter.js";
export {
  defineStep,
  type ExternalContext,
  type InputPorts,
  type Metric,
  type MetricMap,
  type OutputPorts,
  optional,
  type ParameterProblem,
  type Ports,
  type StepContext,
  type StepResult,
  type StepType,
} from "./step.js";
