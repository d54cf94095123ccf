import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { registryContract } from "./registry-contract.js";
import { mlflowBehaviour } from "./support/mlflow-behaviour.js";
import { describeOnServer, emptyServer, openServer } from "./support/mlflow-server.js";

const SERVERS = [
  ["RETRAIN_TEST_MLFLOW", "mlflow on SQLite"],
  ["RETRAIN_TEST_MLFLOW_PG", "mlflow on PostgreSQL"],
] as const;

for (const [variable, name] of SERVERS)
  describeOnServer(variable, name, (uri) => {
    const seen = new Set<string>();
    registryContract(name, async (folder) => {
      if (!seen.has(folder)) await emptyServer(uri);
      seen.add(folder);
      return mlflowRegistry(await openServer(uri, `retrain ${folder}`));
    });
    mlflowBehaviour(name, uri);
  });
