/** A signal for one call, and how to let go of it. */
interface Hurry {
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * The signal of one call: the caller's own, or, once `stop` is aborted, that one's reason after a last `graceMs`, which begin with the call if it
 * came later. So work whose calls are answered comes to its end, and nothing waits long for a server that is silent.
 */
export function hurry(own: AbortSignal, stop: AbortSignal | undefined, graceMs: number): Hurry {
  if (stop === undefined) return { signal: own, release: () => undefined };
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => late.abort(stop.reason), graceMs);
  };
  if (stop.aborted) start();
  else stop.addEventListener("abort", start, { once: true });
  return {
    signal: AbortSignal.any([own, late.signal]),
    release: () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", start);
    },
  };
}
