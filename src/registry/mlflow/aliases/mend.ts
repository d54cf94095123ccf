import { FailureError } from "../../../kit/failure.js";
import { findModel, setModelTag } from "../model-calls.js";
import type { Store } from "../store.js";
import { ledgerOf, look, MENDED } from "./ledger.js";
import { numberedTags, trailKey, writeTrail } from "./trail.js";
import { endsOf, hashAfter } from "./trail-chain.js";

/**
 * Makes a damaged trail one that can be gone on with: it is written again from the ledger, and what was found is kept in tags beside it. Of a move that
 * the ledger does not have any more what was found counts, if it can be read. Where the trail is whole and the ledger is not, the trail counts. A ledger
 * that was damaged is taken as it is from then on.
 */
export async function mendTrail(store: Store, name: string): Promise<void> {
  store.ledgers.delete(name);
  if (await isSound(async () => look(store, name))) return;
  const model = await findModel(store, name);
  if (model === null) return;
  const found = numberedTags(model);
  const { entries, last } = await ledgerOf(store, model);
  if (!(await isSound(async () => endsOf(name, found)))) {
    const kept = new Set(model.tags.map(({ key }) => key));
    for (const [number, text] of found) {
      const aside = `retrain.set-aside.${trailKey(number)}`;
      if (!kept.has(aside)) await setModelTag(store, name, aside, text);
    }
    await writeTrail(store, name, entries, hashAfter([]));
  }
  await setModelTag(store, name, MENDED, String(last));
}

async function isSound(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.trail-damaged") return false;
    throw error;
  }
}
