import { isOpenEnded, type StoredRun, type UnreadableRun } from "../../engine/run-store.js";
import type { PersonDecision } from "../../kit/artifacts/person-decision.js";
import { decisionsOfRuns } from "../../operations/decisions/of-runs.js";
import { lookUpRegistry } from "../../operations/decisions/open-recorded.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { noRuns } from "../../operations/state/require-runs.js";
import { type ListedRun, runsTable } from "../../report/console/runs.js";
import { unaskedText } from "../../report/decisions.js";
import { explainFailure } from "../../report/failures/explain.js";
import { renderFailure } from "../../report/failures/render.js";
import { systemAdapters } from "../adapters.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function runs(options: { runbook?: string; stateDir?: string; json?: boolean }): Promise<void> {
  const terminal = openTerminal();
  const found = stateOfRuns(options);
  const engine = openRuns(found.state);
  const { readable, unreadable } = await engine.runs.listAll();
  if (readable.length + unreadable.length === 0) {
    terminal.talk(renderFailure(explainFailure(noRuns(found)), terminal.talkStyle));
    if (options.json) terminal.document([]);
    return;
  }
  const { byRun, unasked } = await decisionsOfRuns(
    engine,
    readable,
    lookUpRegistry(systemAdapters, process.env),
  );
  terminal.talk(unaskedText(unasked));
  const decisionsOf = ({ header }: StoredRun) => byRun.get(header.run) ?? [];
  const documents = [
    ...readable.map((run) => documentOf(run, decisionsOf(run))),
    ...unreadable.map(({ run, failure }) => ({ run, unreadable: failure })),
  ];
  const rows = [...readable.map((run) => listed(run, decisionsOf(run))), ...unreadable.map(listedUnreadable)];
  terminal.show(options.json, documents, (style) => `${runsTable(rows, style)}\n`);
}

const documentOf = (
  { header, verdict, exitCode, unfinished }: StoredRun,
  decisions: readonly PersonDecision[],
) => ({
  run: header.run,
  quarter: header.quarter,
  cutoff: header.cutoff,
  model: header.model,
  dryRun: header.dryRun,
  startedAt: header.startedAt,
  verdict,
  exitCode,
  unfinished,
  decisions,
});

const listed = (
  { header, verdict, unfinished }: StoredRun,
  decisions: readonly PersonDecision[],
): ListedRun => ({
  ...header,
  verdict,
  isCutShort: verdict !== null && unfinished && !isOpenEnded(verdict),
  decisions,
});

const listedUnreadable = ({ run, failure }: UnreadableRun): ListedRun => ({
  run,
  unreadable: failure.code === "store.format" ? `format ${failure.actual}` : "damaged",
});
