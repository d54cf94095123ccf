import { setTimeout as delay } from "node:timers/promises";
import type { Wait } from "../../../kit/attempts.js";
import type { Clock } from "../../../kit/clock.js";
import { hideSecrets } from "../../../kit/secrets/hidden.js";
import type { Environment } from "./credentials.js";
import { dispatcherOf } from "./dispatcher.js";
import { type Answer, exchange, type Message, messageOf } from "./exchange.js";
import { hurry } from "./hurry.js";
import { judgeAnswer, judgeProblem } from "./judge.js";
import { maskOf } from "./mask.js";
import type { NetworkProblem } from "./network-error.js";
import { BUDGET_MS, isConflict, isPassing, pauseAfter, retryAfterMs } from "./retry.js";
import { type Settings, secretsOf, settingsOf } from "./settings.js";

/** How requests reach one MLflow server: address, credentials, TLS, proxy, time limits and retries. */
export interface Connection {
  /** With the path prefix that the URI has (a server behind a reverse proxy), without credentials and trailing slash. */
  readonly baseUrl: string;
  /**
   * Sends a request to an address under `baseUrl`, again where that does no harm, and reads the whole answer. GET, HEAD and PUT are sent again after
   * whatever may pass; others only if the server did not work on them, or with the header `x-retry: safe`, which is not sent.
   *
   * It resolves with MLflow's own answers: success (JSON, under `/api/N.N/mlflow/`), and refusals from 400 to 499 in JSON, for `mlflowError` to read.
   * @throws FailureError `registry.unreachable`, `registry.denied`, `registry.host-rejected`, `registry.not-mlflow`, `registry.server-error`
   * @throws the reason of the request's signal once it is aborted, or the connection's when the time after it is up
   */
  fetch(request: Request): Promise<Response>;
  /** How often a request may be sent again. */
  readonly retries: number;
  /** The pause of `fetch` after attempt `attempt`, for what only the caller can try again. Over at once when the signal is aborted. */
  pause(attempt: number): Promise<void>;
  /** Ends idle connections, so that the process can end. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly wait?: Wait;
  /** In [0, 1), for the jitter of pauses. */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** Ctrl-C: every call may take `graceMs` from then on. */
  readonly signal?: AbortSignal;
  /** Milliseconds, default 3000. */
  readonly graceMs?: number;
}

/**
 * Reads the settings of one server from its address, `env` and the files that those name. Asks the server nothing yet.
 * @throws FailureError `registry.settings-invalid`, `registry.uri-unsupported`
 */
export async function openConnection(
  uri: string,
  env: Environment,
  options: ConnectionOptions = {},
): Promise<Connection> {
  const settings = await settingsOf(uri, env);
  const dispatcher = dispatcherOf(settings);
  const secrets = secretsOf(settings);
  // Programs and pages may repeat them too.
  hideSecrets(secrets);
  const mask = maskOf(secrets);
  const added = headersOf(settings);
  const { clock = systemClock, random = Math.random, wait = systemWait } = options;
  const { signal: stop, graceMs = 3000 } = options;
  return {
    baseUrl: settings.baseUrl,
    retries: settings.retries,
    pause: (attempt) => wait(pauseAfter(attempt, null, random()), stop ?? NEVER),
    async fetch(request) {
      requireOwn(request.url, settings.baseUrl);
      const { signal, release } = hurry(request.signal, stop, graceMs);
      try {
        const message = await messageOf(request, added, signal);
        const started = clock.monotonic();
        for (let attempts = 1; ; attempts++) {
          const outcome = await exchange(message, dispatcher, settings.stallMs);
          const pause =
            attempts > settings.retries ? null : pauseBeforeNext(outcome, message, attempts, options);
          if (pause === null || clock.monotonic() - started + pause > BUDGET_MS) {
            const last = { message, attempts, settings, mask };
            return "status" in outcome ? judgeAnswer(outcome, last) : judgeProblem(outcome, last);
          }
          await wait(pause, signal);
        }
      } finally {
        release();
      }
    },
    close: () => dispatcher.close(),
  };
}

/** Milliseconds, or null when the outcome is final. */
function pauseBeforeNext(
  outcome: Answer | NetworkProblem,
  { repeatable }: Message,
  attempts: number,
  { random = Math.random, clock = systemClock }: ConnectionOptions,
): number | null {
  if (!("status" in outcome))
    return outcome.passing && (repeatable || !outcome.sent) ? pauseAfter(attempts, null, random()) : null;
  const { status, headers, body } = outcome;
  const passes = isPassing(status, repeatable) || (repeatable && isConflict(status, textOf(body)));
  if (!passes) return null;
  const asked = retryAfterMs(headers.get("retry-after"), headers.get("date"), clock.now());
  return pauseAfter(attempts, asked, random());
}

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

const NEVER = new AbortController().signal;

function headersOf({ credentials, workspace }: Settings): Record<string, string> {
  return {
    "user-agent": "retrain",
    ...(credentials.authorization === null ? {} : { authorization: credentials.authorization }),
    ...(workspace === null ? {} : { "x-mlflow-workspace": workspace }),
  };
}

/** Credentials go to no other server. */
function requireOwn(url: string, baseUrl: string): void {
  if (!url.startsWith(`${baseUrl}/`)) throw new TypeError(`a request to ${url} is none to ${baseUrl}`);
}

const systemClock: Clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };

const systemWait: Wait = async (ms, signal) => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
