import type { Diagnostic } from "../kit/diagnostic.js";
import { readingsText, registryAddress, withoutCredentials } from "../kit/registry-address.js";
import {
  aliasProblem,
  experimentNameProblem,
  modelNameProblem,
  serverExperimentNameProblem,
  serverModelNameProblem,
} from "../kit/registry-names.js";
import type { RunbookPath, RunbookSource } from "./source.js";
import { got } from "./values.js";

/** What the registry will refuse, said before anything is trained: its address, and the names that it is to take. */
export function checkNames(raw: unknown, source: RunbookSource): Diagnostic[] {
  const textAt = (path: RunbookPath): string | null => {
    const value = path.reduce<unknown>(
      (parent, key) => (parent as Record<string | number, unknown> | null | undefined)?.[key],
      raw,
    );
    // An empty one is too short for the schema already.
    return typeof value === "string" && value !== "" ? value : null;
  };
  const problem = (path: RunbookPath, message: string, suggestion: string | null): Diagnostic => ({
    code: "runbook.invalid-value",
    message,
    ...source.at(path),
    suggestion,
  });

  const uri = textAt(["registry", "uri"]);
  const address = uri === null ? null : registryAddress(uri);
  const isServer = address?.kind === "server";
  const named = (path: RunbookPath, problemOf: (name: string) => string | null): Diagnostic[] => {
    const name = textAt(path);
    const found = name === null ? null : problemOf(name);
    return found === null ? [] : [problem(path, `${found}${got(source, path)}`, null)];
  };
  return [
    ...named(["name"], isServer ? serverExperimentNameProblem : experimentNameProblem),
    ...named(["model", "name"], isServer ? serverModelNameProblem : modelNameProblem),
    ...named(["model", "alias"], aliasProblem),
    ...(address?.kind !== "refused"
      ? []
      : [
          problem(
            ["registry", "uri"],
            `${shown(withoutCredentials(uri!))} is no address of a registry: ${address.problem}`,
            address.readings.length === 0 ? null : `write ${readingsText(address.readings)}`,
          ),
        ]),
  ];
}

/** Quoted and cut, with escapes for what a terminal would act on. */
const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${[...text].slice(0, 60).join("")}…` : text);
