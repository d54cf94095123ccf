import { previewRun, type RunPlan } from "../../engine/preview.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, openState, overridesOf, type RunOptions, registryOf, setUpEngine } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function plan(
  quarter: string,
  options: RunOptions & { runbook: string; stateDir: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const opened = requireRunbook(options.runbook, overridesOf(options), terminal);
  const state = openState(options.stateDir);
  const request = makeRequest(quarter, opened, options);
  const engine = await setUpEngine(state, opened.runbook, () => undefined);
  const registry = await registryOf(opened.runbook.registryUri, state, opened.runbook.folder);
  const planned = await previewRun(engine, request, registry);
  terminal.data(
    options.json ? `${JSON.stringify(planned, null, 2)}\n` : planText(planned, terminal.dataStyle),
  );
}

function planText(plan: RunPlan, style: Style): string {
  const columns = ["step", "type", "action", "why"].map((label) => ({ label, numeric: false }));
  const rows = plan.steps.map(({ id, type, action, reason }) => [id, type, action, reason]);
  const run = plan.continues === null ? "a new run" : `continues ${plan.continues}`;
  const head = `${style.chalk.bold(plan.quarter)}  cutoff ${plan.cutoff} · ${run}${plan.dryRun ? " · dry run" : ""}`;
  return `${head}\n\n${textTable(columns, rows, style)}\n\n  digest ${plan.digest}\n`;
}
