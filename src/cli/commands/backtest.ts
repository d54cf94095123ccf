import { relative } from "node:path";
import { parseQuarters } from "../../backtest/quarters.js";
import { type Failure, FailureError, fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { type CommandFlags, commandsFor, shellWord } from "../../report/commands.js";
import { failureContext } from "../../report/failures/text.js";
import type { Runbook } from "../../runbook/runbook.js";
import { systemAdapters } from "../adapters.js";
import { type Backtest, backtest as replay } from "../backtest/backtest.js";
import { backtestProgress } from "../backtest/progress.js";
import { backtestText } from "../backtest/text.js";
import { EXIT } from "../exit-codes.js";
import { flagsToRepeat } from "../flags.js";
import { listenForInterrupts } from "../interrupts.js";
import { ISSUES } from "../links.js";
import { openPage } from "../open-page.js";
import type { OpenedRunbook } from "../open-runbook.js";
import { reportError } from "../report-error.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, overridesOf, workersFrom } from "../setup.js";
import { whenWritten } from "../streams.js";
import { openTerminal, type Terminal } from "../terminal.js";

export interface BacktestOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly set: readonly string[];
  readonly fiscalStart?: string;
  readonly keep?: boolean;
  readonly open?: boolean;
  readonly json?: boolean;
}

export async function backtest(quarterTexts: readonly string[], options: BacktestOptions): Promise<void> {
  const terminal = openTerminal();
  const overrides = overridesOf(options);
  const opened = await requireRunbook(options.runbook, overrides, terminal);
  requireOutlook(opened);
  const labels = requireQuarters(quarterTexts, opened.runbook);
  const state = stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name }).state;
  const workers = workersFrom(process.env.RETRAIN_WORKERS);
  const runbook = withFirstRelease(opened.runbook);
  const requests = labels.map((label) =>
    makeRequest(label, { ...opened, runbook }, { set: options.set, dryRun: true }),
  );
  const flags = flagsToRepeat({ ...options, overrides, dryRun: false });
  const again = commandLine(quarterTexts, options, flags);
  const interrupts = listenForInterrupts(terminal, again);
  const progress = backtestProgress(terminal, labels.length);
  try {
    const asked = { runbook, requests, keep: options.keep ?? false };
    const done = await replay(asked, {
      adapters: systemAdapters,
      state,
      workers,
      signal: interrupts.signal,
      mask: terminal.mask,
      ...progress,
    });
    progress.close();
    show(done, options.json ?? false, terminal);
    if (options.open) await openPage(done.report, terminal);
    const isWhole = done.document.quarters.every(({ failure }) => failure === null);
    process.exitCode = isWhole ? EXIT.ok : EXIT.failed;
  } catch (error) {
    progress.close();
    const context = failureContext({ run: null, quarter: labels.at(-1)!, reportTo: ISSUES, ...flags });
    // What is to be typed again is this command.
    const commands = { ...commandsFor(flags), quarter: () => again };
    process.exitCode = reportError(error, { ...context, commands }, options.json);
    if (error instanceof FailureError && isLeftBehind(error.failure)) whenWritten(() => process.exit());
  } finally {
    interrupts.dispose();
  }
}

/** A step that does not stop would keep the process alive, and could still write. */
const isLeftBehind = (failure: Failure): boolean => failure.code === "step.timeout" && !failure.stopped;

/**
 * With `firstRelease: escalate` nothing would ever be live in a replay, whose registry starts empty: a person would have approved the first
 * release, and so the replay takes it.
 */
const withFirstRelease = (runbook: Runbook): Runbook => ({
  ...runbook,
  model: { ...runbook.model, firstRelease: "promote" },
});

function requireQuarters(texts: readonly string[], { fiscalYearStart }: Runbook): readonly string[] {
  const parsed = parseQuarters(texts, fiscalYearStart);
  if (parsed.ok) return parsed.value.map(({ label }) => label);
  const { text, problem } = parsed.error;
  return fail({
    code: "usage.invalid",
    retryable: false,
    message:
      problem === "backwards"
        ? `"${text}" runs backwards: the first quarter of a range comes first`
        : `"${text}" is no quarter and no range of quarters: expected e.g. 2025Q2 or 2023Q1..2025Q2`,
    next: `${programName()} backtest 2023Q1..2025Q2`,
  });
}

function requireOutlook({ graph }: Extract<OpenedRunbook, { ok: true }>): void {
  if (graph.nodes.some(({ type }) => Object.values(type.outputs).includes("snapshot"))) return;
  fail({
    code: "usage.invalid",
    retryable: false,
    message: "no step of the runbook leaves a snapshot of its outlook, so there is nothing to score",
    next: "a step with `uses: generate-outlook` in the runbook",
  });
}

function show({ document, report, state }: Backtest, isJson: boolean, terminal: Terminal): void {
  const files = { report: shown(report), state: state === null ? null : shown(state) };
  if (isJson) {
    terminal.document({ ...document, files });
    return;
  }
  const kept = files.state === null ? "" : `  runs:   ${files.state}\n`;
  terminal.data(`\n${backtestText(document, terminal.dataStyle)}\n  report: ${files.report}\n${kept}`);
}

const shown = (path: string): string => {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
};

function commandLine(quarters: readonly string[], options: BacktestOptions, flags: CommandFlags): string {
  const option = (name: string, value: string | null) => (value === null ? [] : [name, shellWord(value)]);
  return [
    `${programName()} backtest`,
    ...quarters.map(shellWord),
    ...option("--runbook", flags.runbook),
    ...option("--state-dir", flags.stateDir),
    ...flags.overrides.flatMap((override) => option("--set", override)),
    ...(options.keep ? ["--keep"] : []),
  ].join(" ");
}
