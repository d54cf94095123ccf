import { Closers } from "../../../scripts/mlflow/closers.js";
import { type Backend, start } from "../../../scripts/mlflow/start.js";
import { venvFolder, venvPython } from "../../../scripts/mlflow/venv.js";

/** An MLflow server of a test's own, on data that are gone afterwards. */
export interface TestMlflow {
  /** The same after `restart`. */
  readonly uri: string;
  /** SIGKILL to MLflow with its workers; a PostgreSQL below it goes on. */
  kill9(): Promise<void>;
  /** Starts it again after `kill9`, on the same port and data. Resolves when its API answers. */
  restart(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

/** Takes ten seconds or more. The virtual environment must be there: see `describeWithOwnMlflow`. */
export async function startMlflow(options: { readonly backend: Backend }): Promise<TestMlflow> {
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
      },
      closers,
    );
    return {
      uri: running.uri,
      kill9: () => running.server().service.kill(),
      restart: () => running.restart(),
      stop: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}
