import { relative } from "node:path";
import type { StoredRun } from "../../engine/run-store.js";
import { decisionsOfRuns } from "../../operations/decisions/of-runs.js";
import { lookUpRegistry } from "../../operations/decisions/open-recorded.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { requireRuns } from "../../operations/state/require-runs.js";
import { journalSteps, progressOf } from "../../operations/status/progress.js";
import { commandsFor } from "../../report/commands.js";
import { finishedStatus, unfinishedStatus } from "../../report/console/status.js";
import { unaskedText } from "../../report/decisions.js";
import { systemAdapters } from "../adapters.js";
import { flagsToRepeat } from "../flags.js";
import { openDocument } from "../read-document.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function status(
  name: string | undefined,
  options: { runbook?: string; stateDir?: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const found = stateOfRuns(options);
  const engine = openRuns(found.state);
  await requireRuns(engine, found);
  const run = await engine.runs.get(name);
  const commands = commandsOfRun(run, options.stateDir);
  const left = run.verdict === null ? null : await openDocument(engine, run, options.stateDir, terminal);
  if (left === null) {
    const { header } = run;
    const [steps, progress] = [journalSteps(run), await progressOf(engine, run)];
    const document = { run: header.run, quarter: header.quarter, verdict: null, steps, progress };
    const now = systemAdapters.clock.now();
    return terminal.show(options.json, document, (style) =>
      unfinishedStatus(header, steps, progress, { commands, now, style }),
    );
  }
  const { byRun, unasked } = await decisionsOfRuns(
    engine,
    [run],
    lookUpRegistry(systemAdapters, process.env),
  );
  terminal.talk(unaskedText(unasked));
  const decisions = byRun.get(run.header.run) ?? [];
  const document = decisions.length === 0 && unasked.length > 0 ? left : { ...left, decisions };
  terminal.show(options.json, document, (style) => finishedStatus(document, commands, style));
}

/** Commands about a run, with what was given to it. */
function commandsOfRun({ header }: StoredRun, stateDir: string | undefined) {
  const runbook = relative(process.cwd(), header.runbook);
  return commandsFor(flagsToRepeat({ ...header, runbook, stateDir }));
}
