const TIMEOUT_MS = 10_000;

export interface DeliveryProblem {
  /** Host only: a webhook's path is its secret. */
  readonly target: string;
  readonly problem: string;
}

/** POSTs a payload as JSON to every webhook. One that fails never stops the others, and never the run: what is on disk is the truth. */
export async function notifyWebhooks(urls: readonly string[], payload: unknown): Promise<DeliveryProblem[]> {
  const results = await Promise.all(urls.map((url) => post(url, payload)));
  return results.flatMap((result) => (result === null ? [] : [result]));
}

async function post(url: string, payload: unknown): Promise<DeliveryProblem | null> {
  const target = URL.canParse(url) ? `webhook at ${new URL(url).host}` : "webhook";
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: "error",
    });
    await response.body?.cancel();
    return response.ok ? null : { target, problem: `it answered ${response.status}` };
  } catch (error) {
    const cause = (error as Error).cause;
    return { target, problem: cause instanceof Error ? cause.message : (error as Error).message };
  }
}
