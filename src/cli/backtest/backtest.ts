import { join } from "node:path";
import { backtestDocument } from "../../backtest/document.js";
import type { ReplayedQuarter } from "../../backtest/replayed.js";
import { fencedFiles } from "../../durable/fenced-files.js";
import { acquireLock } from "../../durable/file-lock.js";
import { thisProcess } from "../../durable/process-identity.js";
import type { RunRequest } from "../../engine/engine.js";
import type { StateFolder } from "../../engine/state-folder.js";
import type { BacktestDocument } from "../../kit/backtest.js";
import type { RunEvent } from "../../kit/events.js";
import { fail } from "../../kit/failure.js";
import { BACKTESTING } from "../../kit/failures/engine.js";
import type { DurableFiles } from "../../kit/files.js";
import { backtestPage } from "../../report/backtest/page.js";
import { pageHtml } from "../../report/page/html.js";
import type { Runbook } from "../../runbook/runbook.js";
import type { Adapters } from "../adapters.js";
import { VERSION } from "../version.js";
import { readOutcomes } from "./actuals.js";
import { replayEngine } from "./engine.js";
import { backtestId } from "./identity.js";
import { replayQuarter } from "./replay-quarter.js";
import { scoreQuarter } from "./score-quarter.js";

export interface BacktestRequest {
  readonly runbook: Runbook;
  /** One a quarter, oldest first, not empty. */
  readonly requests: readonly RunRequest[];
  /** Keep the replay's state directory. */
  readonly keep: boolean;
}

export interface BacktestControl {
  readonly adapters: Pick<Adapters, "files" | "clock">;
  /** The real state directory: everything is written below its `backtest/`. */
  readonly state: StateFolder;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly mask: (text: string) => string;
  readonly onStarted: (quarter: string) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly onQuarter: (quarter: ReplayedQuarter, isKept: boolean) => void;
}

export interface Backtest {
  readonly document: BacktestDocument;
  /** Absolute. */
  readonly report: string;
  /** The replay's state directory, where it is kept. Absolute. */
  readonly state: string | null;
}

/**
 * Replays quarters in order, each with the champion that the earlier ones left, and writes `backtest.html` and `backtest.json`. Nobody is
 * notified, and neither the real registry nor the runs of the state directory are read or written.
 * @throws FailureError `run.locked` while another process works on the same backtest, and the failures of the replay
 */
export async function backtest(asked: BacktestRequest, control: BacktestControl): Promise<Backtest> {
  const id = await backtestId(asked.requests);
  const folder = join(control.state.backtests, id);
  return whileBacktesting(control.adapters, `${folder}.lock`, asked.runbook.model.name, async (files) => {
    const quarters = asked.requests.map(({ quarter }) => quarter);
    const outcomes = await readOutcomes(asked.runbook, quarters);
    const root = join(folder, "state");
    const engine = await replayEngine(root, asked.runbook, {
      files,
      clock: control.adapters.clock,
      workers: control.workers,
      emit: control.onEvent,
    });
    const replayed: ReplayedQuarter[] = [];
    for (const request of asked.requests) {
      control.onStarted(request.quarter.label);
      const run = await replayQuarter(engine, request, control.signal);
      const scored = await scoreQuarter(engine, request, run, outcomes);
      replayed.push(scored);
      control.onQuarter(scored, run.isKept);
    }
    const { name, alias } = asked.runbook.model;
    const document = backtestDocument({ name, alias }, replayed);
    const report = join(folder, "backtest.html");
    const save = (path: string, text: string) => files.writeAtomic(path, control.mask(text));
    await save(join(folder, "backtest.json"), `${JSON.stringify(document, null, 2)}\n`);
    await save(report, pageHtml(backtestPage(document, VERSION)));
    // What a failed quarter left says more than its one line here.
    const isKept = asked.keep || replayed.some(({ failure }) => failure !== null);
    if (!isKept) await files.remove(root);
    return { document, report, state: isKept ? root : null };
  });
}

async function whileBacktesting<T>(
  { files, clock }: BacktestControl["adapters"],
  path: string,
  model: string,
  use: (files: DurableFiles) => Promise<T>,
): Promise<T> {
  const identity = thisProcess();
  const lock = await acquireLock(files, path, { ...identity, since: clock.now(), run: BACKTESTING });
  if (!lock.held)
    return fail({
      code: "run.locked",
      retryable: true,
      path,
      model,
      host: identity.host,
      holder: lock.by,
    });
  try {
    return await use(fencedFiles(files, lock.fence));
  } finally {
    await lock.release();
  }
}
