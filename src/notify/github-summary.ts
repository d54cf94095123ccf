import { appendFile } from "node:fs/promises";
import { type Channel, shortHash } from "./channel.js";

/** A step's page takes 1 MiB. */
const BYTES = 1024 * 1024;

/**
 * Appends to the page of a GitHub Actions job. Each step of each job has its own file, so its path is part of the channel: another job's page gets the
 * message too.
 */
export const githubSummaryChannel = (file: string): Channel => ({
  id: `github-summary-${shortHash(file)}`,
  target: "GitHub job summary",
  secrets: [],
  limitMs: 10_000,
  async send({ markdown }) {
    if (Buffer.byteLength(markdown) > BYTES) return { problem: "it is longer than 1 MiB", retryable: false };
    try {
      await appendFile(file, `${markdown.trimEnd()}\n\n`);
      return null;
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      return { problem: `the file in GITHUB_STEP_SUMMARY cannot be written: ${code}`, retryable: false };
    }
  },
});
