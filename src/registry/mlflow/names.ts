import { fail } from "../../kit/failure.js";
import { checkModelName } from "../embedded/names.js";

/** What a model's ledger of alias moves is called. */
export const ledgerName = (name: string): string => `${name}~moves`;

/** @throws FailureError `registry.name-invalid` for what every registry refuses, for spaces alone, and for names that ledgers have */
export function checkName(name: string): void {
  checkModelName(name);
  const detail =
    name.trim() === ""
      ? "a model name in MLflow has something else than spaces"
      : /~moves$/.test(name)
        ? "retrain keeps the alias moves of a model under its name with ~moves at the end"
        : null;
  if (detail !== null) fail({ code: "registry.name-invalid", retryable: false, name, detail });
}
