import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { openConnection } from "../../../src/registry/mlflow/http/connection.js";
import { mlflowRegistry } from "../../../src/registry/mlflow/registry.js";
import {
  type Fault,
  type FaultProxy,
  internalError,
  startFaultProxy,
} from "../../support/mlflow/fault-proxy.js";
import { describeWithMlflow, SAMPLED_BACKENDS } from "../../support/mlflow/require.js";

const AT_ONCE = 6;
const numbers = Array.from({ length: AT_ONCE }, (_, index) => index);

/** As of MLflow 3.18.0 on SQLite when two calls insert one row at once. */
const conflict: Fault = {
  kind: "answer",
  status: 400,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    error_code: "BAD_REQUEST",
    message:
      "(sqlite3.IntegrityError) UNIQUE constraint failed: registered_model_tags.workspace, registered_model_tags.key\n" +
      "[SQL: INSERT INTO …]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)",
  }),
};

for (const backend of SAMPLED_BACKENDS)
  describeWithMlflow(`calls that fail on MLflow on ${backend}`, backend, (uri) => {
    let proxy: FaultProxy;
    let folder: string;
    let source: string;
    let name: string;
    beforeAll(async () => {
      proxy = await startFaultProxy(uri);
      folder = await mkdtemp(join(tmpdir(), "retrain-faults-"));
      source = join(folder, "source");
      await writeFile(source, "graph");
    });
    afterAll(async () => {
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
    });
    let made = 0;
    beforeEach(() => {
      // What begins so is left alone by the suites that empty the server.
      name = `e2e-faults-${process.pid}-${Date.now()}-${made++}`;
    });
    afterEach(() => proxy.heal());

    /** One process: it shares nothing with the others, and does not really wait between attempts. */
    async function machine(slowMs = 0): Promise<ModelRegistry> {
      const connection = await openConnection(proxy.uri, {}, { wait: async () => undefined });
      const now = () => new Date(Date.now() - slowMs).toISOString();
      const clock = { now, monotonic: () => performance.now() };
      return mlflowRegistry({ connection, files: nodeFiles(), clock, experiment: name, user: "u" });
    }

    const RUN = { name: "n", quarter: "2025Q1", cutoff: "2025-03-31", tags: {} };

    async function work(registry: ModelRegistry): Promise<void> {
      const { runId } = await registry.ensureRun({ ...RUN, key: "k", model: name });
      const part = await registry.ensureRun({ ...RUN, key: "fold 1", model: name, parent: runId });
      await registry.logRun(part.runId, { metrics: { m: 1 } });
      const spec = { name, key: "v", runId, description: "", tags: {} };
      const { version } = await registry.ensureVersion(spec);
      await registry.attachModel(name, version, [{ path: "m", source }], "d");
    }

    const rest = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await response.json()) as {
        experiments?: { experiment_id: string }[];
        runs?: { outputs?: { model_outputs?: unknown[] } }[];
        models?: unknown[];
        model_versions?: unknown[];
      };
    };

    /** Everything with the name of the test that the server holds, also what was deleted. */
    async function onTheServer() {
      const { experiments = [] } = await rest("POST", "experiments/search", {
        max_results: 10,
        filter: `name = '${name}'`,
      });
      const ids = experiments.map(({ experiment_id }) => experiment_id);
      const query = { experiment_ids: ids, max_results: 100 };
      const { runs = [] } = await rest("POST", "runs/search", { ...query, run_view_type: "ALL" });
      const { models = [] } = await rest("POST", "logged-models/search", query);
      const filter = encodeURIComponent(`name = '${name}'`);
      const { model_versions = [] } = await rest(
        "GET",
        `model-versions/search?filter=${filter}&max_results=100`,
      );
      const outputs = runs.flatMap((run) => run.outputs?.model_outputs ?? []);
      return {
        experiments: ids.length,
        runs: runs.length,
        loggedModels: models.length,
        outputs: outputs.length,
        versions: model_versions.length,
      };
    }
    const ONE_OF_EACH = { experiments: 1, runs: 2, loggedModels: 1, outputs: 1, versions: 1 };

    const CREATES: readonly [string, string | RegExp, number][] = [
      ["the experiment", "experiments/create", 1],
      ["the run", "runs/create", 1],
      ["a part of the run", "runs/create", 2],
      ["the logged model", /\/logged-models$/, 1],
      ["the version", "model-versions/create", 1],
      ["the run's output", "runs/outputs", 1],
    ];

    // What never reaches the server is the same whatever stores there.
    const once = backend === "sqlite";
    const afterwards: readonly [string, Fault][] = [
      ["fails with 500 after it was done", { ...internalError, done: true }],
      ["is reset after it was done", { kind: "reset-after" }],
    ];
    const beforehand: readonly [string, Fault][] = [
      ["fails with 500 before it was done", internalError],
      ["is reset before it was done", { kind: "reset-before" }],
    ];

    describe.each(CREATES)("making %s", (_what, path, nth) => {
      test.each([...afterwards, ...(once ? beforehand : [])])(
        "%s: all is there once",
        async (_how, fault) => {
          proxy.inject({ fault, method: "POST", path, on: nth });
          proxy.forget();
          await work(await machine());
          expect(proxy.calls().filter((call) => call.fault !== null)).toHaveLength(1);
          expect(await onTheServer()).toEqual(ONE_OF_EACH);
        },
      );

      if (once)
        test("fails for good while the server does, and all is there once afterwards", async () => {
          proxy.inject({
            fault: internalError,
            method: "POST",
            path,
            on: [0, 1, 2, 3, 4, 5, 6].map((n) => nth + n),
          });
          const error = await work(await machine()).then(
            () => null,
            (reason: unknown) => reason,
          );
          expect((error as FailureError).failure).toMatchObject({
            code: "registry.server-error",
            status: 500,
            attempts: path === "experiments/create" ? 6 : 3,
          });
          proxy.heal();
          await work(await machine());
          expect(await onTheServer()).toEqual(ONE_OF_EACH);
        });
    });

    if (once)
      test.each<[string, string, string | RegExp]>([
        ["tags of a version", "POST", "model-versions/set-tag"],
        ["values of a run", "POST", "runs/log-batch"],
        ["the output of a run", "POST", "runs/outputs"],
      ])("a conflict over %s passes", async (_what, method, path) => {
        proxy.inject({ fault: conflict, method, path });
        proxy.forget();
        await work(await machine());
        expect(proxy.calls().filter((call) => call.fault !== null)).toHaveLength(1);
        expect(await onTheServer()).toEqual(ONE_OF_EACH);
      });

    test("what a dead attempt left in a model's folder goes, and a server that does not let it go is heard", async () => {
      const registry = await machine();
      const { runId } = await registry.ensureRun({ ...RUN, key: "k", model: name });
      const spec = { name, key: "v", runId, description: "", tags: {} };
      const { version } = await registry.ensureVersion(spec);
      const attach = () => registry.attachModel(name, version, [{ path: "m", source }], "d");
      proxy.inject({ fault: { kind: "reset-before" }, method: "PATCH", on: "all" });
      const left = [{ path: "left-over", source }];
      await expect(registry.attachModel(name, version, left, "d")).rejects.toThrow(FailureError);
      proxy.heal();
      const denied = { error_code: "INVALID_STATE", message: "no" };
      const body = JSON.stringify(denied);
      proxy.inject({ fault: { kind: "answer", status: 409, body }, method: "DELETE" });
      const error = await attach().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect((error as FailureError).failure).toMatchObject({
        code: "registry.refused",
        call: "DELETE of an artifact",
        status: 409,
        error: "INVALID_STATE",
      });
      proxy.inject({ fault: { kind: "answer", status: 404, done: true, body }, method: "DELETE" });
      expect((await attach()).status).toBe("ready");
      await expect(registry.readModelFile(name, version, "left-over")).rejects.toThrow(FailureError);
    });

    test("machines that make the same at once make it once, whatever their clocks say", async () => {
      // What is made later looks older.
      const machines = await Promise.all(numbers.map((n) => machine(n * 1000)));
      for (let round = 0; round < 5; round++) {
        const spec = { ...RUN, key: `round ${round}`, model: name };
        const runs = await Promise.all(machines.map((registry) => registry.ensureRun(spec)));
        const ids = new Set(runs.map(({ runId }) => runId));
        expect([...ids]).toHaveLength(1);
        const [runId] = [...ids];
        const version = { name, key: `round ${round}`, runId: runId!, description: "", tags: {} };
        const versions = await Promise.all(machines.map((registry) => registry.ensureVersion(version)));
        expect(new Set(versions.map((one) => one.version)).size).toBe(1);
        const files = [{ path: "m", source }];
        await Promise.all(
          machines.map((registry) => registry.attachModel(name, versions[0]!.version, files, "d")),
        );
      }
      const [registry] = machines;
      expect(await registry!.listRuns(name)).toHaveLength(5);
      expect((await registry!.listVersions(name)).map(({ key }) => key)).toEqual([
        "round 0",
        "round 1",
        "round 2",
        "round 3",
        "round 4",
      ]);
    }, 120_000);

    test("machines that log the same data and move the same alias at once do not get in each other's way", async () => {
      const machines = await Promise.all(numbers.map(() => machine()));
      const runs = await Promise.all(
        machines.map((registry, n) => registry.ensureRun({ ...RUN, key: `machine ${n}`, model: name })),
      );
      const versions = await Promise.all(
        machines.map((registry, n) =>
          registry.ensureVersion({
            name,
            key: `machine ${n}`,
            runId: runs[n]!.runId,
            description: "",
            tags: {},
          }),
        ),
      );
      const distinct = new Set(versions.map(({ version }) => version));
      expect(distinct.size).toBe(AT_ONCE);
      for (let round = 0; round < 4; round++) {
        const input = {
          name: `data ${round}`,
          digest: "g",
          source: "s",
          context: "training",
          profile: { rows: 1 },
        };
        await Promise.all(
          machines.map((registry, n) =>
            registry.logRun(runs[n]!.runId, { inputs: [{ ...input, context: "training" }] }),
          ),
        );
        await Promise.all(
          machines.map((registry, n) =>
            registry.moveAlias({
              name,
              alias: `alias${round}`,
              to: versions[n]!.version,
              by: "b",
              reason: "r",
              decision: null,
              key: `${round} ${n}`,
            }),
          ),
        );
      }
      const history = await machines[0]!.aliasHistory(name);
      expect(history).toHaveLength(4 * AT_ONCE);
      for (const registry of machines.slice(0, 1))
        for (const { runId } of runs) expect((await registry.runDetails(runId)).inputs).toHaveLength(4);
    }, 120_000);
  });
