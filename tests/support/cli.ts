import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { RunDocument } from "../../src/report/run-document.js";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = join(REPOSITORY, "bin", "retrain.js");

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
}

/** Runs the built binary as a user would, without colour and with an environment that this test controls. */
export function retrain(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), NO_COLOR: "1", ...options.env },
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
