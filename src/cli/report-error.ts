import { systemFailure } from "../durable/errno.js";
import { type Failure, FailureError } from "../kit/failure.js";
import { programName } from "../kit/program-name.js";
import { maskSecrets, maskValues } from "../kit/secrets/hidden.js";
import { shellWord } from "../report/commands.js";
import { failureDocument } from "../report/failures/document.js";
import { explainFailure } from "../report/failures/explain.js";
import { renderFailure } from "../report/failures/render.js";
import { type FailureContext, NO_CONTEXT } from "../report/failures/text.js";
import { exitCodeOf } from "./exit-codes.js";
import { isOutputBegun } from "./streams.js";
import { openTerminal } from "./terminal.js";

/**
 * Prose for an error that ended a command, to standard error; where JSON was asked for and none was printed, also as a document. Answers the exit code.
 */
export function reportError(error: unknown, context: FailureContext = NO_CONTEXT, json = false): number {
  // Before it is laid out: a value that is cut, or whose white space is tidied, would not be recognised any more.
  const failure = maskValues(failureOf(error));
  const exitCode = exitCodeOf(failure);
  const terminal = openTerminal();
  // The diagnostics are on the screen already; a second message would only push them away.
  if (failure.code !== "runbook.invalid")
    terminal.talk(renderFailure(explainFailure(failure, context), terminal.talkStyle));
  if (json && !isOutputBegun()) terminal.document(failureDocument(failure, exitCode, context));
  return exitCode;
}

/**
 * For a command that ends before there is a run: what was typed is what to try again. To be copied, but for the user and the password of an address.
 * @param words behind `retrain`
 */
export const typedContext = (words: readonly string[]): FailureContext => ({
  ...NO_CONTEXT,
  typed: [
    programName(),
    ...words.map((word) => shellWord(maskSecrets(word.replace(/(:\/\/).*@/s, "$1***@")))),
  ].join(" "),
});

function failureOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  const refused = systemFailure(error, process.cwd());
  if (refused !== null) return refused;
  const bug = error instanceof Error ? error : new Error(String(error));
  return { code: "internal.bug", retryable: false, message: bug.message, stack: bug.stack ?? "" };
}
