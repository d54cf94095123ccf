import type { LeakFound, LearnerFailure } from "../../kit/failures/learner.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

export function explainLearnerFailure(failure: LearnerFailure, context: FailureContext): FailureText {
  const again = againCommand(context);
  const where = `learner ${failure.learner}, ${failure.part}`;
  const correct = `Correct the program (docs/external-learners.md), then ${again}`;
  const log = `What it wrote while it ran is in ${failure.log}.`;
  switch (failure.code) {
    case "learner.not-found": {
      const { what, name, errno } = failure;
      const denied = errno === "EACCES";
      return {
        title: denied
          ? `The ${what} ${name} of the learner ${failure.learner} may not be used (permission denied)`
          : `The ${what} ${name} of the learner ${failure.learner} is not there${errno === "ENOENT" ? "" : ` (${errno})`}`,
        where,
        expected:
          what === "program"
            ? "a program on the PATH, or a path relative to the learner's folder, that may be executed"
            : "a folder",
        details: [],
        next: [
          denied && what === "program"
            ? `\`chmod +x ${name}\`, or name its interpreter first in \`command\`; then ${again}`
            : `Correct \`command\` of the learner in the runbook, or install what is missing; then ${again}`,
        ],
      };
    }
    case "learner.failed":
      return {
        title:
          failure.signal === null
            ? `${failure.program} of the learner ${failure.learner} ended with exit code ${failure.exitCode ?? "unknown"}`
            : `${failure.program} of the learner ${failure.learner} was ended by ${failure.signal}`,
        where,
        expected: "exit code 0",
        details: lastLines(failure.lines),
        next: [`Read all that it wrote in ${failure.log}, correct it, then ${again}`],
      };
    case "learner.timeout":
      return {
        title: `${failure.program} of the learner ${failure.learner} was ended after ${failure.limit}`,
        where,
        expected: `an end within its \`timeout\` of ${failure.limit}`,
        details: lastLines(failure.lines),
        next: [
          `Read all that it wrote in ${failure.log}; raise \`timeout\` of the learner or make it faster, then ${again}`,
        ],
      };
    case "learner.output-missing":
      return {
        title: `The learner ${failure.learner} wrote no ${failure.file}`,
        where,
        expected: `${failure.file} in the folder that RETRAIN_LEARNER_DIR names`,
        details: [log],
        next: [correct],
      };
    case "learner.forecasts-invalid":
      return {
        title: `The learner ${failure.learner} left forecasts that cannot be used: ${failure.problem}`,
        where: `${where}, ${failure.file}`,
        expected: "one number for every lead of every series that has a number in its history",
        details: [log],
        next: [correct],
      };
    case "learner.model-invalid":
      return {
        title: `The learner ${failure.learner} left a model that cannot be used: ${failure.problem}`,
        where: `${where}, ${failure.file}`,
        expected:
          "an ONNX graph from the inputs of the request to `forecast` float [N, H], of the request's operator sets, that forecasts any history",
        details: [log],
        next: [correct],
      };
    case "learner.leaks-future":
      return {
        title: `The learner ${failure.learner} knows the rows after its fold: its scores in cross-validation mean nothing`,
        where,
        expected: "forecasts that come from the fold's folder alone, which RETRAIN_LEARNER_DIR names",
        details: [...leakLines(failure.found), log],
        next: [
          `Let the program read nothing of the panel but the files of its folder (docs/external-learners.md), then ${again}`,
        ],
      };
    default:
      return assertNever(failure);
  }
}

function leakLines(found: LeakFound): string[] {
  switch (found.kind) {
    case "answer":
      return [
        `Asked the same while the panel's rows after the fold's origin were other ones, it gave other numbers in ${found.cells} of ${found.of} forecasts.`,
        "The panel's files themselves were not touched: only this program saw others in their place.",
      ];
    case "failed":
      return [
        `Asked the same while the panel's rows after the fold's origin were other ones, it failed (${found.code}); asked again as before, it did not.`,
        "The panel's files themselves were not touched: only this program saw others in their place.",
      ];
    case "opened":
      return [`While it ran it had files open that hold rows after the fold: ${found.files.join(", ")}`];
  }
}

const lastLines = (lines: readonly string[]): string[] =>
  lines.length === 0 ? ["It wrote nothing to its log."] : ["Its last lines:", ...lines];
