import { z } from "zod";
import { appendRecord, readRecords } from "../../durable/journal.js";
import { FailureError } from "../../kit/failure.js";
import type { ModelRegistry, ModelVersion } from "../../kit/registry.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { layout, type Store } from "./store.js";

/** What a version was made with, one line each: it stands outside of the model's folder, and says which numbers are taken for ever. */
const Line = z.object({
  version: z.string(),
  key: z.string(),
  runId: z.string(),
  description: z.string(),
  createdAt: z.string(),
  tags: wholeRecord(z.string(), z.string()),
});
export type LoggedVersion = z.infer<typeof Line>;

/** Every version that was ever made here, in the order of their numbers. */
export const loggedVersions = (store: Store, name: string): Promise<LoggedVersion[]> =>
  readRecords(store.files, layout.versionLog(store, name), Line, "registry.corrupt");

/** Writes down versions that the log lacks: made before there was a log, or right before a kill. */
export async function logVersions(
  store: Store,
  name: string,
  versions: readonly ModelVersion[],
): Promise<void> {
  const logged = new Set((await loggedVersions(store, name)).map(({ version }) => version));
  for (const { version, key, runId, description, createdAt, tags } of versions) {
    if (logged.has(version)) continue;
    const line: LoggedVersion = { version, key, runId, description, createdAt, tags: { ...tags } };
    await appendRecord(store.files, layout.versionLog(store, name), line, "registry.corrupt");
  }
}

type History = ModelRegistry["aliasHistory"];

/** A number that no version has had: above all that the log, the folders and the moves of aliases tell of. */
export async function freeNumber(
  store: Store,
  name: string,
  versions: readonly ModelVersion[],
  history: History,
): Promise<string> {
  const logged = (await loggedVersions(store, name)).map(({ version }) => version);
  const listed = versions.map(({ version }) => version);
  const taken = [...logged, ...listed, ...(await namedByAliases(name, history))].map(Number);
  return String(Math.max(0, ...taken.filter(Number.isSafeInteger)) + 1);
}

/** What a registry of before there was a log has to tell of a version that is gone. A damaged history is told by whoever needs it. */
async function namedByAliases(name: string, history: History): Promise<readonly string[]> {
  try {
    return (await history(name)).flatMap(({ from, to }) => [from ?? "0", to]);
  } catch (error) {
    if (error instanceof FailureError) return [];
    throw error;
  }
}
