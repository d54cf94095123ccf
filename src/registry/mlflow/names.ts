import { fail } from "../../kit/failure.js";
import { serverModelNameProblem } from "../../kit/registry-names.js";

export { ledgerName } from "../../kit/registry-names.js";

/** @throws FailureError `registry.name-invalid` for what no registry takes, for spaces alone, and for names that ledgers have */
export function checkName(name: string): void {
  const detail = serverModelNameProblem(name);
  if (detail !== null) fail({ code: "registry.name-invalid", retryable: false, name, detail });
}
