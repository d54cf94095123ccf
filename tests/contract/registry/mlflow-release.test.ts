import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { describeWithMlflow, SAMPLED_BACKENDS } from "../../support/mlflow/require.js";
import { type Row, releaseTable } from "../../unit/cli/conclude/release-table.js";
import { openServer } from "./support/mlflow-server.js";

const WORLD = { champion: true, gate: "pass", optional: false } as const;

/** The rows in which the alias moves, and one in which it does not. */
const ROWS: readonly Row[] = [
  { ...WORLD, fault: { step: "between", kind: "before" } },
  { ...WORLD, fault: { step: "promote", kind: "moved" } },
  { ...WORLD, fault: { step: "export", kind: "before" }, champion: false },
  { ...WORLD, fault: { step: "export", kind: "before" }, gate: "fail" },
];

for (const backend of SAMPLED_BACKENDS)
  describeWithMlflow(`what a run says of what is live, on MLflow on ${backend}`, backend, (uri) => {
    let made = 0;
    releaseTable(ROWS, async () => {
      // What begins so is left alone by the suites that empty the server.
      const model = `e2e-release-${process.pid}-${Date.now()}-${made++}`;
      const registry = mlflowRegistry(await openServer(uri, model));
      return { model, registry: () => registry };
    });
  });
