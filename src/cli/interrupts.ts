import { EXIT } from "./exit-codes.js";
import type { Terminal } from "./terminal.js";

export interface Interrupts {
  readonly signal: AbortSignal;
  dispose(): void;
}

/** The first Ctrl-C or SIGTERM lets the step come to a clean stop; the second one leaves at once. Either way a later run goes on. */
export function listenForInterrupts(terminal: Terminal, resumeCommand: string): Interrupts {
  const controller = new AbortController();
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = () => {
      if (controller.signal.aborted) {
        terminal.talk(`\nStopped at once. Continue with: ${resumeCommand}\n`);
        process.exit(EXIT[name]);
      }
      terminal.talk("\nStopping at the next safe point; once more to stop at once.\n");
      controller.abort(name);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal: controller.signal,
    dispose: () => {
      for (const remove of listeners) remove();
    },
  };
}
