import type { Backend } from "../../../scripts/mlflow/start.js";
import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { describeWithMlflow, MLFLOW_BACKENDS, SAMPLED_BACKENDS } from "../../support/mlflow/require.js";
import { registryContract } from "./registry-contract.js";
import { type Death, mlflowBehaviour } from "./support/mlflow-behaviour.js";
import { emptyServer, openServer } from "./support/mlflow-server.js";
import { tamperOnServer } from "./support/tamper.js";

/**
 * The server cannot tell a process that dies before a change from one that dies after the change before it, so each backend sees one of the two;
 * both with RETRAIN_TEST_KILLS=all.
 */
const DEATHS: Readonly<Record<Backend, readonly Death[]>> =
  process.env.RETRAIN_TEST_KILLS === "all"
    ? { sqlite: ["before", "after"], postgresql: ["before", "after"] }
    : { sqlite: ["before"], postgresql: ["after"] };

for (const backend of MLFLOW_BACKENDS)
  describeWithMlflow(`the registry on MLflow, on ${backend}`, backend, (uri) => {
    const seen = new Set<string>();
    const open = async (folder: string) => {
      if (!seen.has(folder)) await emptyServer(uri);
      seen.add(folder);
      return mlflowRegistry(await openServer(uri, `retrain ${folder}`));
    };
    registryContract(`mlflow on ${backend}`, open, tamperOnServer(uri));
    if (SAMPLED_BACKENDS.includes(backend)) mlflowBehaviour(`mlflow on ${backend}`, uri, DEATHS[backend]);
  });
