import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { CommandHost } from "../../scripts/command-host/command-host.js";
import type { RunDocument } from "../../src/report/run-document.js";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = join(REPOSITORY, "bin", "retrain.js");
const HOST = join(REPOSITORY, "dist", "scripts", "command-host", "host.js");

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with everything on standard error so far, whenever more comes; may kill the process. */
  readonly onTalk?: (talk: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Called once, with what may kill the process at any time. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** For what a process holds on to: modules that it loaded, what it writes past its streams. */
  readonly ownProcess?: boolean;
}

/** Hosts that run nothing. Commands that a test starts at once need one each. */
const idle: CommandHost[] = [];

async function inHost(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<CliResult> {
  const host = idle.pop() ?? new CommandHost({ host: HOST });
  const outcome = await host.run({ args, cwd, env });
  idle.push(host);
  const words = `retrain ${args.join(" ")}`;
  if (outcome.kind === "hung") throw new Error(`${words} hung`);
  if (outcome.kind === "died") throw new Error(`${words} died of ${outcome.how}: ${outcome.talk}`);
  const { uncaught, exitCode, stdout, stderr } = outcome.answer;
  if (uncaught.length > 0) throw new Error(`${words}: nobody caught ${uncaught[0]}`);
  return { exitCode, stdout, stderr };
}

/**
 * Runs the built program as a user would, without colour and with an environment that this test controls: in a process of its own where it may be killed, the
 * test asks for one, or RETRAIN_OWN_PROCESSES is set as it is in CI; else in one that ran others before, which saves the two thirds of the time that go into
 * starting.
 */
export function retrain(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { PATH, HOME, TMPDIR } = process.env;
  const env = { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), NO_COLOR: "1", ...options.env };
  const isOwn = options.ownProcess === true || options.onTalk !== undefined || options.onStart !== undefined;
  if (!isOwn && !process.env.RETRAIN_OWN_PROCESSES) return inHost(args, options.cwd, env);
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: options.cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.onStart?.((signal) => child.kill(signal));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    options.onTalk?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** `retrain … --json` with its document; fails with what the program said when it printed none. */
export async function retrainJson(
  args: readonly string[],
  options: CliOptions,
): Promise<{ exitCode: number | null; document: RunDocument; stderr: string }> {
  const { exitCode, stdout, stderr } = await retrain([...args, "--json"], options);
  if (stdout === "") throw new Error(`no document on standard output (exit ${exitCode}):\n${stderr}`);
  return { exitCode, document: JSON.parse(stdout) as RunDocument, stderr };
}

/** A folder that is gone when the test is over, or, with `afterAll`, when the suite is. */
export function tempFolder(whenOver: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "retrain-e2e-"));
  whenOver(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
