import { expect, test } from "vitest";
import { artifactPath } from "../../../../../src/registry/mlflow/http/artifact-path.js";
import { checkServer } from "../../../../../src/registry/mlflow/http/check-server.js";
import { mlflowError } from "../../../../../src/registry/mlflow/http/errors.js";
import { describeWithMlflow } from "../../../../support/mlflow/require.js";
import { API, failureOf, get, opened, serveProxy } from "./support/servers.js";

const ONCE = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };

describeWithMlflow("the connection to a real MLflow server", "sqlite", (uri) => {
  test("its version", async () => {
    expect(await checkServer(await opened(uri))).toMatch(/^3\.\d+\.\d+/);
  });

  test("its refusals", async () => {
    const connection = await opened(uri);
    const refused = async (path: string) => {
      const response = await get(connection, path);
      return mlflowError(response.status, await response.json());
    };
    expect(await refused(`${API}/runs/get?run_id=none`)).toMatchObject({
      status: 404,
      code: "RESOURCE_DOES_NOT_EXIST",
    });
    expect(await refused(`${API}/registered-models/alias?name=x&alias=y`)).toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
    });
    expect(await refused(artifactPath("mlflow-artifacts:/0/none", "x.json", uri))).toMatchObject({
      status: 404,
      code: "RESOURCE_DOES_NOT_EXIST",
    });
  });

  test("an unknown call is none of MLflow's", async () => {
    expect(await failureOf(get(await opened(uri), `${API}/nothing`))).toMatchObject({
      code: "registry.not-mlflow",
      status: 404,
      excerpt: expect.stringContaining("Not Found"),
    });
  });

  test("an artifact, there and back", async () => {
    const connection = await opened(uri);
    const path = artifactPath("mlflow-artifacts:/0/retrain-http-test", "a b/ü.html", uri);
    const body = Buffer.from("<p>é</p>\u0000");
    expect((await get(connection, path, { method: "PUT", body })).status).toBe(200);
    expect(Buffer.from(await (await get(connection, path)).arrayBuffer())).toEqual(body);
  });

  test("its host check lets the version pass and nothing else", async () => {
    const { host } = await serveProxy(() => 200, uri);
    const connection = await opened("http://mlflow.example.org:5000", { ...ONCE, HTTP_PROXY: host });
    await checkServer(connection);
    expect(await failureOf(get(connection))).toEqual({
      code: "registry.host-rejected",
      retryable: false,
      uri: "http://mlflow.example.org:5000",
      host: "mlflow.example.org:5000",
    });
  });
});
