import type { DataSpec } from "../../kit/specs.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import type { Place, RunbookPath } from "../../runbook/source.js";

/** Where `data.columns` gives a column its role; `data.columns` itself for one that it does not name. */
export function columnPath({ columns, parts }: DataSpec, column: string): RunbookPath {
  const at = (...keys: RunbookPath): RunbookPath => ["data", "columns", ...keys];
  for (const role of ["series", "time"] as const) {
    const own = parts?.[role];
    const index = own?.indexOf(column) ?? -1;
    if (index >= 0) return at(role, index);
    if (columns[role] === column) return at(role);
  }
  if (columns.target === column) return at("target");
  if (columns.label === column) return at("label");
  for (const role of ["attributes", "known", "observed"] as const) {
    const index = columns[role].indexOf(column);
    if (index >= 0) return at(role, index);
  }
  return at();
}

/** The entry of `data.source` that names a file, or all of it. */
export function placeOfSource(runbook: LegibleRunbook, { sources }: DataSpec, file: string | null): Place {
  const index = file === null ? -1 : sources.indexOf(file);
  return runbook.place(sources.length > 1 && index >= 0 ? ["data", "source", index] : ["data", "source"]);
}
