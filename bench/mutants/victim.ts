/**
 * A process that runs command lines, one after another, as `retrain` would: same words, same streams, same exit codes, without the time to start.
 * Orders come and answers go by the channel to the parent.
 */
import { createProgram } from "../../src/cli/program.js";
import { runProgram } from "../../src/cli/run-program.js";

export interface Order {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Errors that nobody caught. */
  readonly uncaught: readonly string[];
}

const caught: string[] = [];
process.on("uncaughtException", (error) => caught.push(error.stack ?? String(error)));
process.on("unhandledRejection", (error) =>
  caught.push(error instanceof Error ? (error.stack ?? "") : String(error)),
);

process.on("message", (order: Order) => {
  void run(order).then((answer) => process.send!(answer));
});
process.send!("ready");

async function run({ cwd, args, env }: Order): Promise<Answer> {
  const texts = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const write = stream.write;
    stream.write = ((chunk: string | Uint8Array, ...more: unknown[]) => {
      texts[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      for (const done of more) if (typeof done === "function") done();
      return true;
    }) as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.exitCode = 0;
  caught.length = 0;
  try {
    await runProgram(createProgram(), ["node", "retrain", ...args]);
    // What is still on its way when the command is over may fail too.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (error) {
    caught.push(error instanceof Error ? (error.stack ?? String(error)) : String(error));
  } finally {
    for (const back of restore) back();
    process.stdout.removeAllListeners("error");
  }
  return { exitCode: Number(process.exitCode), ...texts, uncaught: [...caught] };
}
