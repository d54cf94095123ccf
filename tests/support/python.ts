import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { describe, test } from "vitest";
import { REPOSITORY } from "./cli.js";
import { mlflowPython } from "./mlflow/require.js";

/** A Python with the packages of examples/python-consumer/requirements.txt, or undefined. */
export const PYTHON =
  process.env.RETRAIN_TEST_PYTHON || (existsSync(mlflowPython()) ? mlflowPython() : undefined);

/** A suite that needs that Python. Without it, it is skipped and says so; with RETRAIN_REQUIRE_MLFLOW=1 it fails. */
export function describeWithPython(name: string, suite: () => void): void {
  const missing =
    "RETRAIN_TEST_PYTHON names no Python with examples/python-consumer/requirements.txt, and there is no venv with MLflow";
  if (PYTHON !== undefined) {
    describe(name, suite);
  } else if (process.env.RETRAIN_REQUIRE_MLFLOW === "1") {
    throw new Error(`${name}: RETRAIN_REQUIRE_MLFLOW=1, and ${missing}`);
  } else {
    console.warn(`SKIPPED ${name}: ${missing}`);
    describe(name, () => {
      test.skip(missing);
    });
  }
}

export const PYTHON_EXAMPLE = join(REPOSITORY, "examples", "python-consumer");
const HELPERS = join(REPOSITORY, "tests", "support", "python");

/** Programs that MLflow starts itself, such as uvicorn, lie beside the interpreter. */
function pythonEnv(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: [dirname(PYTHON!), process.env.PATH].join(delimiter),
    HOME: process.env.HOME,
    ORT_DISABLE_TELEMETRY: "1",
    PYTHONPATH: [PYTHON_EXAMPLE, HELPERS].join(delimiter),
    PYTHONDONTWRITEBYTECODE: "1",
    ...env,
  };
}

export interface PythonOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function startPython(args: readonly string[], options: PythonOptions): ChildProcess {
  return spawn(PYTHON!, args, {
    cwd: options.cwd,
    env: pythonEnv(options.env ?? {}),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, because MLflow starts its server as a child.
    detached: true,
  });
}

/** Ends a program that `startPython` started, with everything that it started. */
export async function stopPython(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid!, "SIGKILL");
  await closed;
}

export async function python(
  args: readonly string[],
  options: PythonOptions,
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = startPython(args, options);
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** A script of tests/support/python whose last line is a JSON document; MLflow may print links before it. */
export async function pythonJson<T>(
  script: string,
  args: readonly string[],
  options: PythonOptions,
): Promise<T> {
  const { exitCode, stdout, stderr } = await python([join(HELPERS, script), ...args], options);
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as T;
}

/** A port that nothing listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address!.port : 0));
    });
  });
}
