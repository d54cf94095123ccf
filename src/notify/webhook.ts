const TIMEOUT_MS = 10_000;

export interface DeliveryProblem {
  /** Host only: a webhook's path is its secret. */
  readonly target: string;
  readonly problem: string;
}

export interface DeliveryOptions {
  /** How long a webhook may take to answer; default 10 s. */
  readonly timeoutMs?: number;
}

/** POSTs a payload as JSON to every webhook. One that fails never stops the others, and never the run: what is on disk is the truth. */
export async function notifyWebhooks(
  urls: readonly string[],
  payload: unknown,
  { timeoutMs = TIMEOUT_MS }: DeliveryOptions = {},
): Promise<DeliveryProblem[]> {
  const body = JSON.stringify(payload);
  const results = await Promise.all(urls.map((url) => post(url, body, timeoutMs)));
  return results.flatMap((result) => (result === null ? [] : [result]));
}

async function post(text: string, body: string, timeoutMs: number): Promise<DeliveryProblem | null> {
  if (!URL.canParse(text)) return { target: "webhook", problem: "what is configured is not a URL" };
  const url = new URL(text);
  const target = `webhook at ${url.host}`;
  try {
    const response = await fetch(withoutCredentials(url), {
      method: "POST",
      headers: { "content-type": "application/json", ...basicAuth(url) },
      body,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    });
    await response.body?.cancel();
    return response.ok ? null : { target, problem: `it answered ${response.status}` };
  } catch (error) {
    return { target, problem: problemOf(error, timeoutMs) };
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

/** The reason is in the cause; fetch's own message may repeat the URL. */
function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return "it could not be asked";
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return "it could not be asked";
  // A name with several addresses gives one error an address, and no message of its own.
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}
