import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { describeWithMlflow, MLFLOW_BACKENDS } from "../../support/mlflow/require.js";
import { registryContract } from "./registry-contract.js";
import { mlflowBehaviour } from "./support/mlflow-behaviour.js";
import { emptyServer, openServer } from "./support/mlflow-server.js";

for (const backend of MLFLOW_BACKENDS)
  describeWithMlflow(`the registry on MLflow, on ${backend}`, backend, (uri) => {
    const seen = new Set<string>();
    registryContract(`mlflow on ${backend}`, async (folder) => {
      if (!seen.has(folder)) await emptyServer(uri);
      seen.add(folder);
      return mlflowRegistry(await openServer(uri, `retrain ${folder}`));
    });
    mlflowBehaviour(`mlflow on ${backend}`, uri);
  });
