import { createHash } from "node:crypto";

/** A webhook, named without its secret. */
export interface Channel {
  /** Host, and a hash that tells two webhooks of one host apart, e.g. `hooks.example.com-3fd21a0b9c44`. */
  readonly id: string;
  /** For people: host only, since a webhook's path is its secret. */
  readonly target: string;
  /** Null for what is no URL. */
  readonly url: URL | null;
}

const hex = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * User and password are not in the hash: changing them leaves the channel what it is, and a short password could be guessed from its hash.
 * Path and query are, cut to 48 bits.
 */
export function channelOf(text: string): Channel {
  if (!URL.canParse(text)) return { id: "no-url", target: "webhook", url: null };
  const url = new URL(text);
  const { protocol, host, pathname, search } = url;
  const id = `${host}-${hex(`${protocol}//${host}${pathname}${search}`).slice(0, 12)}`;
  return { id, target: `webhook at ${host}`, url };
}

/** Names the notification, not the attempt: one key for each channel and decision, on every machine. */
export const notificationKey = (channel: Channel, decision: string): string =>
  hex(JSON.stringify([channel.id, decision]));
