import { appendFile, readFile } from "node:fs/promises";
import type { Engine } from "../../engine/engine.js";

/**
 * Appends a run's job summary to the page of the CI job.
 * @param page path that CI named, e.g. GitHub Actions in `GITHUB_STEP_SUMMARY`; null outside of CI. A page that cannot be written is a warning:
 * the verdict does not depend on it.
 */
export async function addToJobSummary(engine: Engine, summary: string, page: string | null): Promise<void> {
  if (page === null) return;
  try {
    await appendFile(page, `${await readFile(summary, "utf8")}\n`);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    const message = `the file in GITHUB_STEP_SUMMARY cannot be written (${code}); the job summary is ${summary}`;
    engine.emit({ type: "step-warned", step: "report", message });
  }
}
