import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of this test alone. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
