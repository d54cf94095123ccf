import type { ForecastFailure } from "../../kit/failures/forecast.js";
import { count, figure, percent, plural } from "../format.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

export function explainForecastFailure(failure: ForecastFailure, context: FailureContext): FailureText {
  const again = againCommand(context);
  switch (failure.code) {
    case "forecast.too-short":
      return {
        title: "The history is too short to cross-validate",
        where: `longest series: ${plural(failure.have, "period")}`,
        expected: `at least ${plural(failure.needSeries, "series", "series")} with ${plural(failure.need, "period")} each, for one fold with a horizon of ${failure.horizon}`,
        details: [`Series that are long enough: ${count(failure.eligibleSeries)}`],
        next: [`Load more history, or lower \`model.horizon\` in the runbook, then run ${again}`],
      };
    case "forecast.parity":
      return {
        title: "The exported graph does not forecast what the trained model forecasts; it was not published",
        where: `series ${failure.series}, lead ${failure.lead}`,
        expected: `equal within ${figure(failure.tolerance)} of the value`,
        details: [`Trainer: ${failure.trainer}`, `Graph: ${failure.graph}`],
        next: [`Report it to ${context.reportTo} with the lines above`],
      };
    case "forecast.level-unsupported":
      return {
        title: `There are too few cross-validation residuals for a ${percent(failure.level, 3).replace(/\.?0+%$/, "%")} interval`,
        where: `${plural(failure.residuals, "residual")} for each lead`,
        expected: `at least ${plural(failure.need, "residual")}`,
        details: [
          failure.available.length === 0
            ? "No level can be supported with so few."
            : `Levels that they support: ${failure.available.join(", ")}`,
        ],
        next: [`Lower \`levels\` or raise \`folds\` in the runbook, then run ${again}`],
      };
    case "forecast.model-invalid":
      return {
        title: "The model file is not valid",
        where: failure.file,
        expected: "a model that this version of retrain has written",
        details: [failure.detail],
        next: [`Train it again: ${again}`],
      };
    case "forecast.no-runtime":
      return {
        title:
          failure.packed === null
            ? `onnxruntime does not load on this machine (${failure.platform})`
            : `This package was packed without onnxruntime for ${failure.platform}`,
        where: null,
        expected:
          failure.packed === null
            ? "what it needs of the system: glibc 2.28 and libstdc++ on Linux, macOS 14, the Visual C++ runtime on Windows"
            : `a package for ${failure.platform}; this one is for ${failure.packed.join(", ")}`,
        details: failure.detail === null ? [] : [failure.detail],
        next:
          failure.packed === null
            ? [`Install what is missing, then run ${again}`]
            : [
                `In a clone: \`RETRAIN_PLATFORMS=${failure.platform} npm run build && npm pack\` (or \`all\`), and install that file`,
              ],
      };
    case "forecast.thread-lost":
      return {
        title: "A thread of the training ended before it had finished, most likely for want of memory",
        where:
          failure.seconds === null
            ? "a worker thread of this process"
            : `a thread that grows trees, not heard of for ${plural(failure.seconds, "second")}`,
        expected: "memory for every thread that trains",
        details: [],
        next: [`Train on fewer threads: RETRAIN_WORKERS=1 ${again}`],
      };
    default:
      return assertNever(failure);
  }
}
