import { createHash } from "node:crypto";
import type { Notice } from "./notice.js";

/** Why a message was not taken, for people and without secrets. */
export interface Refusal {
  readonly problem: string;
  /** Whether it may pass by itself. */
  readonly retryable: boolean;
  /** How long the receiver asks to be left alone, in milliseconds. */
  readonly afterMs?: number;
}

/** One place that a message goes to. */
export interface Channel {
  /** The same on every machine, and without secrets, e.g. `hooks.example.com-3fd21a0b9c44`. */
  readonly id: string;
  /** For people: a host or an address, never a secret. */
  readonly target: string;
  /** Texts that no problem may repeat. */
  readonly secrets: readonly string[];
  /** How long one attempt may take, in milliseconds. */
  readonly limitMs: number;
  /**
   * Null when the message was taken. The key is the same for every attempt at it, by whichever run.
   * @throws whatever an aborted call throws once the signal is aborted
   */
  send(notice: Notice, key: string, signal: AbortSignal): Promise<Refusal | null>;
}

const hex = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Tells apart what may hold a secret, cut to 48 bits. */
export const shortHash = (text: string): string => hex(text).slice(0, 12);

/** Names the notification, not the attempt: one key for each channel and subject (the decision's digest), on every machine. */
export const notificationKey = (channel: Pick<Channel, "id">, subject: string): string =>
  hex(JSON.stringify([channel.id, subject]));

/** A channel that is set and cannot be used: its only answer is why. */
export const brokenChannel = (id: string, target: string, problem: string): Channel => ({
  id,
  target,
  secrets: [],
  limitMs: 1000,
  send: async () => ({ problem, retryable: false }),
});
