import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { artifactPath } from "../../../../../src/registry/mlflow/http/artifact-path.js";
import { checkServer } from "../../../../../src/registry/mlflow/http/check-server.js";
import { mlflowError } from "../../../../../src/registry/mlflow/http/errors.js";
import { type Answer, API, failureOf, get, json, opened, serve } from "./support/servers.js";

const PAGE =
  "<!doctype html><html><head><title>Sign in</title><style>a{b:c}</style></head><body>to &amp; fro</body>";
const text =
  (body: string, status: number, type = "text/html", headers = {}): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": type, ...headers }).end(body);

const answered = async (answer: Answer, path?: string) => {
  const { host } = await serve(answer);
  return get(await opened(`http://${host}`, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" }), path);
};

describe("answers of MLflow are the caller's", () => {
  test.each([400, 404, 409])("a refusal in JSON with %i", async (status) => {
    const response = await answered(
      json({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "no run x" }, status),
    );
    expect(mlflowError(response.status, await response.json())).toEqual({
      status,
      code: "RESOURCE_DOES_NOT_EXIST",
      message: "no run x",
    });
  });

  test("success without a body", async () => {
    expect((await answered(text("", 200))).status).toBe(200);
  });

  test("a file that is a page", async () => {
    const response = await answered(text(PAGE, 200), "/api/2.0/mlflow-artifacts/artifacts/1/r/report.html");
    expect(await response.text()).toBe(PAGE);
  });
});

describe("all else is a failure of its own", () => {
  test.each<[string, Answer, object]>([
    [
      "a page in place of JSON",
      text(PAGE, 200),
      { code: "registry.not-mlflow", status: 200, contentType: "text/html", excerpt: "Sign in to & fro" },
    ],
    [
      "JSON that is cut",
      text('{"a":', 200, "application/json"),
      { code: "registry.not-mlflow", status: 200 },
    ],
    ["another service", json(["a"]), { code: "registry.not-mlflow", excerpt: '["a"]' }],
    ["an unknown path", text("<h1>Not Found</h1>", 404), { code: "registry.not-mlflow", status: 404 }],
    [
      "a redirect to a login page, without its state",
      text("", 302, "text/html", { location: "https://sso.example.org/login?state=S3CRET" }),
      { code: "registry.not-mlflow", redirect: "https://sso.example.org/login" },
    ],
    [
      "not authenticated",
      text("You are not authenticated.", 401),
      { code: "registry.denied", status: 401, credentials: "none", message: "You are not authenticated." },
    ],
    [
      "not permitted",
      json({ error_code: "PERMISSION_DENIED", message: "Permission denied" }, 403),
      { code: "registry.denied", status: 403, message: "Permission denied" },
    ],
    [
      "the host check",
      text("Invalid Host header - possible DNS rebinding attack detected", 403, "text/plain"),
      { code: "registry.host-rejected", host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) },
    ],
    [
      "a page with 503",
      text("<h1>503 Service Unavailable</h1>", 503),
      { code: "registry.server-error", status: 503, error: null, message: "503 Service Unavailable" },
    ],
    ["not implemented", text("no", 501), { code: "registry.server-error", status: 501, attempts: 1 }],
  ])("%s", async (_, answer, expected) => {
    const failure = await failureOf(answered(answer));
    expect(failure).toMatchObject(expected);
    expect(JSON.stringify(failure)).not.toContain("S3CRET");
  });

  test("what speaks no HTTP", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("SSH-2.0-OpenSSH_9.2\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    expect(await failureOf(get(await opened(`http://127.0.0.1:${port}`)))).toMatchObject({
      code: "registry.not-mlflow",
      status: null,
    });
  });
});

describe("the version of the server", () => {
  const check = async (answer: Answer) => {
    const { host } = await serve(answer);
    return checkServer(await opened(`http://${host}/p`));
  };

  test.each(["3.0.0", "3.18.0", "3.19.0.dev0", "10.1"])("%s will do", async (version) => {
    expect(await check(text(`${version}\n`, 200))).toBe(version);
  });

  test.each(["2.22.1", "1.0"])("%s is too old", async (version) => {
    expect(await failureOf(check(text(version, 200)))).toMatchObject({
      code: "registry.too-old",
      version,
      minimum: "3.0",
    });
  });

  test.each<[string, Answer]>([
    ["a page", text(PAGE, 200)],
    ["nothing", text("", 200)],
    ["JSON without it", json({ detail: "Not Found" }, 404)],
  ])("%s is none", async (_, answer) => {
    expect(await failureOf(check(answer))).toMatchObject({
      code: "registry.not-mlflow",
      request: "GET /version",
    });
  });
});

describe("where artifacts are", () => {
  const BASE = "https://mlflow.example.org/team";

  test.each([
    ["mlflow-artifacts:/1/r/artifacts", "a b/ü.json", "1/r/artifacts/a%20b/%C3%BC.json"],
    ["mlflow-artifacts://mlflow.example.org/1/r", "x#1", "1/r/x%231"],
    [`${BASE}/api/2.0/mlflow-artifacts/artifacts/exp/1`, "x", "exp/1/x"],
  ])("%s is passed on", (location, path, expected) => {
    expect(artifactPath(location, path, BASE)).toBe(`/api/2.0/mlflow-artifacts/artifacts/${expected}`);
  });

  test.each([
    ["s3://user:S3CRET@bucket/1/r", "s3://bucket/1/r"],
    ["wasbs://c@account/1?sig=S3CRET", "wasbs://account/1"],
    ["file:///mlruns/1", "file:///mlruns/1"],
    ["mlflow-artifacts://elsewhere/1/r", "mlflow-artifacts://elsewhere/1/r"],
    ["/mlruns/1", "/mlruns/1"],
  ])("%s is not", async (location, shown) => {
    const work = Promise.resolve().then(() => artifactPath(location, "x", BASE));
    expect(await failureOf(work)).toEqual({
      code: "registry.artifacts-elsewhere",
      retryable: false,
      uri: BASE,
      location: shown,
    });
  });
});

test("API paths of another version than ours are JSON too", async () => {
  expect(await failureOf(answered(text(PAGE, 200), API.replace("2.0", "3.0").concat("/x")))).toMatchObject({
    code: "registry.not-mlflow",
  });
});
