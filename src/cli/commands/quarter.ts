import { closeSync, openSync, writeSync } from "node:fs";
import { requirePlan } from "../../engine/preview.js";
import { runQuarter } from "../../engine/run.js";
import type { RunEvent } from "../../kit/events.js";
import { fail } from "../../kit/failure.js";
import { mapTexts } from "../../kit/json.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { usualSeconds } from "../../operations/usual-seconds.js";
import { commandsFor } from "../../report/commands.js";
import { consoleReporter } from "../../report/console/console.js";
import { jsonLinesReporter } from "../../report/console/json-lines.js";
import type { Reporter } from "../../report/console/reporter.js";
import { failureContext } from "../../report/failures/text.js";
import type { RunDocument } from "../../report/run-document.js";
import { type Adapters, systemAdapters } from "../adapters.js";
import { concludeRun } from "../conclude/conclude.js";
import { flagsToRepeat } from "../flags.js";
import { listenForInterrupts } from "../interrupts.js";
import { ISSUES } from "../links.js";
import { openPage } from "../open-page.js";
import { reportError } from "../report-error.js";
import { requireRunbook } from "../require-runbook.js";
import { makeRequest, overridesOf, type RunOptions, setUpEngine } from "../setup.js";
import { tellPrints, whenWritten } from "../streams.js";
import { openTerminal } from "../terminal.js";

export interface QuarterOptions extends RunOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly plan?: string;
  readonly json?: boolean;
  readonly events?: string;
  readonly open?: boolean;
}

export async function quarter(
  quarterText: string,
  options: QuarterOptions,
  adapters: Adapters = systemAdapters,
): Promise<void> {
  const terminal = openTerminal();
  if (options.json && options.events === "-") {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: "--json and --events - both write to standard output",
      next: "--events events.jsonl --json",
    });
  }
  const opened = await requireRunbook(options.runbook, overridesOf(options), terminal);
  const state = stateOfRunbook(options, { path: opened.path, model: opened.runbook.model.name }).state;
  const request = {
    ...makeRequest(quarterText, opened, options),
    ...(options.plan === undefined ? {} : { plan: options.plan }),
  };
  const flags = flagsToRepeat({
    runbook: options.runbook,
    stateDir: options.stateDir,
    overrides: overridesOf(options),
    dryRun: request.dryRun,
  });
  const commands = commandsFor(flags);
  const console = consoleReporter({
    stream: { write: terminal.talk },
    tty: terminal.isTalkTty,
    style: terminal.talkStyle,
    clock: adapters.clock,
    commands,
  });
  const events = openEvents(options.events, terminal.file, terminal.mask);
  const reporters: Reporter[] = [console, ...(events === null ? [] : [events.reporter])];
  const emit = (event: RunEvent) => {
    // Before it is laid out: a value that is cut, or whose white space is tidied, would not be recognised any more.
    const shown = mapTexts(event, terminal.mask);
    for (const reporter of reporters) reporter.onEvent(shown);
  };
  const interrupts = listenForInterrupts(terminal, commands.quarter(request.quarter.label));
  const stopTelling = tellPrints((line) => console.say(terminal.mask(line)));
  let run: string | null = null;
  let isLeftBehind = false;
  try {
    const onEvent = (event: RunEvent) => {
      if (event.type === "run-started") run = event.run;
      emit(event);
    };
    const engine = await setUpEngine(state, opened.runbook, onEvent, adapters, interrupts.calls);
    if (terminal.isTalkTty) console.expect(await usualSeconds(engine, request));
    // Also before the lock is taken, which leaves a file: after a mismatch nothing at all is there that was not before.
    if (options.plan !== undefined) await requirePlan(engine, request, options.plan);
    let document: RunDocument | null = null;
    const conclusion = await runQuarter(engine, request, interrupts.signal, async (result, locked) => {
      isLeftBehind = result.steps.some(({ failure }) => failure?.code === "step.timeout" && !failure.stopped);
      document = await concludeRun({
        engine: locked,
        request,
        result,
        runbook: opened.runbook,
        flags,
        terminal,
        signal: interrupts.signal,
        notify: adapters.notify,
      });
      return { verdict: document.verdict, exitCode: document.exitCode };
    });
    if (document !== null) {
      console.finish(document);
      if (options.json) terminal.document(document);
      if (options.open) await openPage(pageOf(document), terminal);
    }
    process.exitCode = conclusion.exitCode;
  } catch (error) {
    console.close();
    const context = failureContext({ run, quarter: request.quarter.label, reportTo: ISSUES, ...flags });
    process.exitCode = reportError(error, context, options.json);
  } finally {
    events?.close();
    interrupts.dispose();
    stopTelling();
    // A step that does not stop would keep the process alive, and could still write.
    if (isLeftBehind) whenWritten(() => process.exit());
  }
}

/** What a person wants to read of a run: why it escalated, or else the report. */
const pageOf = ({ files, run }: RunDocument): string => files.escalationPage ?? files.report ?? run;

function openEvents(
  target: string | undefined,
  toStandardOutput: (text: string) => void,
  mask: (text: string) => string,
): { reporter: Reporter; close(): void } | null {
  if (target === undefined) return null;
  if (target === "-") return { reporter: jsonLinesReporter(toStandardOutput), close: () => undefined };
  try {
    const file = openSync(target, "w");
    return {
      reporter: jsonLinesReporter((line) => writeSync(file, mask(line))),
      close: () => closeSync(file),
    };
  } catch (error) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `cannot write the events to ${target}: ${(error as NodeJS.ErrnoException).code}`,
      next: "--events FILE in a folder that exists",
    });
  }
}
