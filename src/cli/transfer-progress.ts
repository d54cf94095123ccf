import type { Clock } from "../kit/clock.js";
import { cut, oneLine } from "../report/text.js";
import type { Terminal } from "./terminal.js";

interface TransferProgress {
  show(progress: { readonly done: number; readonly total: number; readonly what: string }): void;
  close(): void;
}

/** Where nobody watches a line being redrawn, one line in this time is enough. */
const PLAIN_MS = 5000;

const CLEAR = "\r\u001b[2K";

/** Progress of a push or pull on standard error: one line that is redrawn, or a line now and then in a pipe. */
export function transferProgress(command: string, terminal: Terminal, clock: Clock): TransferProgress {
  let last = clock.monotonic();
  let drawn = false;
  return {
    show({ done, total, what }) {
      const line = cut(oneLine(`${command} ${done + 1}/${total}: ${what}`), terminal.talkStyle.width - 1);
      if (terminal.isTalkTty) {
        terminal.talk(`${CLEAR}${line}`);
        drawn = true;
      } else if (clock.monotonic() - last >= PLAIN_MS) {
        terminal.talk(`${line}\n`);
        last = clock.monotonic();
      }
    },
    close() {
      if (drawn) terminal.talk(CLEAR);
      drawn = false;
    },
  };
}
