import { join, relative } from "node:path";
import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { jobSummary } from "../../report/job-summary.js";
import { junitReport } from "../../report/junit.js";
import type { RunDocument } from "../../report/run-document.js";
import { openPage } from "../open-page.js";
import { openDocument } from "../read-document.js";
import { openRuns } from "../setup.js";
import { openTerminal } from "../terminal.js";

type Format = "html" | "junit" | "github";

/** Prints where the report is; with a format, the report itself. */
export async function report(
  name: string | undefined,
  options: { runbook?: string; stateDir?: string; json?: boolean; format?: Format; open?: boolean },
): Promise<void> {
  const terminal = openTerminal();
  const engine = openRuns(stateOfRuns(options).state);
  const run = await engine.runs.get(name);
  const document = await openDocument(engine, run, options.stateDir, terminal);
  if (document === null) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${run.header.run} has no report yet: it has not come to its end`,
      next: `${programName()} resume ${run.header.run}`,
    });
  }
  if (options.format !== undefined) {
    terminal.file(await inFormat(options.format, engine, run, document));
  } else if (options.json) {
    terminal.document({ run: run.header.run, files: document.files });
  } else terminal.file(`${relative(process.cwd(), join(run.folder, "report.html"))}\n`);
  if (options.open) await openPage(join(run.folder, "report.html"), terminal);
}

/** JUnit and job summary follow from the document, so runs of earlier programs have them too. */
async function inFormat(
  format: Format,
  engine: Engine,
  run: StoredRun,
  document: RunDocument,
): Promise<string> {
  switch (format) {
    case "junit":
      return junitReport(document);
    case "github":
      return jobSummary(document);
    case "html": {
      const path = join(run.folder, "report.html");
      const page = await engine.files.readText(path);
      if (page !== null) return page;
      return fail({
        code: "usage.invalid",
        retryable: false,
        message: `${relative(process.cwd(), path)} is gone`,
        next: `${programName()} quarter ${run.header.quarter}`,
      });
    }
  }
}
