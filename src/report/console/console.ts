import type { Clock } from "../../kit/clock.js";
import type { Commands } from "../commands.js";
import type { RunDocument } from "../run-document.js";
import { createStyle } from "../style.js";
import { plainView } from "./plain.js";
import type { Reporter, TextSink } from "./reporter.js";
import { runSummary } from "./summary.js";
import { ttyView } from "./tty.js";

export interface ConsoleOptions {
  readonly stream: TextSink;
  /** Whether the stream is a terminal, where a line can be redrawn. */
  readonly tty: boolean;
  /** The caller honours NO_COLOR and FORCE_COLOR. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  readonly clock: Clock;
  readonly commands: Commands;
}

export interface ConsoleReporter extends Reporter {
  /** The last block: verdict, what is live, files, next commands. */
  finish(document: RunDocument): void;
  /** Stops the spinner and leaves the cursor on an empty line; for a run that ends without `run-finished`. */
  close(): void;
}

export function consoleReporter(options: ConsoleOptions): ConsoleReporter {
  const { stream, tty, color, width, clock, commands } = options;
  const style = createStyle({ color, width });
  const view = (tty ? ttyView : plainView)({ stream, style, clock });
  return {
    onEvent: (event) => view.onEvent(event),
    finish: (document) => {
      view.close();
      stream.write(runSummary(document, commands, style));
    },
    close: () => view.close(),
  };
}
