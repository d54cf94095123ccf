import type { Wait } from "../kit/attempts.js";
import type { Delivery } from "../kit/channels.js";
import { maskSecrets } from "../kit/secrets/hidden.js";
import { Masker } from "../kit/secrets/masker.js";
import { type Channel, notificationKey, type Refusal } from "./channel.js";
import type { NotificationLedger } from "./ledger.js";
import type { Notice } from "./notice.js";

/** Pauses between attempts within one run, so there is one attempt more than pauses. */
const PAUSES_MS = [500, 2000] as const;

/** A receiver that asks for more than this is left to the next run. */
const LONGEST_PAUSE_MS = 30_000;

export interface DeliveryOptions {
  readonly ledger: NotificationLedger;
  /** How long one attempt may take, instead of the channel's own limit. */
  readonly timeoutMs?: number;
  readonly wait: Wait;
  /** Ctrl-C: ends an attempt and a pause alike, and nothing more is sent. */
  readonly signal: AbortSignal;
}

/**
 * Sends a notice to every channel that has not had it yet, all at the same time. One that fails never stops the others, and never the run: what is
 * on disk is the truth.
 *
 * A message is sent at least once for each channel and subject, and once unless a process dies between the sending and the ledger's line about it, or
 * the answer gets lost: then it is sent again with the same key, by which the receiver can drop it. A message that could not be delivered is sent by
 * the next run that comes to the same decision.
 * @returns one result a channel, in the order of the channels; one that is named twice is told once
 * @throws FailureError when the ledger cannot be read or written: then nothing more is sent
 */
export async function deliverNotice(
  channels: readonly Channel[],
  notice: Notice,
  options: DeliveryOptions,
): Promise<Delivery[]> {
  const distinct = new Map(channels.map((channel) => [channel.id, channel]));
  return Promise.all([...distinct.values()].map((channel) => deliver(channel, notice, options)));
}

async function deliver(channel: Channel, notice: Notice, options: DeliveryOptions): Promise<Delivery> {
  const { ledger, wait, signal } = options;
  const { id, target } = channel;
  const key = notificationKey(channel, notice.subject);
  const entry = { key, channel: id, decision: notice.subject };
  if (await ledger.delivered(key))
    return { channel: id, target, state: "delivered-before", attempts: 0, problem: null };
  for (let attempts = 1; ; attempts++) {
    await ledger.record({ ...entry, state: "sending", attempts, problem: null });
    const refusal = await attempt(channel, notice, key, options);
    if (refusal === null) {
      await ledger.record({ ...entry, state: "delivered", attempts, problem: null });
      return { channel: id, target, state: "delivered", attempts, problem: null };
    }
    const pause = pauseAfter(refusal, attempts);
    if (pause !== null) await wait(pause, signal);
    if (pause === null || signal.aborted) {
      const problem = problemOf(refusal, channel.secrets);
      await ledger.record({ ...entry, state: "failed", attempts, problem });
      return { channel: id, target, state: "failed", attempts, problem };
    }
  }
}

async function attempt(
  channel: Channel,
  notice: Notice,
  key: string,
  { timeoutMs = channel.limitMs, signal }: DeliveryOptions,
): Promise<Refusal | null> {
  const interrupted: Refusal = { problem: "the run was interrupted", retryable: false };
  if (signal.aborted) return interrupted;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    return await channel.send(notice, key, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (signal.aborted) return interrupted;
    if (limit.aborted) return { problem: `no answer within ${timeoutMs / 1000} s`, retryable: true };
    throw error;
  }
}

/** Milliseconds until the next attempt, or null when there is none. */
function pauseAfter({ retryable, afterMs = 0 }: Refusal, attempts: number): number | null {
  const pause = PAUSES_MS[attempts - 1];
  if (!retryable || pause === undefined || afterMs > LONGEST_PAUSE_MS) return null;
  return Math.max(pause, afterMs);
}

function problemOf({ problem, afterMs = 0 }: Refusal, secrets: readonly string[]): string {
  const text = afterMs > LONGEST_PAUSE_MS ? `${problem}; it asks to wait ${afterMs / 1000} s` : problem;
  return new Masker(secrets).mask(maskSecrets(text));
}
