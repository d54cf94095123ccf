import type { RunEvent } from "../../kit/events.js";

/** Renders the events of one run as they happen. Adding a reporter is one file here. */
export interface Reporter {
  onEvent(event: RunEvent): void;
}

/** Where a reporter writes: stderr for talk, stdout for data. */
export interface TextSink {
  write(text: string): unknown;
}
