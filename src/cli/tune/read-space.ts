import { dirname, join } from "node:path";
import type { TunedParams } from "../../forecast/tune/parameters.js";
import { fail } from "../../kit/failure.js";
import type { Graph } from "../../plan/graph.js";
import { renderDiagnostics } from "../../report/diagnostics.js";
import { readText } from "../read-text.js";
import type { Terminal } from "../terminal.js";
import { parseSpace, type SpaceFile } from "./space-file.js";

/**
 * The search space for a runbook, or every diagnostic on standard error and a failure.
 * @param given path; undefined is `tune.yaml` beside the runbook
 * @throws FailureError `usage.invalid`, or `runbook.invalid` after diagnostics
 */
export function requireSpace(
  given: string | undefined,
  runbook: string,
  graph: Graph,
  terminal: Terminal,
): SpaceFile {
  const steps = graph.nodes
    .filter(({ type }) => type.type === "train-pooled-cv")
    .map(({ id, step }) => ({ id, params: step.params as TunedParams }));
  if (steps.length === 0) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `${runbook} has no train-pooled-cv step to tune`,
      next: null,
    });
  }
  const file = given ?? join(dirname(runbook), "tune.yaml");
  const parsed = parseSpace(
    readText(file, "the search space", "--space FILE; docs/tune.md has one to start from"),
    file,
    steps,
  );
  if (parsed.ok) return parsed.value;
  terminal.talk(renderDiagnostics(parsed.diagnostics, terminal.talkStyle));
  return fail({ code: "runbook.invalid", retryable: false, file, count: parsed.diagnostics.length });
}
