/** How often and how long a step is tried: its `retry` and `timeout` in the runbook. Results never depend on it. */
export interface AttemptPolicy {
  /** 1..10; 1 is no retry. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled before each further one. */
  readonly backoffMs: number;
  /** Limit of one attempt, in milliseconds and as the runbook writes it (`10m`), or null for none. */
  readonly timeout: { readonly ms: number; readonly text: string } | null;
}

export const ONE_ATTEMPT: AttemptPolicy = { attempts: 1, backoffMs: 0, timeout: null };

/** Resolves after so many milliseconds, or at once when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;
