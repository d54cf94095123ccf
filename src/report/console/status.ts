import type { StepStatus } from "../../kit/events.js";
import type { Commands } from "../commands.js";
import type { RunDocument } from "../run-document.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";
import { STATUS_WORDS } from "../verdict.js";
import { deliveryTable } from "./delivery-table.js";
import { factLines } from "./facts.js";
import { progressLines, type RunProgress } from "./progress-words.js";
import { runSummary } from "./summary.js";

export interface ShownStep {
  readonly id: string;
  readonly status: StepStatus;
  readonly summary: string;
}

const head = (run: string, cutoff: string, { chalk }: Style): string =>
  `${chalk.bold(run)}  cutoff ${cutoff}\n\n`;

/** What a run that came to its end has done, and what was decided since. */
export const finishedStatus = (document: RunDocument, commands: Commands, style: Style): string =>
  `${head(document.run, document.cutoff, style)}${stepTable(document.steps, style)}\n${runSummary(document, commands, style)}${deliveries(document, style)}`;

/**
 * How far a run without a verdict is.
 * @param now ISO instant
 */
export function unfinishedStatus(
  { run, cutoff }: { readonly run: string; readonly cutoff: string },
  steps: readonly ShownStep[],
  progress: RunProgress,
  { commands, now, style }: { readonly commands: Commands; readonly now: string; readonly style: Style },
): string {
  const next = progress.state === "killed" ? commands.resume(run) : commands.status(run);
  const table = steps.length === 0 ? "" : `${stepTable(steps, style)}\n\n`;
  const facts = factLines(
    [...progressLines(progress, now), ["next", next], ["live", commands.models()]],
    style,
  );
  return `${head(run, cutoff, style)}${table}${facts}\n`;
}

/** Who was told of the run, and how often it was tried. */
function deliveries({ notifications = [] }: RunDocument, style: Style): string {
  return notifications.length === 0 ? "" : `\n${deliveryTable(notifications, style)}\n`;
}

function stepTable(steps: readonly ShownStep[], style: Style): string {
  const columns = ["", "step", "result"].map((label) => ({ label, numeric: false }));
  return textTable(
    columns,
    steps.map((step) => [STATUS_WORDS[step.status].mark, step.id, step.summary]),
    style,
  );
}
