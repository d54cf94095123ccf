import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import type { ChannelSpec, Delivery } from "../../kit/channels.js";
import { mapTexts } from "../../kit/json.js";
import type { ModelRegistry } from "../../kit/registry.js";
import type { Notice } from "../../notify/notice.js";
import { openChannels } from "../../notify/open.js";
import { deliveriesPath } from "../../operations/run-document/deliveries.js";
import type { Adapters } from "../adapters.js";
import { notificationLedger } from "./notification-ledger.js";

export interface PeopleToTell {
  readonly engine: Engine;
  readonly run: StoredRun;
  readonly channels: readonly ChannelSpec[];
  /** The registry's run of this quarter, for machines with another state directory; null for a run that never came to one. */
  readonly published: { readonly registry: ModelRegistry; readonly registryRun: string } | null;
  readonly mask: (text: string) => string;
  readonly notify: Adapters["notify"];
  readonly signal: AbortSignal;
}

/**
 * Tells everybody who is to hear of this, each by the first of the notices that it listens for, and keeps how that went. Who could not be told is told by the next run that comes to the same decision; a
 * failed run has none.
 * @throws FailureError when the ledger cannot be read or written
 */
export async function notifyPeople(
  people: PeopleToTell,
  notices: readonly Notice[],
): Promise<readonly Delivery[]> {
  const { engine, run, channels, published, mask, notify, signal } = people;
  const ledger = notificationLedger(engine, run, published);
  const deliveries: Delivery[] = [];
  for (const notice of notices) {
    const listening = channels
      .filter(({ on }) => notices.find(({ occasion }) => on.some((one) => one === occasion)) === notice)
      .flatMap((spec) => openChannels(spec, process.env));
    if (listening.length === 0) continue;
    const told = { ledger, wait: engine.wait, signal };
    deliveries.push(...(await notify(listening, mapTexts(notice, mask), told)));
  }
  const shown = mapTexts(deliveries, mask);
  if (shown.length > 0)
    await engine.files.writeAtomic(deliveriesPath(run), `${JSON.stringify(shown, null, 2)}\n`);
  for (const { target, problem, attempts } of shown) {
    if (problem === null) continue;
    const times = attempts === 1 ? "" : `, ${attempts} times`;
    engine.emit({
      type: "step-warned",
      step: "notify",
      message: `${target} was not told: ${problem}${times}`,
    });
  }
  return shown;
}
