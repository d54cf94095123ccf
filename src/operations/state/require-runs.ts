import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Engine } from "../../engine/engine.js";
import { type Failure, fail } from "../../kit/failure.js";
import type { FoundState } from "./find.js";

/** That a state directory has no run yet, with what leads to one: a runbook, where there is none, else a quarter of it. */
export function noRuns({ state, shown }: FoundState, cwd = process.cwd()): Failure {
  const runbook = join(dirname(state.root), "runbook.yaml");
  const here = relative(cwd, runbook);
  return {
    code: "run.none",
    retryable: false,
    state: shown,
    runbook: existsSync(runbook) ? here : null,
  };
}

/** @throws FailureError `run.none` where no run was made yet */
export async function requireRuns({ files, state }: Engine, found: FoundState): Promise<void> {
  if ((await files.list(state.runs)).length === 0) fail(noRuns(found));
}
