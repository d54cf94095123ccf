import type { Wait } from "../kit/attempts.js";
import { type Channel, channelOf, notificationKey } from "./channel.js";
import type { NotificationLedger } from "./ledger.js";

const TIMEOUT_MS = 10_000;

/** Pauses between attempts within one run, so there is one attempt more than pauses. */
const PAUSES_MS = [500, 2000] as const;

/** Answers that pass by themselves: the request took too long, too many of them, or the server is in trouble. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

export interface DeliveryProblem {
  /** Host only: a webhook's path is its secret. */
  readonly target: string;
  readonly problem: string;
}

export interface DeliveryOptions {
  /** Digest of the decision that the payload is about. */
  readonly decision: string;
  readonly ledger: NotificationLedger;
  /** How long a webhook may take to answer; default 10 s. */
  readonly timeoutMs?: number;
  readonly wait: Wait;
  /** Ctrl-C: ends a request and a pause alike, and nothing more is sent. */
  readonly signal: AbortSignal;
}

/**
 * POSTs a payload as JSON to every webhook that has not had the message of this decision yet. One that fails never stops the others, and never the
 * run: what is on disk is the truth.
 *
 * A message is sent at least once for each channel and decision, and once unless a process dies between the POST and the ledger's line about it, or the
 * answer gets lost: then it is POSTed again with the same `Idempotency-Key` header, by which the receiver can drop it. A message that could not be
 * delivered is tried again by the next run that comes to the same decision.
 * @throws FailureError when the ledger cannot be read or written: then nothing more is sent
 */
export async function notifyWebhooks(
  urls: readonly string[],
  payload: unknown,
  options: DeliveryOptions,
): Promise<DeliveryProblem[]> {
  const body = JSON.stringify(payload);
  const channels = new Map(urls.map((url) => [channelOf(url).id, channelOf(url)]));
  const results = await Promise.all([...channels.values()].map((channel) => deliver(channel, body, options)));
  return results.flatMap((result) => (result === null ? [] : [result]));
}

async function deliver(
  channel: Channel,
  body: string,
  { decision, ledger, timeoutMs = TIMEOUT_MS, wait, signal }: DeliveryOptions,
): Promise<DeliveryProblem | null> {
  const { id, target, url } = channel;
  if (url === null) return { target, problem: "what is configured is not a URL" };
  const key = notificationKey(channel, decision);
  if (await ledger.delivered(key)) return null;
  for (let attempts = 1; ; attempts++) {
    await ledger.record({ key, channel: id, decision, state: "sending", attempts, problem: null });
    const failed = await post(url, body, key, timeoutMs, signal);
    if (failed === null) {
      await ledger.record({ key, channel: id, decision, state: "delivered", attempts, problem: null });
      return null;
    }
    const pause = failed.retryable ? PAUSES_MS[attempts - 1] : undefined;
    if (pause !== undefined) await wait(pause, signal);
    if (pause === undefined || signal.aborted) {
      await ledger.record({ key, channel: id, decision, state: "failed", attempts, problem: failed.problem });
      const times = attempts === 1 ? "" : `, ${attempts} times`;
      return { target, problem: `${failed.problem}${times}` };
    }
  }
}

/** Null when the webhook took the message. */
async function post(
  url: URL,
  body: string,
  key: string,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<{ problem: string; retryable: boolean } | null> {
  try {
    const response = await fetch(withoutCredentials(url), {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key, ...basicAuth(url) },
      body,
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
      redirect: "error",
    });
    await response.body?.cancel();
    return response.ok
      ? null
      : { problem: `it answered ${response.status}`, retryable: isPassing(response.status) };
  } catch (error) {
    return stop.aborted
      ? { problem: "the run was interrupted", retryable: false }
      : problemOf(error, timeoutMs);
  }
}

/** fetch refuses a URL with a user and a password, and says so with the whole URL. */
function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** The reason is in the cause; fetch's own message may repeat the URL. What the network said may pass, what fetch itself refused stays refused. */
function problemOf(error: unknown, timeoutMs: number): { problem: string; retryable: boolean } {
  const unasked = { problem: "it could not be asked", retryable: false };
  if (!(error instanceof Error)) return unasked;
  if (error.name === "TimeoutError")
    return { problem: `no answer within ${timeoutMs / 1000} s`, retryable: true };
  const { cause } = error;
  if (!(cause instanceof Error)) return unasked;
  const { code } = cause as NodeJS.ErrnoException;
  // A name with several addresses gives one error an address, and no message of its own.
  return { problem: cause.message || code || cause.name, retryable: code !== undefined };
}
