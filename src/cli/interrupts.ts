import { FailureError } from "../kit/failure.js";
import { EXIT } from "./exit-codes.js";
import type { Terminal } from "./terminal.js";

export interface Interrupts {
  /** For steps: nothing new is begun. */
  readonly signal: AbortSignal;
  /** For calls to a server, which may wait for minutes: aborted together with `signal`, with a failure `run.interrupted`. Each has some seconds left. */
  readonly calls: AbortSignal;
  dispose(): void;
}

/** The first Ctrl-C or SIGTERM lets the step come to a clean stop; the second one leaves at once. Either way a later run goes on. */
export function listenForInterrupts(terminal: Terminal, resumeCommand: string): Interrupts {
  const controller = new AbortController();
  const calls = new AbortController();
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = () => {
      if (controller.signal.aborted) {
        terminal.talk(`\nStopped at once. Continue with: ${resumeCommand}\n`);
        process.exit(EXIT[name]);
      }
      terminal.talk("\nStopping at the next safe point; once more to stop at once.\n");
      controller.abort(name);
      const reason = { code: "run.interrupted", retryable: true, signal: name, step: null } as const;
      calls.abort(new FailureError(reason));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return {
    signal: controller.signal,
    calls: calls.signal,
    dispose: () => {
      for (const remove of listeners) remove();
    },
  };
}
