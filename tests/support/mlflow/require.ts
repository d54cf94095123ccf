import { describe, test } from "vitest";
import { postgresqlFolders } from "../../../scripts/mlflow/postgresql.js";
import type { Backend } from "../../../scripts/mlflow/start.js";
import { installedVersions, isReady, venvFolder, venvPython } from "../../../scripts/mlflow/venv.js";
import { chosen } from "../thorough.js";

/** Name of the variable with the URI of a server that tests share. */
const VARIABLES: Readonly<Record<Backend, string>> = {
  sqlite: "RETRAIN_TEST_MLFLOW",
  postgresql: "RETRAIN_TEST_MLFLOW_PG",
};

/** Every backend that a suite over a real server runs on. */
export const MLFLOW_BACKENDS = Object.keys(VARIABLES) as readonly Backend[];

/** For a suite over what the backend store has no part in, or a part that the registry's contract tries on all of them. */
export const SAMPLED_BACKENDS = chosen(MLFLOW_BACKENDS, (backend) => backend === "sqlite");

/** URI of the shared server, or null when there is none. */
export const mlflowUri = (backend: Backend): string | null => process.env[VARIABLES[backend]] || null;

/** The Python that has MLflow, onnxruntime and fastapi. */
export const mlflowPython = (): string => venvPython(venvFolder());

/**
 * A suite over the shared server. Other suites use it at the same time, so names of models must be the suite's own. Without a server it is skipped
 * and says why; with RETRAIN_REQUIRE_MLFLOW=1 it fails.
 */
export function describeWithMlflow(name: string, backend: Backend, suite: (uri: string) => void): void {
  const variable = VARIABLES[backend];
  const uri = mlflowUri(backend);
  const missing =
    `${variable} is not set, e.g. by: ` +
    `npm run mlflow -- --temporary --backend ${backend} --variable ${variable} -- npx vitest run`;
  describeIf(name, uri === null ? missing : null, () => suite(uri!));
}

/** A suite that starts servers of its own with `startMlflow`. Without what that needs it is skipped or fails like the others. */
export async function describeWithOwnMlflow(
  name: string,
  backend: Backend,
  suite: () => void,
): Promise<void> {
  describeIf(name, await whyNoOwnServer(backend), suite);
}

async function whyNoOwnServer(backend: Backend): Promise<string | null> {
  const venv = venvFolder();
  if (!isReady(await installedVersions(venv)))
    return `${venv} does not hold the pinned MLflow: run \`npm run mlflow -- --temporary -- true\` once, or set MLFLOW_VENV`;
  if (backend === "postgresql" && postgresqlFolders().length === 0)
    return "PostgreSQL's programs are not installed: apt-get install postgresql";
  return null;
}

function describeIf(name: string, missing: string | null, suite: () => void): void {
  if (missing === null) {
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
