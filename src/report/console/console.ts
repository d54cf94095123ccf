import type { Clock } from "../../kit/clock.js";
import type { Commands } from "../commands.js";
import type { RunDocument } from "../run-document.js";
import type { Style } from "../style.js";
import { visible } from "../text.js";
import { plainView } from "./plain.js";
import type { Reporter, TextSink } from "./reporter.js";
import { runSummary } from "./summary.js";
import { ttyView } from "./tty.js";

export interface ConsoleOptions {
  readonly stream: TextSink;
  /** Whether the stream is a terminal, where a line can be redrawn. */
  readonly tty: boolean;
  readonly style: Style;
  readonly clock: Clock;
  readonly commands: Commands;
}

export interface ConsoleReporter extends Reporter {
  /** Tells how long steps took in earlier runs, in seconds by id, so that the time that is left can be said. */
  expect(usual: ReadonlyMap<string, number>): void;
  /** Shows a line that a step printed, beside what is drawn. */
  say(line: string): void;
  /** The last block: verdict, what is live, files, next commands. */
  finish(document: RunDocument): void;
  /** Stops the spinner and leaves the cursor on an empty line; for a run that ends without `run-finished`. */
  close(): void;
}

export function consoleReporter(options: ConsoleOptions): ConsoleReporter {
  const { stream, tty, style, clock, commands } = options;
  let usual: ReadonlyMap<string, number> = new Map();
  const view = (tty ? ttyView : plainView)({ stream, style, clock, usual: () => usual });
  return {
    expect(known) {
      usual = known;
    },
    say: (line) => view.say(visible(line)),
    onEvent: (event) => view.onEvent(event),
    finish: (document) => {
      view.close();
      stream.write(runSummary(document, commands, style));
    },
    close: () => view.close(),
  };
}
