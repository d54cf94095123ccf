import type { RunEvent } from "../../kit/events.js";
import { seconds } from "../format.js";
import { oneLine } from "../text.js";
import { STATUS_WORDS } from "../verdict.js";
import { headerLine, isTelling, layoutFor, retryWords } from "./lines.js";
import type { View, ViewOptions } from "./view.js";

/** A step that is slower than this says now and then how far it is. */
const QUIET_MS = 10_000;

/** Plain lines for logs: nothing is cut, redrawn or aligned. */
export function plainView({ stream, style, clock }: ViewOptions): View {
  let lastLine = clock.monotonic();
  const print = (line: string) => {
    lastLine = clock.monotonic();
    stream.write(`${line}\n`);
  };
  return {
    say: print,
    onEvent(event: RunEvent) {
      switch (event.type) {
        case "run-started":
          print(headerLine(layoutFor(style, []), event));
          break;
        case "step-started":
          if (isTelling(event.reason)) print(`→ ${oneLine(event.step)}: ${oneLine(event.reason)}`);
          break;
        case "step-progress":
          if (clock.monotonic() - lastLine >= QUIET_MS) {
            print(`… ${oneLine(event.step)}: ${event.done}/${event.total} ${oneLine(event.label)}`);
          }
          break;
        case "step-retrying":
          print(`! ${oneLine(event.step)}: ${retryWords(event)}`);
          break;
        case "step-warned":
          print(`! ${oneLine(event.step)}: ${oneLine(event.message)}`);
          break;
        case "step-finished": {
          const summary = oneLine(event.summary);
          const time = event.status === "skipped" ? "" : ` (${seconds(event.seconds)})`;
          const { mark } = STATUS_WORDS[event.status];
          print(`${mark} ${oneLine(event.step)}${summary === "" ? "" : `: ${summary}`}${time}`);
          break;
        }
        case "run-finished":
          break;
      }
    },
    close() {},
  };
}
