import type { Engine } from "../../engine/engine.js";
import { type PlannedStep, previewRun, type RunPlan } from "../../engine/preview.js";
import { lookAhead } from "../../operations/foresee/foresee.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import {
  diagnosticsDocument,
  renderDiagnostics,
  renderWarnings,
  type Warning,
  warningDocument,
} from "../../report/diagnostics.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { rowCounter } from "../compare-artifacts.js";
import { EXIT } from "../exit-codes.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, overridesOf, type RunOptions, setUpEngine } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function plan(
  quarter: string,
  options: RunOptions & { runbook: string; stateDir?: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const opened = await requireRunbook(options.runbook, overridesOf(options), terminal);
  const state = stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name }).state;
  const request = makeRequest(quarter, opened, options);
  const engine = await setUpEngine(state, opened.runbook, () => undefined);
  const registry = await engine.registryFor({ folder: state.root, dryRun: false });
  const planned = await withRowCounts(engine, await previewRun(engine, request, registry));
  const { errors, warnings } = await lookAhead(opened, request.quarter.cutoff);
  const document = {
    ...planned,
    errors: diagnosticsDocument(errors).errors,
    warnings: warnings.map(warningDocument),
  };
  terminal.show(options.json, document, (style) => planText(planned, warnings, style));
  if (errors.length === 0) return;
  process.exitCode = EXIT.usage;
  if (!options.json) terminal.talk(renderDiagnostics(errors, terminal.talkStyle));
}

/** Says of a changed panel how many rows differ, which only opening both can tell. The digest does not cover words. */
async function withRowCounts(engine: Engine, plan: RunPlan): Promise<RunPlan> {
  const count = rowCounter(engine);
  const steps: PlannedStep[] = [];
  for (const step of plan.steps) steps.push(await count(step));
  return { ...plan, steps };
}

function planText(plan: RunPlan, warnings: readonly Warning[], style: Style): string {
  const columns = ["step", "type", "action", "why"].map((label) => ({ label, numeric: false }));
  const rows = plan.steps.map(({ id, type, action, reason }) => [id, type, action, reason]);
  const run = plan.continues === null ? "a new run" : `continues ${plan.continues}`;
  const head = `${style.chalk.bold(plan.quarter)}  cutoff ${plan.cutoff} · ${run}${plan.dryRun ? " · dry run" : ""}`;
  return `${head}\n\n${textTable(columns, rows, style)}\n${warnings.length === 0 ? "" : `\n${renderWarnings(warnings, style)}`}\n  digest ${plan.digest}\n`;
}
