import { resolve } from "node:path";
import { stepTypes } from "../../steps/index.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import { runbookAbove } from "../operations/state/find.js";
import { type Graph, wireGraph, wiringProblems } from "../plan/graph.js";
import { shellWord } from "../report/commands.js";
import { inFileOrder, readRunbook } from "../runbook/parse.js";
import { type LegibleRunbook, legibleOf, type Runbook } from "../runbook/runbook.js";
import { hideSecrets } from "../runbook/secrets.js";
import { loadSteps } from "./load-steps.js";
import { readText } from "./read-text.js";
import { requireRuntime } from "./require-runtime.js";

export type OpenedRunbook =
  | { readonly ok: true; readonly runbook: Runbook; readonly graph: Graph; readonly path: string }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** For a look at what the rest of it says; null where nothing can be read. */
      readonly legible: LegibleRunbook | null;
    };

/**
 * Reads, checks and wires a runbook. Modules that its steps come from are loaded, which runs what stands at their top level.
 * @throws FailureError `usage.invalid` when the file cannot be read, `forecast.no-runtime` on a machine that this package is not for
 */
export async function openRunbook(file: string, overrides: readonly string[]): Promise<OpenedRunbook> {
  requireRuntime();
  const above = file === "runbook.yaml" ? runbookAbove() : null;
  const hint = above === null ? "--runbook FILE" : `--runbook ${shellWord(above)}`;
  const read = readRunbook(readText(file, "the runbook", hint), file, {
    stepTypes,
    env: process.env,
    overrides,
  });
  const parsed = read.check(await loadSteps(read.modules, file, stepTypes));
  if (!parsed.ok) {
    const { legible } = parsed;
    if (legible === null) return parsed;
    const told = new Set(parsed.diagnostics.map(({ path }) => path));
    const further = wiringProblems(legible, stepTypes).filter(({ path }) => !told.has(path));
    const diagnostics = [...parsed.diagnostics, ...hideSecrets(further, legible.secrets)];
    return { ok: false, diagnostics: inFileOrder(diagnostics), legible };
  }
  const wired = wireGraph(parsed.runbook, stepTypes);
  if (!wired.ok) {
    const diagnostics = inFileOrder(hideSecrets(wired.diagnostics, parsed.runbook.secrets));
    return { ok: false, diagnostics, legible: legibleOf(parsed.runbook) };
  }
  return { ok: true, runbook: parsed.runbook, graph: wired.graph, path: resolve(file) };
}
