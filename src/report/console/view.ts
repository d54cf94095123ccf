import type { Clock } from "../../kit/clock.js";
import type { RunEvent } from "../../kit/events.js";
import type { Style } from "../style.js";
import type { TextSink } from "./reporter.js";

/** What a console shows while a run goes on. */
export interface View {
  onEvent(event: RunEvent): void;
  /** Shows a line that a step printed. */
  say(line: string): void;
  /** Ends redrawing; more than one call is fine. */
  close(): void;
}

export interface ViewOptions {
  readonly stream: TextSink;
  readonly style: Style;
  readonly clock: Clock;
  /** Seconds that a step took the last time that it ran, by its id. */
  readonly usual: () => ReadonlyMap<string, number>;
}
