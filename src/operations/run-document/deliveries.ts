import { join } from "node:path";
import { z } from "zod";
import { readRecords } from "../../durable/journal.js";
import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import { Delivery } from "../../kit/channels.js";
import { FailureError } from "../../kit/failure.js";
import { NotificationEntry } from "../../notify/ledger.js";
import { readStored } from "./stored-json.js";

/** How telling each channel ended, in a run's folder. */
export const deliveriesPath = (run: StoredRun): string => join(run.folder, "notifications.json");

/** Every attempt to tell a channel, in a run's folder. */
export const attemptsPath = (folder: string): string => join(folder, "notifications.jsonl");

/** How telling people went in a run, and why its file was no help, if it was not. Empty when there was nobody to tell. */
export async function readDeliveries(
  { files }: Pick<Engine, "files">,
  run: StoredRun,
): Promise<{ readonly deliveries: readonly Delivery[]; readonly damage: string | null }> {
  const stored = await readStored(files, deliveriesPath(run), z.array(Delivery));
  if (stored.kind === "there") return { deliveries: stored.value, damage: null };
  if (stored.kind === "absent") return { deliveries: [], damage: null };
  return { deliveries: await fromAttempts(files, run), damage: stored.why };
}

/** What the attempts tell of it: all but the words for a channel, which its id stands for. */
async function fromAttempts(files: Engine["files"], run: StoredRun): Promise<Delivery[]> {
  try {
    const entries = await readRecords(files, attemptsPath(run.folder), NotificationEntry, "store.corrupt");
    const last = new Map(entries.map((entry) => [entry.key, entry]));
    return [...last.values()].map(({ channel, state, attempts, problem }) => ({
      channel,
      target: channel,
      state: state === "delivered" ? state : "failed",
      attempts,
      problem: state === "sending" ? "the process ended while it was sent" : problem,
    }));
  } catch (error) {
    if (error instanceof FailureError) return [];
    throw error;
  }
}
