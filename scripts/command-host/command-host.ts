import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Order } from "./host.js";

export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer; readonly seconds: number }
  | { readonly kind: "hung"; readonly seconds: number }
  | { readonly kind: "died"; readonly how: string; readonly talk: string };

/** Commands that ran in one process: what it holds on to should not decide about the next one for long. */
const COMMANDS_A_PROCESS = 400;

const BESIDE = fileURLToPath(new URL("./host.js", import.meta.url));

export interface CommandHostOptions {
  /** How long a command may take before its process is killed; default: as long as it likes. */
  readonly limitMs?: number;
  /** The built `host.js`; default: the one beside this file. */
  readonly host?: string;
}

/** Runs commands in a child process that is replaced when it hangs, dies or has done many. One command at a time. */
export class CommandHost {
  private child: ChildProcess | null = null;
  private talk = "";
  private count = 0;

  constructor(private readonly options: CommandHostOptions = {}) {}

  async run(order: Order): Promise<Outcome> {
    if (this.count++ % COMMANDS_A_PROCESS === 0) this.end();
    const child = this.child ?? (await this.start());
    this.child = child;
    child.ref();
    child.channel?.ref();
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    return new Promise<Outcome>((resolve) => {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit);
        // Who waits for no answer is not kept alive.
        child.unref();
        child.channel?.unref();
        resolve(outcome);
      };
      const onMessage = (answer: Answer) => {
        if (answer.isLast) this.child = null;
        finish({ kind: "answered", answer, seconds: seconds() });
      };
      const onExit = (code: number | null, signal: string | null) => {
        this.child = null;
        finish({ kind: "died", how: signal ?? `exit ${code}`, talk: this.talk.slice(-4000) });
      };
      const { limitMs } = this.options;
      const kill = () => {
        this.end();
        finish({ kind: "hung", seconds: seconds() });
      };
      const timer = limitMs === undefined ? undefined : setTimeout(kill, limitMs);
      child.on("message", onMessage).on("exit", onExit);
      child.send(order);
    });
  }

  end(): void {
    this.child?.removeAllListeners("exit").kill("SIGKILL");
    this.child = null;
  }

  private start(): Promise<ChildProcess> {
    const child = fork(this.options.host ?? BESIDE, [], { silent: true });
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
