import { join, relative } from "node:path";
import { fail } from "../../kit/failure.js";
import { readDocument } from "../run-document.js";
import { openRuns, openState } from "../setup.js";
import { openTerminal } from "../terminal.js";

export async function report(
  name: string | undefined,
  options: { stateDir: string; json?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const engine = openRuns(openState(options.stateDir));
  const run = await engine.runs.get(name);
  const document = await readDocument(engine, run);
  if (document === null) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${run.header.run} has no report yet: it has not come to its end`,
      next: `retrain resume ${run.header.run}`,
    });
  }
  const path = relative(process.cwd(), join(run.folder, "report.html"));
  terminal.data(
    options.json
      ? `${JSON.stringify({ run: run.header.run, files: document.files }, null, 2)}\n`
      : `${path}\n`,
  );
}
