import { explainStep } from "../../engine/explain.js";
import type { InputDifference, StepExplanation, UpstreamExplanation } from "../../kit/explanation.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { commandsFor } from "../../report/commands.js";
import { explanationText } from "../../report/explain.js";
import { compareInput, rowCounter } from "../compare-artifacts.js";
import { flagsToRepeat } from "../flags.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, overridesOf, type RunOptions, requireStep, setUpEngine } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function explain(
  quarter: string,
  stepText: string,
  options: Omit<RunOptions, "from" | "until"> & { runbook: string; stateDir?: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const opened = await requireRunbook(options.runbook, overridesOf(options), terminal);
  const state = stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name }).state;
  const request = makeRequest(quarter, opened, options);
  const step = requireStep(opened.graph, "explain", stepText);
  const engine = await setUpEngine(state, opened.runbook, () => undefined);
  const registry = await engine.registryFor({ folder: state.root, dryRun: false });
  const { explanation, changedInputs } = await explainStep(engine, request, registry, step);
  const inputs: InputDifference[] = [];
  for (const changed of changedInputs) {
    const difference = await compareInput(engine, changed);
    if (difference !== null) inputs.push(difference);
  }
  const count = rowCounter(engine);
  const upstream: UpstreamExplanation[] = [];
  for (const one of explanation.upstream) upstream.push(await count(one));
  const whole: StepExplanation = { ...(await count(explanation)), upstream, inputs };
  const flags = flagsToRepeat({
    runbook: options.runbook,
    stateDir: options.stateDir,
    overrides: overridesOf(options),
    dryRun: request.dryRun,
  });
  const command = commandsFor(flags).quarter(request.quarter.label);
  terminal.show(options.json, whole, (style) => explanationText(whole, command, style));
}
