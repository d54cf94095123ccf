import { FailureError } from "../../../kit/failure.js";
import { findModel, setModelTag } from "../model-calls.js";
import type { Store } from "../store.js";
import { ledgerOf, numberedTags, trailKey, writeTrail } from "./ledger.js";
import { chainOf } from "./trail-chain.js";

/**
 * Makes a damaged trail one that can be gone on with: it is written again from the ledger, and what was found is kept in tags beside it. Of a move that
 * the ledger does not have any more what was found counts, if it can be read.
 */
export async function mendTrail(store: Store, name: string): Promise<void> {
  const model = await findModel(store, name);
  if (model === null) return;
  const found = numberedTags(model);
  if (isSound(name, found)) return;
  store.ledgers.delete(name);
  const entries = await ledgerOf(store, model);
  const kept = new Set(model.tags.map(({ key }) => key));
  for (const [number, text] of found) {
    const aside = `retrain.set-aside.${trailKey(number)}`;
    if (!kept.has(aside)) await setModelTag(store, name, aside, text);
  }
  await writeTrail(store, name, entries, chainOf(name, []));
}

function isSound(name: string, entries: ReturnType<typeof numberedTags>): boolean {
  try {
    chainOf(name, entries);
    return true;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === "registry.trail-damaged") return false;
    throw error;
  }
}
