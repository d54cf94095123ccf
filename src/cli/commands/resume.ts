import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { RunHeader } from "../../engine/run-records.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { type FoundState, stateOfRunbook, stateOfRuns } from "../../operations/state/find.js";
import { openRuns } from "../setup.js";
import { quarter } from "./quarter.js";

export async function resume(
  name: string | undefined,
  options: { runbook?: string; stateDir?: string; json?: boolean; events?: string; open?: boolean },
): Promise<void> {
  const found = stateOfRuns(options);
  const engine = openRuns(found.state);
  const run = name === undefined ? await latestUnfinished(engine.runs.list()) : await engine.runs.get(name);
  if (run === null || !run.unfinished) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message:
        run === null ? "no run is unfinished" : `run ${run.header.run} has its verdict: ${run.verdict}`,
      next:
        run === null ? `${programName()} quarter 2025Q2` : `${programName()} quarter ${run.header.quarter}`,
    });
  }
  const { header } = run;
  if (header.overrides.some((override) => override.includes("***")))
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${header.run} was started with a --set that holds a secret, which is not kept`,
      next: `${programName()} quarter ${header.quarter} with the same --set; \`--set PATH='\${VARIABLE}'\` is kept`,
    });
  const newest = await engine.runs.unfinished(header);
  if (newest?.header.run !== header.run) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${header.run} was followed by a later run of ${header.quarter}`,
      next: `${programName()} quarter ${header.quarter}`,
    });
  }
  await quarter(header.quarter, {
    ...options,
    runbook: relative(process.cwd(), runbookOf(header, found, options.stateDir)),
    dryRun: header.dryRun,
    set: header.overrides,
  });
}

type Runs = ReturnType<ReturnType<typeof openRuns>["runs"]["list"]>;

const latestUnfinished = async (runs: Runs) =>
  (await runs).filter(({ unfinished }) => unfinished).at(-1) ?? null;

/** The runbook of a run, whose state directory must be the one that the run was found in, unless the person names that. */
function runbookOf(header: RunHeader, { state, shown }: FoundState, stateDir: string | undefined): string {
  const path = header.runbook;
  if (stateDir !== undefined) return path;
  const folder = dirname(state.root);
  const moved = join(folder, basename(path));
  if (!existsSync(path)) return existsSync(moved) ? moved : path;
  if (realpathSync(dirname(path)) === realpathSync(folder)) return path;
  stateOfRunbook({}, { path, model: header.model });
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `run ${header.run} is of ${path}, whose state directory is another one than ${shown}`,
    next: `${programName()} resume ${header.run} --state-dir ${shown}`,
  });
}
