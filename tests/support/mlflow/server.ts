import { setTimeout as delay } from "node:timers/promises";
import type { Admin } from "../../../scripts/mlflow/auth.js";
import { Closers } from "../../../scripts/mlflow/closers.js";
import { freePort } from "../../../scripts/mlflow/port.js";
import { type Backend, start } from "../../../scripts/mlflow/start.js";
import { venvFolder, venvPython } from "../../../scripts/mlflow/venv.js";

/** An MLflow server of a test's own, on data that are gone afterwards. */
export interface TestMlflow {
  /** The same after `restart`. */
  readonly uri: string;
  /** Null for a server that anybody may use. */
  readonly admin: Admin | null;
  /** SIGKILL to MLflow with its workers; a PostgreSQL below it goes on. */
  kill9(): Promise<void>;
  /** Starts it again after `kill9`, on the same port and data. Resolves when its API answers. */
  restart(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

/** Takes ten seconds or more. The virtual environment must be there: see `describeWithOwnMlflow`. */
export async function startMlflow(options: {
  readonly backend: Backend;
  /** Whether it asks for user and password. */
  readonly auth?: boolean;
}): Promise<TestMlflow> {
  const closers = new Closers();
  try {
    const running = await start(
      {
        python: venvPython(venvFolder()),
        backend: options.backend,
        storeUri: null,
        data: null,
        port: 0,
        workers: 1,
        auth: options.auth ?? false,
      },
      closers,
    );
    return {
      uri: running.uri,
      admin: running.admin,
      async kill9() {
        await running.server().service.kill();
        await untilFree(running.port);
      },
      restart: () => running.restart(),
      stop: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** Workers that were killed with their server hold its port a moment longer. */
async function untilFree(port: number): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await freePort(port);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await delay(50);
    }
  }
}
