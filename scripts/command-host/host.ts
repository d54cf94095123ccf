/**
 * A process that runs command lines, one after another, as `retrain` would: same words, same streams, same exit codes, without the time to start.
 * Orders come and answers go by the channel to the parent.
 */
import { createProgram } from "../../src/cli/program.js";
import { runProgram } from "../../src/cli/run-program.js";
import { keepToItself } from "../../src/forecast/onnx/keep-to-itself.js";

export interface Order {
  readonly cwd: string;
  readonly args: readonly string[];
  /** The whole environment of the command. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Errors that nobody caught: a process of its own would have died of the first one. */
  readonly uncaught: readonly string[];
  /** The command ended its process: the next one needs another. */
  readonly isLast: boolean;
}

const texts = { stdout: "", stderr: "" };
const uncaught: string[] = [];
const told = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
process.on("uncaughtException", (error) => uncaught.push(told(error)));
process.on("unhandledRejection", (error) => uncaught.push(told(error)));

for (const name of ["stdout", "stderr"] as const) {
  process[name].setMaxListeners(0);
  process[name].write = ((chunk: string | Uint8Array, ...more: unknown[]) => {
    texts[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    for (const done of more) if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  }) as typeof process.stdout.write;
}
const written = { stdout: process.stdout.write, stderr: process.stderr.write };
process.setMaxListeners(0);

const leave = process.exit.bind(process);
process.exit = ((code) => {
  process.exitCode = code ?? process.exitCode ?? 0;
  process.send!(answer(true), () => leave());
}) as typeof process.exit;
process.on("disconnect", () => leave());

process.on("message", (order: Order) => {
  void run(order).then((answer) => process.send!(answer));
});
process.send!("ready");

async function run({ cwd, args, env }: Order): Promise<Answer> {
  texts.stdout = texts.stderr = "";
  uncaught.length = 0;
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  keepToItself();
  process.chdir(cwd);
  process.exitCode = 0;
  const before = new Set(process.listeners("exit"));
  try {
    await runProgram(createProgram(), ["node", "retrain", ...args]);
    // What is still on its way when the command is over may fail too.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    uncaught.push(told(error));
  }
  for (const listener of process.listeners("exit"))
    if (!before.has(listener)) {
      listener.call(process, Number(process.exitCode));
      process.off("exit", listener);
    }
  process.stdout.write = written.stdout;
  process.stderr.write = written.stderr;
  return answer(false);
}

const answer = (isLast: boolean): Answer => ({
  exitCode: Number(process.exitCode),
  ...texts,
  uncaught: [...uncaught],
  isLast,
});
