import type { AnyStepType } from "../src/kit/step.js";
import { accuracyReport } from "./accuracy-report.js";
import { buildArtifacts } from "./build-artifacts.js";
import { command } from "./command.js";
import { compareCheckpoints } from "./compare-checkpoints.js";
import { gate } from "./gate.js";
import { generateOutlook } from "./generate-outlook.js";
import { promote } from "./promote.js";
import { refreshSegments } from "./refresh-segments.js";
import { registerModel } from "./register-model.js";
import { trainPooledCv } from "./train-pooled-cv.js";
import { validateData } from "./validate-data.js";

/** Every step type that a runbook may use. Schema, docs and contract tests come from this list. */
export const stepTypes: readonly AnyStepType[] = [
  validateData,
  accuracyReport,
  refreshSegments,
  trainPooledCv,
  registerModel,
  buildArtifacts,
  generateOutlook,
  compareCheckpoints,
  gate,
  promote,
  command,
];
