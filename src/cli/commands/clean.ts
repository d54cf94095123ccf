import { relative } from "node:path";
import { PRUNABLE, type Prunable, type Pruned } from "../../engine/clean.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { cleanAll } from "../../operations/clean.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { compact, plural } from "../../report/format.js";
import { type Adapters, systemAdapters } from "../adapters.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

interface Amount {
  readonly count: number;
  readonly bytes: number;
}

const WORDS: Readonly<Record<Prunable, readonly [one: string, many: string]>> = {
  derived: [
    "kept drawing or total of artifacts that are gone",
    "kept drawings and totals of artifacts that are gone",
  ],
  records: ["step record that no run refers to", "step records that no run refers to"],
  objects: ["object that nothing refers to", "objects that nothing refers to"],
  leftovers: ["leftover of a killed process", "leftovers of killed processes"],
  backtests: ["abandoned backtest", "abandoned backtests"],
};

export async function clean(
  options: { runbook?: string; stateDir?: string; dryRun?: boolean; json?: boolean },
  adapters: Adapters = systemAdapters,
): Promise<void> {
  const terminal = openTerminal();
  const dryRun = options.dryRun ?? false;
  const { state, shown } = stateOfRuns(options);
  const engine = { ...openRuns(state), files: adapters.files, clock: adapters.clock };
  const { runs, backtests } = engine.state;
  if (!(await engine.files.exists(runs)) && !(await engine.files.exists(backtests))) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `${shown} is no state directory: it has neither a folder runs nor a folder backtest`,
      next: `${programName()} clean --state-dir DIR`,
    });
  }
  const pruned = await cleanAll(engine, { dryRun });
  const amounts = Object.fromEntries(
    PRUNABLE.map((kind) => [kind, amountOf(pruned.filter((file) => file.kind === kind))]),
  ) as Record<Prunable, Amount>;
  const total = amountOf(pruned);
  if (options.json) {
    const paths = pruned.map(({ path, ...rest }) => ({ path: relative(engine.state.root, path), ...rest }));
    const document = { stateDir: shown, dryRun, ...amounts, total, files: paths };
    terminal.document(document);
    return;
  }
  if (total.count === 0) {
    terminal.talk(`Nothing to remove in ${shown}: runs refer to everything.\n`);
    return;
  }
  const lines = PRUNABLE.filter((kind) => amounts[kind].count > 0).map(
    (kind) => `  ${plural(amounts[kind].count, ...WORDS[kind])}, ${bytes(amounts[kind].bytes)}\n`,
  );
  const done = `${dryRun ? "Would remove" : "Removed"} ${plural(total.count, "file")}, ${bytes(total.bytes)}`;
  terminal.data(`${done}\n${lines.join("")}`);
}

/** 4560000 → `4.56 MB` */
const bytes = (size: number): string => `${compact(size).replace(/[kMGTP]?$/, " $&B")}`;

const amountOf = (files: readonly Pruned[]): Amount => ({
  count: files.length,
  bytes: files.reduce((sum, file) => sum + file.bytes, 0),
});
