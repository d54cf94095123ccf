import { relative } from "node:path";
import { fail } from "../../kit/failure.js";
import { openRuns, openState } from "../setup.js";
import { quarter } from "./quarter.js";

export async function resume(
  name: string | undefined,
  options: { stateDir: string; json?: boolean; events?: string },
): Promise<void> {
  const engine = openRuns(openState(options.stateDir));
  const run = name === undefined ? await latestUnfinished(engine.runs.list()) : await engine.runs.get(name);
  if (run === null || !run.unfinished) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message:
        run === null ? "no run is unfinished" : `run ${run.header.run} has its verdict: ${run.verdict}`,
      next: run === null ? "retrain quarter 2025Q2" : `retrain quarter ${run.header.quarter}`,
    });
  }
  const { header } = run;
  const newest = await engine.runs.unfinished(header);
  if (newest?.header.run !== header.run) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${header.run} was followed by a later run of ${header.quarter}`,
      next: `retrain quarter ${header.quarter}`,
    });
  }
  await quarter(header.quarter, {
    ...options,
    runbook: relative(process.cwd(), header.runbook),
    dryRun: header.dryRun,
    set: header.overrides,
  });
}

type Runs = ReturnType<ReturnType<typeof openRuns>["runs"]["list"]>;

const latestUnfinished = async (runs: Runs) =>
  (await runs).filter(({ unfinished }) => unfinished).at(-1) ?? null;
