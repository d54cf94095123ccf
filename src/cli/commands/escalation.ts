import { join } from "node:path";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import {
  type DecisionsOfRuns,
  decisionsOfRuns,
  escalationToShow,
} from "../../operations/decisions/of-runs.js";
import { lookUpRegistry } from "../../operations/decisions/open-recorded.js";
import { readStored } from "../../operations/run-document/stored-json.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { requireRuns } from "../../operations/state/require-runs.js";
import { unaskedText, withDecisions } from "../../report/decisions.js";
import { Escalation } from "../../report/escalation/escalation.js";
import { escalationPage } from "../../report/escalation/page.js";
import { pageText } from "../../report/page/terminal.js";
import { visible } from "../../report/text.js";
import { systemAdapters } from "../adapters.js";
import { openPage } from "../open-page.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export interface EscalationOptions {
  readonly runbook?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
  readonly rows?: boolean;
  readonly open?: boolean;
}

export async function escalation(name: string | undefined, options: EscalationOptions): Promise<void> {
  const terminal = openTerminal();
  const found = stateOfRuns(options);
  const engine = openRuns(found.state);
  await requireRuns(engine, found);
  const asked = async (of: Parameters<typeof decisionsOfRuns>[1]): Promise<DecisionsOfRuns> =>
    decisionsOfRuns(engine, of, lookUpRegistry(systemAdapters, process.env));
  const named = name === undefined ? null : await engine.runs.get(name);
  const runs = named === null ? await engine.runs.list() : [named];
  const decisions = await asked(runs);
  const run = named ?? escalationToShow(runs, decisions) ?? (await engine.runs.get(undefined));
  const path = join(run.folder, "escalation", "escalation.json");
  const stored = await readStored(engine.files, path, Escalation);
  if (stored.kind === "absent") {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message:
        named === null
          ? "no run escalated"
          : `run ${run.header.run} did not escalate (verdict: ${run.verdict ?? "none yet"})`,
      next: `${programName()} status ${run.header.run}`,
    });
  }
  if (options.rows) {
    // A cell may hold what drives a terminal, which may be at the other end of a pipe too; the file has it as it was.
    terminal.file(visible((await engine.files.readText(join(run.folder, "escalation", "rows.csv"))) ?? ""));
    return;
  }
  if (stored.kind === "damaged") {
    const expected = "the escalation of a run";
    return fail({ code: "store.corrupt", retryable: false, path, expected, actual: stored.why });
  }
  terminal.talk(unaskedText(decisions.unasked));
  const known = decisions.byRun.get(run.header.run) ?? [];
  const isKnown = known.length > 0 || decisions.unasked.length === 0;
  terminal.show(
    options.json,
    { ...(JSON.parse(stored.text) as object), ...(isKnown ? { decisions: known } : {}) },
    (style) => `${pageText(escalationPage(withDecisions(stored.value, known)), style).trimEnd()}\n`,
  );
  if (options.open) await openPage(join(run.folder, "escalation", "escalation.html"), terminal);
}
