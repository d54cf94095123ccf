import type { CommandFailure } from "../../kit/failures/command.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

export function explainCommandFailure(failure: CommandFailure, context: FailureContext): FailureText {
  const again = againCommand(context);
  const where = failure.step === null ? null : `step ${failure.step}`;
  switch (failure.code) {
    case "command.not-found":
      return {
        title: notFound(failure),
        where,
        expected: EXPECTED[failure.what],
        details: [],
        next: [
          failure.errno === "EACCES" && failure.what === "program"
            ? `\`chmod +x ${failure.name}\`, or name its interpreter first in \`with.run\`; then ${again}`
            : `Correct \`with\` of the step in the runbook, or install what is missing; then ${again}`,
        ],
      };
    case "command.failed":
      return {
        title:
          failure.signal === null
            ? `${failure.program} ended with exit code ${failure.exitCode ?? "unknown"}`
            : `${failure.program} was ended by ${failure.signal}`,
        where,
        expected: "exit code 0",
        details:
          failure.lines.length === 0
            ? ["It wrote nothing to its log."]
            : ["Its last lines:", ...failure.lines],
        next: [`Read all that it wrote in ${failure.log}, correct it, then ${again}`],
      };
    case "command.result-invalid":
      return {
        title: `The command of the step ${failure.step} left a result that is not valid: ${failure.path === "" ? "" : `${failure.path}: `}${failure.problem}`,
        where: failure.path === "" ? where : `${where}, ${failure.path}`,
        expected: "a result.json as docs/command-result.schema.json describes it",
        details: [`What it wrote while it ran is in ${failure.log}.`],
        next: [`Correct the command, then ${again}`],
      };
    case "command.output-missing":
      return {
        title: `The command of the step ${failure.step} wrote no file for its output ${failure.port}`,
        where,
        expected: `at least one file in the folder that RETRAIN_CONTEXT gives as outputs.${failure.port}`,
        details: [`What it wrote while it ran is in ${failure.log}.`],
        next: [`Correct the command, or take \`${failure.port}\` out of \`with.outputs\`; then ${again}`],
      };
    default:
      return assertNever(failure);
  }
}

const EXPECTED = {
  program: "a program on the PATH, or a path relative to the step's folder, that may be executed",
  folder: "a folder",
  file: "a file",
} as const;

function notFound({ what, name, errno }: Extract<CommandFailure, { code: "command.not-found" }>): string {
  const why = errno === "EACCES" ? "may not be used (permission denied)" : "is not there";
  return `The ${what} ${name} ${why}${errno === "EACCES" || errno === "ENOENT" ? "" : ` (${errno})`}`;
}
