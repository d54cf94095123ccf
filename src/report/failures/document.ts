import type { Failure } from "../../kit/failure.js";
import { diagnosticsDocument } from "../diagnostics.js";
import { explainFailure } from "./explain.js";
import type { FailureContext } from "./text.js";

/**
 * What `--json` prints where a command ended without its document. Names are a contract: members may be added, none renamed or removed.
 */
export function failureDocument(failure: Failure, exitCode: number, context: FailureContext) {
  const { title, where, expected, details, next } = explainFailure(failure, context);
  return {
    code: failure.code,
    message: title,
    exitCode,
    where,
    expected,
    details,
    next,
    /** Of a runbook that is not valid, as `check --json` has them. */
    ...(failure.code === "runbook.invalid" && failure.diagnostics !== undefined
      ? { errors: diagnosticsDocument(failure.diagnostics).errors }
      : {}),
  };
}
