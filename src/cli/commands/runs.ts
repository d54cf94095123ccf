import { isOpenEnded, type StoredRun, type UnreadableRun } from "../../engine/run-store.js";
import { programName } from "../../kit/program-name.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { textTable } from "../../report/table.js";
import { VERDICT_WORDS } from "../../report/verdict.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function runs(options: { runbook?: string; stateDir?: string; json?: boolean }): Promise<void> {
  const terminal = openTerminal();
  const { state, shown } = stateOfRuns(options);
  const { readable, unreadable } = await openRuns(state).runs.listAll();
  if (options.json) {
    const rows = readable.map(({ header, verdict, exitCode, unfinished }) => ({
      run: header.run,
      quarter: header.quarter,
      cutoff: header.cutoff,
      model: header.model,
      dryRun: header.dryRun,
      startedAt: header.startedAt,
      verdict,
      exitCode,
      unfinished,
    }));
    const others = unreadable.map(({ run, failure }) => ({ run, unreadable: failure }));
    terminal.data(`${JSON.stringify([...rows, ...others], null, 2)}\n`);
  } else if (readable.length + unreadable.length === 0) {
    terminal.talk(`No run in ${shown} yet. Start one with: ${programName()} quarter 2025Q2\n`);
  } else {
    const columns = ["run", "model", "started", "verdict"].map((label) => ({ label, numeric: false }));
    terminal.data(
      `${textTable(columns, [...readable.map(row), ...unreadable.map(unreadableRow)], terminal.dataStyle)}\n`,
    );
  }
}

const row = ({ header, verdict, unfinished }: StoredRun): string[] => [
  header.run,
  header.model,
  header.startedAt.slice(0, 16).replace("T", " "),
  `${verdict === null ? "Unfinished" : VERDICT_WORDS[verdict].title}${verdict !== null && unfinished && !isOpenEnded(verdict) ? ", unfinished" : ""}${header.dryRun ? " (dry run)" : ""}`,
];

const unreadableRow = ({ run, failure }: UnreadableRun): string[] => [
  run,
  "",
  "",
  failure.code === "store.format" ? `Unreadable: format ${failure.actual}` : "Unreadable: damaged",
];
