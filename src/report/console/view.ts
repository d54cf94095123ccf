import type { Clock } from "../../kit/clock.js";
import type { RunEvent } from "../../kit/events.js";
import type { Style } from "../style.js";
import type { TextSink } from "./reporter.js";

/** What a console shows while a run goes on. */
export interface View {
  onEvent(event: RunEvent): void;
  /** Ends redrawing; more than one call is fine. */
  close(): void;
}

export interface ViewOptions {
  readonly stream: TextSink;
  readonly style: Style;
  readonly clock: Clock;
}
