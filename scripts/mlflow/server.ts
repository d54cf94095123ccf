import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Admin, basicAuth, serverVariables } from "./auth.js";
import type { Closers } from "./closers.js";
import { LOOPBACK } from "./port.js";
import { StartProblem, tail } from "./problem.js";
import { type Service, startService, wordsOf } from "./program.js";

const READY_WITHIN_MS = 180_000;
const POLL_MS = 250;
const ANSWER_WITHIN_MS = 5_000;
const STOP_WITHIN_MS = 8_000;

export interface ServerOptions {
  readonly python: string;
  /** Working directory; relative paths of the database and of `artifacts/` are in it. */
  readonly folder: string;
  readonly storeUri: string;
  readonly port: number;
  readonly workers: number;
  readonly log: string;
  /** Null for a server that asks nobody who he is. */
  readonly admin: Admin | null;
}

export interface MlflowServer {
  readonly uri: string;
  /** What it says its version is. */
  readonly version: string;
  readonly service: Service;
}

/**
 * Starts `mlflow server` on loopback, with its artifacts served by itself, and waits until its API answers.
 * @throws StartProblem when it ends, or does not answer in time
 */
export async function startServer(options: ServerOptions, closers: Closers): Promise<MlflowServer> {
  const { python, folder, port, workers, log, admin } = options;
  const service = await startService(
    python,
    [
      ...["-m", "mlflow", "server", "--host", LOOPBACK, "--port", String(port)],
      ...["--workers", String(workers), "--artifacts-destination", "./artifacts"],
      ...(admin === null ? [] : ["--app-name", "basic-auth"]),
    ],
    log,
    { cwd: folder, env: { ...environment(process.env, options.storeUri), ...serverVariables(admin) } },
  );
  closers.add(() => service.stop(STOP_WITHIN_MS));
  const uri = `http://${LOOPBACK}:${port}`;
  await untilReady(service, uri, options);
  const version = await get(`${uri}/version`, { headers: basicAuth(admin) });
  return { uri, version: (await version.text()).trim(), service };
}

/** Nothing that this process has for MLflow as a client, or for another server, reaches the server. */
export function environment(own: NodeJS.ProcessEnv, storeUri: string): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => !/^_?MLFLOW_/.test(name));
  return {
    ...Object.fromEntries(kept),
    // Not on the command line: it may hold a password, and every user of the machine can list command lines.
    MLFLOW_BACKEND_STORE_URI: storeUri,
    MLFLOW_DISABLE_TELEMETRY: "true",
    // Evaluations that run inside the server: a registry has no use for the processes that they keep.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
    PYTHONUNBUFFERED: "1",
  };
}

const get = (url: string, init: RequestInit = {}) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });

/** `/health` answers before the database is ready, and where the host check refuses everything else: so a call of the API must answer too. */
async function answers(uri: string, admin: Admin | null): Promise<boolean> {
  try {
    if (!(await get(`${uri}/health`)).ok) return false;
    const search = await get(`${uri}/api/2.0/mlflow/experiments/search`, {
      method: "POST",
      headers: { "content-type": "application/json", ...basicAuth(admin) },
      body: JSON.stringify({ max_results: 1 }),
    });
    return search.ok && Array.isArray(((await search.json()) as { experiments?: unknown }).experiments);
  } catch {
    // Not listening yet, or busy with its start: the caller asks again, up to its time limit.
    return false;
  }
}

async function untilReady(service: Service, uri: string, options: ServerOptions): Promise<void> {
  const { log, storeUri, admin } = options;
  const lastLines = () => withoutPassword(tail(readFileSync(log, "utf8")), storeUri);
  for (const limit = performance.now() + READY_WITHIN_MS; performance.now() < limit; await delay(POLL_MS)) {
    const end = service.end();
    if (end !== null)
      throw new StartProblem(
        `MLflow ${wordsOf(end)} while it was starting`,
        `put right what it says; the whole log: ${log}`,
        lastLines(),
      );
    if (await answers(uri, admin)) return;
  }
  throw new StartProblem(
    `MLflow did not answer at ${uri} within ${READY_WITHIN_MS / 1000} s`,
    `look into ${log}`,
    lastLines(),
  );
}

export function withoutPassword(text: string, storeUri: string): string {
  const password = /^[^:]+:\/\/[^:/@]*:([^@]+)@/.exec(storeUri)?.[1];
  return password === undefined ? text : text.replaceAll(password, "***");
}
