import { appendFile, readFile } from "node:fs/promises";
import type { Engine } from "../../engine/engine.js";
import type { Delivery } from "../../kit/channels.js";
import { githubSummaryChannel } from "../../notify/github-summary.js";

/**
 * Appends a run's job summary to the page of the CI job, unless a channel of the runbook has told that page already.
 * @param page path that CI named, e.g. GitHub Actions in `GITHUB_STEP_SUMMARY`; null outside of CI. A page that cannot be written is a warning:
 * the verdict does not depend on it.
 */
export async function addToJobSummary(
  engine: Engine,
  summary: string,
  page: string | null,
  told: readonly Delivery[],
): Promise<void> {
  if (page === null) return;
  const { id } = githubSummaryChannel(page);
  if (told.some(({ channel, state }) => channel === id && state !== "failed")) return;
  try {
    await appendFile(page, `${await readFile(summary, "utf8")}\n`);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    const message = `the file in GITHUB_STEP_SUMMARY cannot be written (${code}); the job summary is ${summary}`;
    engine.emit({ type: "step-warned", step: "report", message });
  }
}
