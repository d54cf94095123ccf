import { join } from "node:path";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { readStored } from "../../operations/run-document/stored-json.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { Escalation } from "../../report/escalation/escalation.js";
import { escalationText } from "../../report/escalation/terminal.js";
import { visible } from "../../report/text.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function escalation(
  name: string | undefined,
  options: { runbook?: string; stateDir?: string; json?: boolean; rows?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const engine = openRuns(stateOfRuns(options).state);
  const run = await engine.runs.get(name);
  const path = join(run.folder, "escalation", "escalation.json");
  const stored = await readStored(engine.files, path, Escalation);
  if (stored.kind === "absent") {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${run.header.run} did not escalate (verdict: ${run.verdict ?? "none yet"})`,
      next: `${programName()} status ${run.header.run}`,
    });
  }
  if (options.rows) {
    // A cell may hold what drives a terminal, which may be at the other end of a pipe too; the file has it as it was.
    terminal.data(visible((await engine.files.readText(join(run.folder, "escalation", "rows.csv"))) ?? ""));
    return;
  }
  if (stored.kind === "damaged") {
    const expected = "the escalation of a run";
    return fail({ code: "store.corrupt", retryable: false, path, expected, actual: stored.why });
  }
  const page = () => escalationText(stored.value, terminal.dataStyle).trimEnd();
  terminal.data(options.json ? stored.text : `${page()}\n`);
}
