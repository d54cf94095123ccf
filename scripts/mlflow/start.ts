import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { acquireLock } from "../../src/durable/file-lock.js";
import { nodeFiles } from "../../src/durable/node-files.js";
import { thisProcess } from "../../src/durable/process-identity.js";
import { type Admin, adminOf } from "./auth.js";
import { checkout } from "./checkout.js";
import type { Closers } from "./closers.js";
import { freePort } from "./port.js";
import { startPostgresql } from "./postgresql.js";
import { StartProblem } from "./problem.js";
import type { Ended, Service } from "./program.js";
import { type MlflowServer, startServer } from "./server.js";

export const BACKENDS = ["sqlite", "postgresql"] as const;
export type Backend = (typeof BACKENDS)[number];

export interface StartOptions {
  /** The Python that has MLflow. */
  readonly python: string;
  readonly backend: Backend;
  /** A database that runs already, instead of one that is started here. */
  readonly storeUri: string | null;
  /** Where everything is kept; null for a folder that is gone afterwards. */
  readonly data: string | null;
  /** 0 for any free one. */
  readonly port: number;
  readonly workers: number;
  /** Whether it asks for user and password. */
  readonly auth: boolean;
}

export interface RunningMlflow {
  readonly uri: string;
  readonly version: string;
  readonly port: number;
  readonly folder: string;
  readonly log: string;
  /** Who may do everything; null when anybody may. */
  readonly admin: Admin | null;
  /** The MLflow server itself: another one after `restart`. */
  readonly server: () => MlflowServer;
  /** Resolves when MLflow, or the database that was started for it, ends on its own. */
  readonly failed: Promise<{ readonly what: "MLflow" | "PostgreSQL"; readonly how: Ended }>;
  /** Starts the server again after it ended, on the same port and data. */
  restart(): Promise<void>;
}

/** The folder that `--data` means when it is not given. */
export const defaultData = (backend: Backend): string => join(checkout(), ".mlflow", backend);

/** How often another port is tried when somebody takes the free one first. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a database where one is asked for, and MLflow on top of it. `closers` ends everything, also when this fails half-way.
 * @throws StartProblem
 */
export async function start(options: StartOptions, closers: Closers): Promise<RunningMlflow> {
  if (options.data !== null) return startIn(resolve(options.data), options, closers);
  const folder = mkdtempSync(join(tmpdir(), "retrain-mlflow-"));
  let isNeeded = false;
  closers.add(() => {
    if (!isNeeded) rmSync(folder, { recursive: true, force: true });
  });
  // PostgreSQL may run as another user, who must get through to its own folder.
  chmodSync(folder, 0o711);
  try {
    return await startIn(folder, options, closers);
  } catch (error) {
    // It names a log in there.
    isNeeded = !closers.isClosing && error instanceof StartProblem && error.next.includes(folder);
    throw error;
  }
}

async function startIn(folder: string, options: StartOptions, closers: Closers): Promise<RunningMlflow> {
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, "mlruns")))
    throw new StartProblem(
      `${folder} holds a folder mlruns: MLflow would take it for an old store of files`,
      "choose another folder with --data DIR",
    );
  const note = join(folder, "server.json");
  await holdFolder(folder, note, closers);

  let database: Service | null = null;
  let storeUri = withDriver(options.storeUri ?? "sqlite:///mlflow.db");
  if (options.storeUri === null && options.backend === "postgresql") {
    const cluster = join(folder, "postgresql");
    const started = await startPostgresql(
      { cluster, log: join(folder, "postgresql.log"), isTemporary: options.data === null },
      closers,
    );
    database = started.service;
    storeUri = started.uri;
  }

  const log = join(folder, "mlflow.log");
  const { python, workers } = options;
  const admin = options.auth ? adminOf(folder, process.env) : null;
  const common = { python, folder, storeUri, workers, log, admin };
  const startAt = (at: number) => startServer({ ...common, port: at }, closers);
  const { port, ...first } = await onFreePort(options.port, startAt);
  let { server } = first;
  writeFileSync(note, `${JSON.stringify({ uri: server.uri, pid: process.pid })}\n`);
  closers.add(() => rmSync(note, { force: true }));
  return {
    uri: server.uri,
    version: server.version,
    port,
    folder,
    log,
    admin,
    server: () => server,
    failed: Promise.race([
      server.service.ended.then((how) => ({ what: "MLflow" as const, how })),
      ...(database === null ? [] : [database.ended.then((how) => ({ what: "PostgreSQL" as const, how }))]),
    ]),
    async restart() {
      server = await startAt(await freePort(port));
    },
  };
}

/** SQLAlchemy's own choice for `postgresql://` changes with its version; requirements.txt has this one. */
export const withDriver = (uri: string): string =>
  uri.replace(/^postgres(ql)?:\/\//, "postgresql+psycopg2://");

/** One server a folder: two on the same files would each believe that they are alone. */
async function holdFolder(folder: string, note: string, closers: Closers): Promise<void> {
  const holder = {
    ...thisProcess(),
    since: new Date().toISOString(),
    run: "npm run mlflow",
  };
  const lock = await acquireLock(nodeFiles(), join(folder, "lock"), holder);
  if (lock.held) return closers.add(() => lock.release());
  const { pid, host, since } = lock.by;
  const uri = existsSync(note)
    ? ` at ${(JSON.parse(readFileSync(note, "utf8")) as { uri: string }).uri}`
    : "";
  throw new StartProblem(
    `${folder} is served${uri} by process ${pid} on ${host} since ${since}`,
    `use that server, stop it with: kill ${pid}, or choose another folder with --data DIR`,
  );
}

async function onFreePort(
  wanted: number,
  startAt: (port: number) => Promise<MlflowServer>,
): Promise<{ server: MlflowServer; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(wanted);
    try {
      return { server: await startAt(port), port };
    } catch (error) {
      const isTaken = error instanceof StartProblem && /address already in use/i.test(error.details);
      if (wanted !== 0 || !isTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
