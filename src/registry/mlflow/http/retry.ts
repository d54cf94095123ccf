/** Answers that say that a request was not worked on: even one that must not run twice can be sent again. */
const NOT_PROCESSED: ReadonlySet<number> = new Set([408, 429]);
/** Answers that pass by themselves, but may come after the work was done. MLflow answers some of them so. */
const PASSING: ReadonlySet<number> = new Set([...NOT_PROCESSED, 500, 502, 503, 504]);

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/** A request that goes on failing is given up before a further attempt would start later than this after the first. */
export const BUDGET_MS = 300_000;

/** Whether an answer with this status is worth a further attempt. `repeatable`: doing it twice does no harm. */
export const isPassing = (status: number, repeatable: boolean): boolean =>
  (repeatable ? PASSING : NOT_PROCESSED).has(status);

/**
 * Whether the database refused a change because another one wrote the same row first: MLflow answers 400 with SQLAlchemy's mark of integrity errors,
 * which is the same for every database. It was rolled back, and once the row is there most calls of MLflow update it. An answer with a code of its
 * own, such as "already exists", is no such conflict.
 */
export const isConflict = (status: number, text: string): boolean =>
  status === 400 && /"error_code":\s*"BAD_REQUEST"/.test(text) && /sqlalche\.me\/e\/\d+\/gkpj\b/.test(text);

/**
 * Milliseconds before attempt `attempt` + 1, at most 60 s. What the server asks for counts, with up to a tenth on top; else the pause doubles from
 * 0.5 s and its second half is left to chance, so that many clients do not come back at once. `random` is in [0, 1).
 */
export function pauseAfter(attempt: number, retryAfterMs: number | null, random: number): number {
  if (retryAfterMs !== null) return Math.min(LONGEST_PAUSE_MS, retryAfterMs * (1 + random / 10));
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return pause / 2 + (random * pause) / 2;
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds, or a date, which is compared with the server's own `Date` where there is one, since
 * clocks differ. Null where there is no such header, or one that says neither.
 */
export function retryAfterMs(header: string | null, date: string | null, now: string): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const until = httpDate(text);
  return until === null ? null : Math.max(0, until - (httpDate(date ?? "") ?? Date.parse(now)));
}

/** `Date.parse` alone takes far more for a date than HTTP does, e.g. "-1". */
function httpDate(text: string): number | null {
  if (!/^[A-Z][a-z]+,? .*\d{2}:\d{2}:\d{2}/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
