import { decoded } from "../kit/percent-encoding.js";
import type { Refusal } from "./channel.js";

/** Longest that a receiver over HTTP may take to answer. */
export const HTTP_LIMIT_MS = 10_000;

export interface HttpCall {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/** Answers that pass by themselves: the request took too long, too many of them, or the server is in trouble. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * The answer, whatever its status, or why there is none. A redirect is none: it would carry the message, and what authorises it, elsewhere.
 * @throws what fetch throws once the signal is aborted
 */
export async function callHttp(
  url: URL,
  { method = "POST", headers, body, signal }: HttpCall,
): Promise<{ readonly response: Response } | { readonly refusal: Refusal }> {
  try {
    const response = await fetch(withoutCredentials(url), {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
        ...basicAuth(url),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      redirect: "error",
    });
    return { response };
  } catch (error) {
    if (signal.aborted) throw error;
    return { refusal: unanswered(error) };
  }
}

/** Null for an answer that says yes. `detail`: what the receiver said besides its status. */
export function refusalOf(response: Response, detail: string | null = null): Refusal | null {
  const { ok, status, headers } = response;
  if (ok) return null;
  const afterMs = retryAfterMs(headers.get("retry-after"));
  return {
    problem: `it answered ${status}${detail === null ? "" : `: ${detail}`}`,
    // GitHub limits rates with 403 and says when to come back.
    retryable: isPassing(status) || (status === 403 && afterMs !== null),
    ...(afterMs === null ? {} : { afterMs }),
  };
}

/** `Retry-After` in milliseconds: seconds or a date. Null for none. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) * 1000 : null;
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
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** The reason is in the cause; fetch's own message may repeat the URL. What the network said may pass, what fetch itself refused stays refused. */
function unanswered(error: unknown): Refusal {
  const unasked = { problem: "it could not be asked", retryable: false };
  if (!(error instanceof Error)) return unasked;
  const { cause } = error;
  if (!(cause instanceof Error)) return unasked;
  const { code } = cause as NodeJS.ErrnoException;
  // A name with several addresses gives one error an address, and no message of its own.
  return { problem: cause.message || code || cause.name, retryable: code !== undefined };
}
