import { join } from "node:path";
import { describe } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import { describeWithMlflow, MLFLOW_BACKENDS } from "../../support/mlflow/require.js";
import { openServer } from "../registry/support/mlflow-server.js";
import { type Backend, promotes, type Row, rowOf, runbookRows, type World } from "./truth-table.js";

const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };

for (const server of MLFLOW_BACKENDS)
  describeWithMlflow(`what was live and is not there, on MLflow on ${server}`, server, (uri) => {
    let made = 0;
    const call = async (method: string, path: string, body: object) => {
      const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    };
    const backend: Backend = {
      async open() {
        // What begins so is left alone by the suites that empty the server.
        const model = `e2e-missing-${process.pid}-${Date.now()}-${made++}`;
        return { model, registry: async () => mlflowRegistry(await openServer(uri, model)) };
      },
      elsewhere: async (root) => async () =>
        embeddedRegistry({ folder: join(root, "local"), files: nodeFiles(), clock }, "file:local"),
      deleteVersion: ({ project: { model } }, version) =>
        call("DELETE", "model-versions/delete", { name: model, version }),
      deleteModel: ({ project: { model } }) => call("DELETE", "registered-models/delete", { name: model }),
    };
    const after = (
      what: string,
      done: (world: World) => Promise<void>,
      told: Omit<Row, "what" | "done">,
    ): Row => ({
      what,
      done: async (world) => {
        await done(world);
        return world.project;
      },
      ...told,
    });
    const loseAlias = ({ project: { model, alias } }: World) =>
      call("DELETE", "registered-models/alias", { name: model, alias });

    rowOf(
      backend,
      after("the champion was deleted", (world) => backend.deleteVersion(world, "2"), {
        witness: "moves",
        gone: "version",
        back: "1",
        adopts: "1",
      }),
      1,
    );
    rowOf(
      backend,
      after("the alias was deleted", loseAlias, {
        undone: async ({ project: { model, alias } }, project) => {
          await call("POST", "registered-models/alias", { name: model, alias, version: "2" });
          return project;
        },
        witness: "moves",
        gone: "alias",
        back: "2",
        adopts: "2",
      }),
      1,
    );
    rowOf(
      backend,
      after("the model was deleted", (world) => backend.deleteModel(world), {
        witness: "moves",
        gone: "version",
        back: null,
        adopts: null,
      }),
    );
    rowOf(
      backend,
      after(
        "the model was renamed on the server",
        ({ project: { model } }) =>
          call("POST", "registered-models/rename", { name: model, new_name: `${model}-old` }),
        { witness: "moves", gone: "version", back: null, adopts: null },
      ),
    );
    rowOf(
      backend,
      after(
        "the model and its ledger were deleted",
        async (world) => {
          await backend.deleteModel(world);
          await call("DELETE", "registered-models/delete", { name: `${world.project.model}~moves` });
        },
        { witness: "run", gone: "alias", back: null, adopts: null },
      ),
    );
    // What the runbook does is the same on every registry, but for what the server alone can tell.
    for (const row of runbookRows(backend).filter(({ isLived }) => isLived)) rowOf(backend, row, 1);
    if (server === "sqlite") describe("what promotes as ever", () => promotes(backend, ["a second machine"]));
  });
