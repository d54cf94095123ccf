import { basename } from "node:path";
import { stepTypes } from "../../../steps/index.js";
import { fail } from "../../kit/failure.js";
import { canonicalJson } from "../../kit/json.js";
import { readRunbook } from "../../runbook/parse.js";
import { loadSteps } from "../load-steps.js";
import { editRunbook } from "./edit-runbook.js";
import type { Trial } from "./search.js";
import { unifiedDiff } from "./unified-diff.js";

export interface RunbookChange {
  readonly text: string;
  /** Unified diff, relative to the runbook's folder. */
  readonly patch: string;
}

/**
 * The runbook with the values of a trial. It is read again and must give the parameters that were scored.
 * @throws FailureError `usage.invalid` where the runbook is written so that it does not
 */
export async function changeRunbook(
  text: string,
  file: string,
  step: string,
  trial: Pick<Trial, "params" | "values">,
): Promise<RunbookChange> {
  const changed = editRunbook(text, step, trial.values, trial.params.learners ?? []);
  const read = readRunbook(changed, file, { stepTypes, env: process.env, overrides: [] });
  const checked = read.check(await loadSteps(read.modules, file, stepTypes));
  const params = checked.ok ? checked.runbook.steps.find(({ id }) => id === step)?.params : undefined;
  if (params === undefined || canonicalJson(params) !== canonicalJson(trial.params)) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `the step ${step} of ${file} is written in a way that cannot be patched, e.g. with anchors`,
      next: "write its parameters out, and run the same command again: its trials are kept",
    });
  }
  return { text: changed, patch: unifiedDiff(basename(file), text, changed) };
}
