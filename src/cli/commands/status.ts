import { relative } from "node:path";
import type { StoredRun } from "../../engine/run-store.js";
import type { StepStatus } from "../../kit/events.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { commandsFor } from "../../report/commands.js";
import { runSummary } from "../../report/console/summary.js";
import type { RunDocument } from "../../report/run-document.js";
import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import { STATUS_WORDS } from "../../report/verdict.js";
import { deliveryTable } from "../delivery-table.js";
import { flagsToRepeat } from "../flags.js";
import { openDocument } from "../read-document.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function status(
  name: string | undefined,
  options: { runbook?: string; stateDir?: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const engine = openRuns(stateOfRuns(options).state);
  const run = await engine.runs.get(name);
  const document = run.verdict === null ? null : await openDocument(engine, run, options.stateDir, terminal);
  if (options.json) {
    const answer = document ?? {
      run: run.header.run,
      quarter: run.header.quarter,
      verdict: null,
      steps: journalSteps(run),
    };
    terminal.data(`${JSON.stringify(answer, null, 2)}\n`);
    return;
  }
  const { header } = run;
  const runbook = relative(process.cwd(), header.runbook);
  const commands = commandsFor(flagsToRepeat({ ...header, runbook, stateDir: options.stateDir }));
  const head = `${terminal.dataStyle.chalk.bold(run.header.run)}  cutoff ${run.header.cutoff}\n\n`;
  terminal.data(
    document === null
      ? `${head}${stepTable(journalSteps(run), terminal.dataStyle)}\n\n  no verdict yet: it runs now, or it was killed\n  next  ${commands.resume(run.header.run)}\n  live  ${commands.models()}\n`
      : `${head}${stepTable(document.steps, terminal.dataStyle)}\n${runSummary(document, commands, terminal.dataStyle)}${deliveries(document, terminal.dataStyle)}`,
  );
}

/** Who was told of the run, and how often it was tried. */
function deliveries({ notifications = [] }: RunDocument, style: Style): string {
  return notifications.length === 0 ? "" : `\n${deliveryTable(notifications, style)}\n`;
}

function stepTable(
  steps: readonly Pick<RunDocument["steps"][number], "id" | "status" | "summary">[],
  style: Style,
): string {
  const columns = ["", "step", "result"].map((label) => ({ label, numeric: false }));
  return textTable(
    columns,
    steps.map((step) => [STATUS_WORDS[step.status].mark, step.id, step.summary]),
    style,
  );
}

/** What the journal alone knows of a run that was killed. */
function journalSteps({ entries }: StoredRun): { id: string; status: StepStatus; summary: string }[] {
  const session = entries.findLastIndex(({ type }) => type === "session-started");
  return entries.slice(session + 1).flatMap((entry): ReturnType<typeof journalSteps> => {
    switch (entry.type) {
      case "step-succeeded":
        return [{ id: entry.step, status: "succeeded", summary: "" }];
      case "step-reused":
        return [{ id: entry.step, status: "reused", summary: "nothing changed" }];
      case "step-failed":
        return [{ id: entry.step, status: "failed", summary: entry.code }];
      case "step-skipped":
        return [{ id: entry.step, status: "skipped", summary: entry.reason }];
      default:
        return [];
    }
  });
}
