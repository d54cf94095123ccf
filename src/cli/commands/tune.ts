import { dirname, relative, resolve } from "node:path";
import { gridSize } from "../../forecast/tune/space.js";
import type { RunEvent } from "../../kit/events.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { type CommandFlags, commandsFor, shellWord } from "../../report/commands.js";
import { failureContext } from "../../report/failures/text.js";
import { decimal } from "../../report/format.js";
import { oneLine } from "../../report/text.js";
import { systemAdapters } from "../adapters.js";
import { EXIT } from "../exit-codes.js";
import { flagsToRepeat } from "../flags.js";
import { listenForInterrupts } from "../interrupts.js";
import { ISSUES } from "../links.js";
import { reportError } from "../report-error.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, workersFrom } from "../setup.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { type Budget, parseBudget } from "../tune/budget.js";
import type { TuneDocument } from "../tune/document.js";
import { requireSpace } from "../tune/read-space.js";
import type { Trial } from "../tune/search.js";
import { type SpaceFile, STRATEGIES, type Strategy } from "../tune/space-file.js";
import { tuneText, valuesText } from "../tune/text.js";
import { tune as search, type TuneRequest } from "../tune/tune.js";

export interface TuneOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly space?: string;
  readonly budget?: string;
  readonly seed?: string;
  readonly strategy?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
}

/** Trials of a random search that says nothing of its budget. */
const DEFAULT_TRIALS = 30;

export async function tune(quarterText: string, options: TuneOptions): Promise<void> {
  const terminal = openTerminal();
  const given = {
    budget: options.budget === undefined ? null : parseBudget(options.budget),
    seed: options.seed === undefined ? null : parseSeed(options.seed),
    strategy: options.strategy === undefined ? null : parseStrategy(options.strategy),
  };
  const opened = await requireRunbook(options.runbook, [], terminal);
  const space = requireSpace(options.space, options.runbook, opened.graph, terminal);
  const state = stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name }).state;
  const quarter = makeRequest(quarterText, opened, { set: [] }).quarter;
  const strategy = given.strategy ?? space.strategy ?? defaultStrategy(space);
  const asked: TuneRequest = {
    request: makeRequest(quarter.previous.label, opened, { set: [] }),
    quarter: quarter.label,
    runbook: { file: options.runbook, path: opened.path },
    space,
    strategy,
    seed: given.seed ?? space.seed,
    budget: given.budget ?? space.budget ?? defaultBudget(strategy),
    apply: options.apply ?? false,
  };
  const flags = flagsToRepeat({ ...options, overrides: [], dryRun: false });
  const again = commandLine(quarter.label, options, flags);
  const interrupts = listenForInterrupts(terminal, again);
  try {
    warnOfLargeGrid(asked, terminal);
    let kept = 0;
    const document = await search(asked, {
      adapters: systemAdapters,
      state,
      workers: workersFrom(process.env.RETRAIN_WORKERS),
      signal: interrupts.signal,
      onEvent: (event) => tellStep(event, terminal),
      onTrial: (trial) => {
        if (trial.isKept) kept++;
        else tellTrial(trial, asked, terminal);
      },
    });
    if (kept > 0)
      terminal.talk(`  ${kept} of ${document.trials.length} configurations had been scored before\n`);
    terminal.show(options.json, document, (style) =>
      tuneText(document, nextCommands(document, opened.path, again), style),
    );
    process.exitCode = EXIT.ok;
  } catch (error) {
    const context = failureContext({ run: null, quarter: quarter.label, reportTo: ISSUES, ...flags });
    // What is to be typed again is this command.
    const commands = { ...commandsFor(flags), quarter: () => again };
    process.exitCode = reportError(error, { ...context, commands }, options.json);
  } finally {
    interrupts.dispose();
  }
}

const defaultStrategy = ({ space }: SpaceFile): Strategy =>
  space.every(({ domain }) => domain.kind === "choice") ? "grid" : "random";

const defaultBudget = (strategy: Strategy): Budget => ({
  trials: strategy === "grid" ? null : DEFAULT_TRIALS,
  seconds: null,
});

function parseSeed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `--seed takes a whole number from 0 to 4294967295, not "${text}"`,
    next: `${programName()} tune 2025Q2 --seed 1`,
  });
}

function parseStrategy(text: string): Strategy {
  const strategy = STRATEGIES.find((name) => name === text);
  if (strategy !== undefined) return strategy;
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `--strategy is one of ${STRATEGIES.join(", ")}, not "${text}"`,
    next: `${programName()} tune 2025Q2 --strategy random`,
  });
}

function commandLine(quarter: string, options: TuneOptions, flags: CommandFlags): string {
  const option = (name: string, value: string | null | undefined) =>
    value === null || value === undefined ? [] : [name, shellWord(value)];
  return [
    `${programName()} tune`,
    quarter,
    ...option("--runbook", flags.runbook),
    ...option("--state-dir", flags.stateDir),
    ...option("--space", options.space),
    ...option("--budget", options.budget),
    ...option("--seed", options.seed),
    ...option("--strategy", options.strategy),
    ...(options.apply ? ["--apply"] : []),
  ].join(" ");
}

function warnOfLargeGrid({ strategy, space, budget }: TuneRequest, terminal: Terminal): void {
  const size = gridSize(space.space);
  if (strategy !== "grid" || budget.trials === null || size <= budget.trials) return;
  terminal.talk(
    `  the grid has ${size} points: the first ${budget.trials} are tried; --strategy random spreads them\n`,
  );
}

function tellStep(event: RunEvent, terminal: Terminal): void {
  if (event.type === "step-finished" && event.failure === null)
    terminal.talk(`  ${event.step} ${event.status}: ${oneLine(event.summary)}\n`);
  if (event.type === "step-warned") terminal.talk(`  ${event.step}: ${oneLine(event.message)}\n`);
}

function tellTrial({ trial, values, scores, failure }: Trial, asked: TuneRequest, terminal: Terminal): void {
  const { trials } = asked.budget;
  const number = trials === null || trial === 0 ? `trial ${trial}` : `trial ${trial} of ${trials}`;
  const what = trial === 0 ? "the runbook as it is" : valuesText(values);
  const score =
    scores === null ? failure : `WMAPE ${decimal(scores.own.wmape, 4)} MASE ${decimal(scores.own.mase, 4)}`;
  terminal.talk(`  ${number}: ${oneLine(`${what}: ${score}`)}\n`);
}

function nextCommands({ patch, applied }: TuneDocument, runbook: string, again: string): string[] {
  if (patch === null) return [];
  if (applied) return [`applied to ${relative(process.cwd(), runbook)}; the patch is ${shown(patch)}`];
  const folder = relative(process.cwd(), dirname(runbook));
  const into = folder === "" ? "" : ` -d ${shellWord(folder)}`;
  return [`take it: patch -p1${into} < ${shellWord(shown(patch))}`, `or:      ${again} --apply`];
}

function shown(path: string): string {
  const near = relative(process.cwd(), resolve(path));
  return near.startsWith("..") ? path : near;
}
