import type { Reporter } from "./reporter.js";

/** One event a line, as it is. `write` gets whole lines. */
export const jsonLinesReporter = (write: (line: string) => void): Reporter => ({
  onEvent: (event) => write(`${JSON.stringify(event)}\n`),
});
