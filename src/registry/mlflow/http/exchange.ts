import { type Dispatcher, request as send } from "undici";
import { type NetworkProblem, networkProblem } from "./network-error.js";

/** A request whose body can be sent again. */
export interface Message {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  /** Doing it twice does no harm. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal;
}

/** An answer that came in whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT"]);

/** Says `x-retry: safe` of a request that does no harm when it arrives twice, whatever its method. Not sent. */
export const RETRY_HEADER = "x-retry";

export async function messageOf(
  request: Request,
  added: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Message> {
  const { [RETRY_HEADER]: retry, ...headers } = Object.fromEntries(request.headers);
  const { method } = request;
  return {
    method,
    url: request.url,
    headers: { ...headers, ...added },
    body: request.body === null ? null : new Uint8Array(await request.arrayBuffer()),
    repeatable: REPEATABLE.has(method) || retry === "safe",
    signal,
  };
}

/**
 * One attempt, which ends with the last byte of the answer: a connection that breaks in the middle is a failed attempt.
 * @throws the signal's reason once it is aborted
 */
export async function exchange(
  message: Message,
  dispatcher: Dispatcher,
  stallMs: number,
): Promise<Answer | NetworkProblem> {
  const { method, url, headers, body, signal } = message;
  try {
    signal.throwIfAborted();
    const answer = await send(url, {
      dispatcher,
      method: method as Dispatcher.HttpMethod,
      headers,
      body,
      signal,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
    });
    return {
      status: answer.statusCode,
      headers: headersOf(answer.headers),
      body: new Uint8Array(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    signal.throwIfAborted();
    const problem = networkProblem(error);
    if (problem === null) throw error;
    return problem;
  }
}

const headersOf = (headers: Readonly<Record<string, string | string[] | undefined>>): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
    ),
  );
