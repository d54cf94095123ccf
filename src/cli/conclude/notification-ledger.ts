import { appendRecord, readRecords } from "../../durable/journal.js";
import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { NotificationEntry, type NotificationLedger } from "../../notify/ledger.js";
import { attemptsPath } from "../../operations/run-document/deliveries.js";

/** Prefix of the tags that say what was delivered. */
export const NOTIFIED_TAG = "retrain.notified.";

/** The tag of the registry's run that says, on every machine, that a notification was delivered. Its value is the instant. */
const tagOf = (key: string): string => `${NOTIFIED_TAG}${key.slice(0, 16)}`;

/**
 * Two places, since each can be missing: every run of the quarter in this state directory has a `notifications.jsonl` with all attempts; the registry's
 * run has a tag for each message that was delivered, for machines with another state directory.
 * @param published null for a run that never came to one in the registry
 */
export function notificationLedger(
  { runs, files, clock }: Engine,
  run: StoredRun,
  published: { readonly registry: ModelRegistry; readonly registryRun: string } | null,
): NotificationLedger {
  // Channels are told at the same time, and a journal has one writer at a time.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const turn = last.then(write);
    last = turn.catch(() => undefined);
    return turn;
  };
  const publishedAt = async (key: string) =>
    (await published?.registry.getRun(published.registryRun))?.tags[tagOf(key)];
  const publish = async (key: string, at: string): Promise<void> =>
    published?.registry.logRun(published.registryRun, {
      tags: { [tagOf(key)]: (await publishedAt(key)) ?? at },
    });
  return {
    async delivered(key) {
      for (const { folder } of await runs.ofQuarter(run.header.quarter)) {
        const entries = await readRecords(files, attemptsPath(folder), NotificationEntry, "store.corrupt");
        const found = entries.find((entry) => entry.key === key && entry.state === "delivered");
        if (found === undefined) continue;
        // A kill between the two places left only the first, and one right after the second left its lock in the registry, which a write takes over.
        const isResumed = folder === run.folder;
        if (isResumed || (await publishedAt(key)) === undefined) await inTurn(() => publish(key, found.at));
        return true;
      }
      return (await publishedAt(key)) !== undefined;
    },
    record: (entry) =>
      inTurn(async () => {
        const at = clock.now();
        await appendRecord(files, attemptsPath(run.folder), { at, ...entry }, "store.corrupt", {
          seal: "quick",
        });
        if (entry.state === "delivered") await publish(entry.key, at);
      }),
  };
}
