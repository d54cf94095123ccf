import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { describeWithMlflow } from "../../support/mlflow/require.js";
import { OPENAPI_MODELS } from "./support/mlflow-server.js";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, object>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const document = parse(
  readFileSync(new URL("../../../src/registry/mlflow/openapi.yaml", import.meta.url), "utf8"),
) as Document;

/** A schema of the document as a validator: fields that it does not name may be there. */
function validator(schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    ...operation,
  })),
);

interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly body?: object | string;
}

/** Calls of one operation that end well, and refused ones with the status and code that MLflow gives. */
interface Expected {
  readonly good: Call;
  readonly refused: readonly (readonly [Call, number, string])[];
}

describeWithMlflow("openapi.yaml and the running server", "sqlite", (uri) => {
  const unique = `${OPENAPI_MODELS}${process.pid} ${Date.now()}`;
  const made: Record<string, string> = {};

  async function send(operationId: string, { query = {}, path, body }: Call): Promise<Response> {
    const operation = operations.find((one) => one.operationId === operationId)!;
    const filled = operation.path.replace(/\{\w+\}/, () => path ?? "");
    const headers = {
      "content-type": typeof body === "string" ? "application/octet-stream" : "application/json",
    };
    return fetch(`${uri}${filled}?${new URLSearchParams(query)}`, {
      method: operation.method,
      ...(body === undefined
        ? {}
        : { headers, body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }
  type Made = Record<string, Record<string, Record<string, string>>>;
  const json = async (operationId: string, call: Call) =>
    (await (await send(operationId, call)).json()) as Made;

  beforeAll(async () => {
    const experiment = (await json("createExperiment", {
      body: { name: unique, tags: [{ key: "t", value: "v" }] },
    })) as unknown as { experiment_id: string };
    made.experiment = experiment.experiment_id;
    made.run = (await json("createRun", { body: { experiment_id: made.experiment, run_name: "r" } })).run!
      .info!.run_id as unknown as string;
    made.another = (await json("createRun", { body: { experiment_id: made.experiment } })).run!.info!
      .run_id as unknown as string;
    const model = (
      await json("createLoggedModel", {
        body: { experiment_id: made.experiment, name: "m", source_run_id: made.run },
      })
    ).model!.info as unknown as { model_id: string; artifact_uri: string };
    made.model = model.model_id;
    made.source = model.artifact_uri;
    made.folder = model.artifact_uri.replace("mlflow-artifacts:/", "");
    await send("createRegisteredModel", { body: { name: unique } });
    const version = {
      name: unique,
      source: made.source,
      model_id: made.model,
      tags: [{ key: "t", value: "v" }],
    };
    await send("createModelVersion", { body: version });
    await send("setAlias", { body: { name: unique, alias: "best", version: "1" } });
    await send("setRegisteredModelTag", { body: { name: unique, key: "t", value: "v" } });
    const metrics = [1, 2, 3].map((step) => ({ key: "m", value: step, timestamp: 5, step }));
    await send("logBatch", { body: { run_id: made.run, metrics, params: [{ key: "p", value: "1" }] } });
    await send("putStoredFile", { path: `${made.folder}/a.txt`, body: "content" });
  });
  afterAll(async () => {
    const body = JSON.stringify({ name: unique });
    const headers = { "content-type": "application/json" };
    await fetch(`${uri}/api/2.0/mlflow/registered-models/delete`, { method: "DELETE", headers, body });
    await fetch(`${uri}/api/2.0/mlflow/experiments/delete`, {
      method: "POST",
      headers,
      body: JSON.stringify({ experiment_id: made.experiment }),
    });
  });

  const INVALID = "INVALID_PARAMETER_VALUE";
  const MISSING = "RESOURCE_DOES_NOT_EXIST";
  const TAKEN = "RESOURCE_ALREADY_EXISTS";
  const nowhere = { run_id: "nope" };
  const calls: Readonly<Record<string, () => Expected>> = {
    searchExperiments: () => ({
      good: { body: { max_results: 10, filter: "tags.`t` = 'v'" } },
      refused: [[{ body: { max_results: 10, filter: "nonsense" } }, 400, INVALID]],
    }),
    getExperimentByName: () => ({
      good: { query: { experiment_name: unique } },
      refused: [
        [{ query: { experiment_name: "nope" } }, 404, MISSING],
        [{}, 400, INVALID],
      ],
    }),
    createExperiment: () => ({
      good: { body: { name: `${unique} 2` } },
      refused: [[{ body: { name: unique } }, 400, TAKEN]],
    }),
    setExperimentTag: () => ({
      good: { body: { experiment_id: made.experiment, key: "k", value: "v" } },
      refused: [
        [{ body: { experiment_id: "999999", key: "k", value: "v" } }, 404, MISSING],
        [{ body: { experiment_id: made.experiment } }, 400, INVALID],
      ],
    }),
    createRun: () => ({
      good: { body: { experiment_id: made.experiment, run_name: "x", start_time: 1, user_id: "u" } },
      refused: [
        [{ body: { experiment_id: "999999" } }, 404, MISSING],
        [{ body: { experiment_id: 1 } }, 400, INVALID],
      ],
    }),
    getRun: () => ({
      good: { query: { run_id: made.run! } },
      refused: [
        [{ query: nowhere }, 404, MISSING],
        [{}, 400, INVALID],
      ],
    }),
    searchRuns: () => ({
      good: { body: { experiment_ids: [made.experiment], max_results: 1 } },
      refused: [[{ body: { experiment_ids: [made.experiment], filter: "x" } }, 400, INVALID]],
    }),
    updateRun: () => ({
      good: { body: { run_id: made.run, status: "FINISHED", end_time: 5 } },
      refused: [
        [{ body: nowhere }, 404, MISSING],
        [{ body: {} }, 400, INVALID],
      ],
    }),
    deleteRun: () => ({
      good: { body: { run_id: made.another } },
      refused: [
        [{ body: nowhere }, 404, MISSING],
        [{ body: {} }, 400, INVALID],
      ],
    }),
    logParam: () => ({
      good: { body: { run_id: made.run, key: "once", value: "1" } },
      refused: [
        [{ body: { ...nowhere, key: "once", value: "1" } }, 404, MISSING],
        [{ body: { run_id: made.run, key: "p", value: "2" } }, 400, INVALID],
      ],
    }),
    logBatch: () => ({
      good: { body: { run_id: made.run, tags: [{ key: "売上 é", value: "" }] } },
      refused: [
        [{ body: nowhere }, 404, MISSING],
        [{ body: { run_id: made.run, params: [{ key: "p", value: "2" }] } }, 400, INVALID],
      ],
    }),
    logInputs: () => ({
      good: {
        body: {
          run_id: made.run,
          datasets: [
            {
              tags: [{ key: "mlflow.data.context", value: "training" }],
              dataset: { name: "d", digest: "1", source_type: "external", source: "{}", profile: "{}" },
            },
          ],
        },
      },
      refused: [[{ body: nowhere }, 404, MISSING]],
    }),
    logOutputs: () => ({
      good: { body: { run_id: made.run, models: [{ model_id: made.model, step: 0 }] } },
      refused: [
        [{ body: { run_id: made.run, models: [{ model_id: made.model, step: 0 }] } }, 400, "BAD_REQUEST"],
        [{ body: { ...nowhere, models: [] } }, 404, MISSING],
      ],
    }),
    getMetricHistory: () => ({
      good: { query: { run_id: made.run!, metric_key: "m", max_results: "2" } },
      refused: [[{ query: { run_id: made.run! } }, 400, INVALID]],
    }),
    listArtifacts: () => ({
      good: { query: { run_id: made.run! } },
      refused: [
        [{ query: nowhere }, 404, MISSING],
        [{ query: { run_id: made.run!, path: "../x" } }, 400, INVALID],
      ],
    }),
    createRegisteredModel: () => ({
      good: { body: { name: `${unique} 2`, description: "d" } },
      refused: [[{ body: { name: unique } }, 400, TAKEN]],
    }),
    getRegisteredModel: () => ({
      good: { query: { name: unique } },
      refused: [
        [{ query: { name: "nope" } }, 404, MISSING],
        [{}, 400, INVALID],
      ],
    }),
    setRegisteredModelTag: () => ({
      good: { body: { name: unique, key: "k", value: "v" } },
      refused: [
        [{ body: { name: "nope", key: "k", value: "v" } }, 404, MISSING],
        [{ body: { name: unique, key: "%", value: "v" } }, 400, INVALID],
      ],
    }),
    setAlias: () => ({
      good: { body: { name: unique, alias: "best", version: "1" } },
      refused: [
        [{ body: { name: unique, alias: "best", version: "999" } }, 404, MISSING],
        [{ body: { name: unique, alias: "latest", version: "1" } }, 400, INVALID],
      ],
    }),
    createModelVersion: () => ({
      good: {
        body: { name: unique, source: made.source, model_id: made.model, run_id: made.run, description: "d" },
      },
      refused: [
        [{ body: { name: "nope", source: made.source, model_id: made.model } }, 404, MISSING],
        [{ body: { name: unique, source: "mlflow-artifacts:/elsewhere" } }, 400, INVALID],
      ],
    }),
    getModelVersion: () => ({
      good: { query: { name: unique, version: "1" } },
      refused: [
        [{ query: { name: unique, version: "999" } }, 404, MISSING],
        [{ query: { name: unique, version: "x" } }, 400, INVALID],
      ],
    }),
    searchModelVersions: () => ({
      good: {
        query: { filter: `name = '${unique}' AND version_number > 0`, order_by: "version_number ASC" },
      },
      refused: [[{ query: { filter: "nonsense" } }, 400, INVALID]],
    }),
    setModelVersionTag: () => ({
      good: { body: { name: unique, version: "1", key: "k", value: "v" } },
      refused: [
        [{ body: { name: unique, version: "999", key: "k", value: "v" } }, 404, MISSING],
        [{ body: { name: unique, version: "1", key: "%", value: "v" } }, 400, INVALID],
      ],
    }),
    deleteModelVersion: () => ({
      good: { body: { name: unique, version: "1" } },
      refused: [
        [{ body: { name: unique, version: "999" } }, 404, MISSING],
        [{ body: { name: unique, version: "x" } }, 400, INVALID],
      ],
    }),
    createLoggedModel: () => ({
      good: { body: { experiment_id: made.experiment, name: "m2", tags: [{ key: "k", value: "v" }] } },
      refused: [
        [{ body: { experiment_id: "999999", name: "m" } }, 404, MISSING],
        [{ body: { experiment_id: made.experiment, name: "a.b" } }, 400, INVALID],
      ],
    }),
    searchLoggedModels: () => ({
      good: { body: { experiment_ids: [made.experiment], max_results: 1 } },
      refused: [[{ body: { experiment_ids: [made.experiment], filter: "x" } }, 400, INVALID]],
    }),
    finalizeLoggedModel: () => ({
      good: { path: made.model!, body: { model_id: made.model, status: "LOGGED_MODEL_READY" } },
      refused: [
        [{ path: "m-nope", body: { model_id: "m-nope", status: "LOGGED_MODEL_READY" } }, 404, MISSING],
      ],
    }),
    listStoredFiles: () => ({
      good: { query: { path: made.folder! } },
      refused: [[{ query: { path: "../x" } }, 400, INVALID]],
    }),
    putStoredFile: () => ({
      good: { path: `${made.folder}/b/c%20%C3%BC.txt`, body: "content" },
      refused: [[{ path: `${made.folder}/a%23b.txt`, body: "content" }, 400, INVALID]],
    }),
    getStoredFile: () => ({
      good: { path: `${made.folder}/a.txt` },
      refused: [
        [{ path: `${made.folder}/none` }, 404, MISSING],
        [{ path: "%2e%2e/x" }, 404, ""],
      ],
    }),
    deleteStoredFile: () => ({
      good: { path: `${made.folder}/a.txt` },
      refused: [[{ path: `${made.folder}/a%23b` }, 400, INVALID]],
    }),
  };

  test("every operation is called", () => {
    expect(Object.keys(calls).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });

  describe.each(operations.map((operation) => [operation.operationId, operation] as const))(
    "%s",
    (id, operation) => {
      const schemaOf = (status: number): object | undefined => {
        const found = operation.responses[String(status)] as { content?: Record<string, { schema: object }> };
        return found?.content?.["application/json"]?.schema;
      };

      test("answers as the document says", async () => {
        const { good } = calls[id]!();
        const response = await send(id, good);
        const answer = await response.text();
        expect(`${response.status} ${answer.slice(0, 300)}`).toMatch(/^200/);
        const schema = schemaOf(200);
        if (schema !== undefined && operation.method !== "PUT")
          expect(validator(schema).safeParse(JSON.parse(answer)).error).toBeUndefined();
        else if (operation.method === "GET") expect(answer).toBe("content");
        const { requestBody } = operation;
        const asked = requestBody?.content["application/json"]?.schema;
        if (asked !== undefined) expect(validator(asked).safeParse(good.body).error).toBeUndefined();
        const known = new Set(operation.parameters?.map(({ name }) => name));
        for (const name of Object.keys(good.query ?? {})) expect(known).toContain(name);
      });

      test("refuses as the document says", async () => {
        const { refused } = calls[id]!();
        for (const [call, status, code] of refused) {
          const response = await send(id, call);
          const answer = await response.text();
          expect(`${response.status} ${answer.slice(0, 300)}`).toMatch(new RegExp(`^${status}`));
          expect(Object.keys(operation.responses)).toContain(String(status));
          if (code === "") continue;
          const parsed = validator({ $ref: "#/components/schemas/Error" }).safeParse(JSON.parse(answer));
          expect(parsed.error).toBeUndefined();
          expect(parsed.data).toMatchObject({ error_code: code });
        }
      });
    },
  );
});
