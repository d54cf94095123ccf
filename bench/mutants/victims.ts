import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Order } from "./victim.js";

export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer; readonly seconds: number }
  | { readonly kind: "hung"; readonly seconds: number }
  | { readonly kind: "died"; readonly how: string; readonly talk: string };

/** Commands that ran in one process: what it holds on to should not decide about the next one for long. */
const COMMANDS_A_PROCESS = 400;

/** Runs commands in a child process that is replaced when it hangs, dies or has done many. */
export class Victim {
  private child: ChildProcess | null = null;
  private talk = "";
  private count = 0;

  constructor(private readonly limitMs: number) {}

  async run(order: Order): Promise<Outcome> {
    if (this.count++ % COMMANDS_A_PROCESS === 0) this.end();
    const child = this.child ?? (await this.start());
    this.child = child;
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    return new Promise<Outcome>((resolve) => {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit);
        resolve(outcome);
      };
      const onMessage = (answer: Answer) => finish({ kind: "answered", answer, seconds: seconds() });
      const onExit = (code: number | null, signal: string | null) => {
        this.child = null;
        finish({ kind: "died", how: signal ?? `exit ${code}`, talk: this.talk.slice(-4000) });
      };
      const timer = setTimeout(() => {
        this.end();
        finish({ kind: "hung", seconds: seconds() });
      }, this.limitMs);
      child.on("message", onMessage).on("exit", onExit);
      child.send(order);
    });
  }

  end(): void {
    this.child?.removeAllListeners("exit").kill("SIGKILL");
    this.child = null;
  }

  private start(): Promise<ChildProcess> {
    const env = { ...process.env, NO_COLOR: "1", RETRAIN_WORKERS: "1" };
    const child = fork(fileURLToPath(new URL("./victim.js", import.meta.url)), [], { env, silent: true });
    this.talk = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.talk = (this.talk + chunk.toString()).slice(-8000);
      });
    return new Promise((resolve, reject) => {
      child.once("message", () => resolve(child)).once("error", reject);
    });
  }
}
