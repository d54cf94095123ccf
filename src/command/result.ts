import { readFile } from "node:fs/promises";
import { fail } from "../kit/failure.js";
import type { MetricMap } from "../kit/step.js";
import { CommandResult } from "./contract.js";

/**
 * Reads what a command answered. A declared metric that it does not report is unknown, with the reason `not-reported`.
 * @throws FailureError `command.result-invalid` with the place inside the file
 */
export async function readResult(
  file: string,
  declared: readonly string[],
  { step, log }: { readonly step: string; readonly log: string },
): Promise<{ readonly summary: string; readonly metrics: MetricMap }> {
  const invalid = (path: string, problem: string): never =>
    fail({ code: "command.result-invalid", retryable: false, step, path, problem, log });
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? invalid("", "it wrote none") : Promise.reject(error),
  );
  const parsed = CommandResult.safeParse(parseJson(text, invalid));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return invalid(issue.path.join("."), issue.message);
  }
  const { summary, metrics } = parsed.data;
  const unknown = Object.keys(metrics).find((name) => !declared.includes(name));
  if (unknown !== undefined)
    return invalid(`metrics.${unknown}`, "the step's `with.metrics` does not declare it");
  const missing = declared.filter((name) => !Object.hasOwn(metrics, name));
  return {
    summary,
    metrics: {
      ...metrics,
      ...Object.fromEntries(missing.map((name) => [name, { value: null, why: "not-reported" }])),
    },
  };
}

function parseJson(text: string, invalid: (path: string, problem: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return invalid("", `it is not JSON (${(error as Error).message})`);
  }
}
