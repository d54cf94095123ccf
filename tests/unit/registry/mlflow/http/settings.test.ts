import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Environment } from "../../../../../src/registry/mlflow/http/credentials.js";
import { settingsOf } from "../../../../../src/registry/mlflow/http/settings.js";
import { failureOf } from "./support/servers.js";

const URI = "http://mlflow:5000";
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

async function homeWith(credentials: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "retrain-home-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, ".mlflow"));
  await writeFile(join(home, ".mlflow", "credentials"), credentials);
  return home;
}

const sent = async (env: Environment, uri = URI) => (await settingsOf(uri, env)).credentials.authorization;

describe("credentials", () => {
  const FILE = "[mlflow]\nmlflow_tracking_username = file-user\nmlflow_tracking_password = file-password\n";
  const USER = { MLFLOW_TRACKING_USERNAME: "user", MLFLOW_TRACKING_PASSWORD: "pass:word" };
  const TOKEN = { MLFLOW_TRACKING_TOKEN: "t0ken" };

  test("none", async () => {
    expect(await sent({})).toBeNull();
    expect(await sent({ MLFLOW_TRACKING_USERNAME: "user", HOME: "/nowhere" })).toBeNull();
  });

  test("user and password win over a token", async () => {
    expect(await sent(TOKEN)).toBe("Bearer t0ken");
    expect(await sent({ ...USER, ...TOKEN })).toBe(basic("user:pass:word"));
    expect(await sent({ MLFLOW_TRACKING_USERNAME: "user", ...TOKEN })).toBe("Bearer t0ken");
  });

  test("those of the address win over all, percent-decoded", async () => {
    const env = { ...USER, ...TOKEN, HOME: await homeWith(FILE) };
    expect(await sent(env, "http://me:p%40ss%C3%A9@mlflow:5000")).toBe(basic("me:p@ssé"));
    expect(await sent(env, "http://t0ken@mlflow:5000")).toBe(basic("t0ken:"));
    expect((await settingsOf("http://me:pass@mlflow:5000/x/", {})).baseUrl).toBe("http://mlflow:5000/x");
  });

  test("the file fills up what the environment lacks, and wins over a token", async () => {
    const HOME = await homeWith(FILE);
    expect(await sent({ HOME })).toBe(basic("file-user:file-password"));
    expect(await sent({ HOME, ...TOKEN })).toBe(basic("file-user:file-password"));
    expect(await sent({ HOME, ...USER })).toBe(basic("user:pass:word"));
    expect(await sent({ HOME, MLFLOW_TRACKING_USERNAME: "me" })).toBe(basic("me:file-password"));
  });

  test.each([
    ["other sections", "[other]\nmlflow_tracking_username=x\nmlflow_tracking_password=y\n", null],
    [
      "comments, spaces, capitals, colons, CRLF",
      "# c\r\n[mlflow]\r\n; c\r\nMLFLOW_TRACKING_USERNAME:  u\r\nmlflow_tracking_password = a = b#c:d \r\n",
      basic("u:a = b#c:d"),
    ],
    [
      "two percent signs for one",
      "[mlflow]\nmlflow_tracking_username=u\nmlflow_tracking_password=50%%x\n",
      basic("u:50%x"),
    ],
    ["nothing", "", null],
  ])("the file with %s", async (_, text, expected) => {
    expect(await sent({ HOME: await homeWith(text) })).toBe(expected);
  });

  test("a file that cannot be read is said", async () => {
    const HOME = await homeWith("");
    const path = join(HOME, ".mlflow", "credentials");
    await rm(path);
    await mkdir(path);
    expect(await failureOf(settingsOf(URI, { HOME }))).toMatchObject({
      code: "registry.settings-invalid",
      setting: path,
      detail: "EISDIR",
    });
  });
});

describe("what cannot be used is said before the first request", () => {
  test.each<[Environment, string]>([
    [{ MLFLOW_HTTP_REQUEST_TIMEOUT: "two" }, "MLFLOW_HTTP_REQUEST_TIMEOUT"],
    [{ MLFLOW_HTTP_REQUEST_MAX_RETRIES: "-1" }, "MLFLOW_HTTP_REQUEST_MAX_RETRIES"],
    [{ MLFLOW_HTTP_REQUEST_MAX_RETRIES: "11" }, "MLFLOW_HTTP_REQUEST_MAX_RETRIES"],
    [{ MLFLOW_TRACKING_INSECURE_TLS: "yes" }, "MLFLOW_TRACKING_INSECURE_TLS"],
    [
      { MLFLOW_TRACKING_INSECURE_TLS: "true", MLFLOW_TRACKING_SERVER_CERT_PATH: "/ca.pem" },
      "MLFLOW_TRACKING_INSECURE_TLS",
    ],
    [{ MLFLOW_TRACKING_SERVER_CERT_PATH: "/no/ca.pem" }, "MLFLOW_TRACKING_SERVER_CERT_PATH=/no/ca.pem"],
    [{ MLFLOW_TRACKING_CLIENT_CERT_PATH: "/dev/null" }, "MLFLOW_TRACKING_CLIENT_CERT_PATH=/dev/null"],
    [{ MLFLOW_TRACKING_TOKEN: "a\nb" }, "MLFLOW_TRACKING_TOKEN"],
    [{ MLFLOW_WORKSPACE: "a\r\nb: c" }, "MLFLOW_WORKSPACE"],
    [{ HTTP_PROXY: "http://user:S3CRET@pro xy" }, "HTTP_PROXY"],
    [{ all_proxy: "socks5://proxy:1080" }, "ALL_PROXY"],
  ])("%j", async (env, setting) => {
    const failure = await failureOf(settingsOf(URI, env));
    expect(failure).toMatchObject({ code: "registry.settings-invalid", retryable: false, setting });
    expect(JSON.stringify(failure)).not.toContain("S3CRET");
  });

  test.each([
    "ftp://u:S3CRET@mlflow",
    "http://",
    "http://u:S3/CRET@mlflow",
    "http://u:S3CRET@ml flow?S3CRET",
  ])("the address %s", async (uri) => {
    const failure = await failureOf(settingsOf(uri, {}));
    expect(failure.code).toMatch(/^registry\.(uri-unsupported|settings-invalid)$/);
    expect(JSON.stringify(failure)).not.toMatch(/S3|CRET/);
  });
});

describe("the proxy", () => {
  const proxy = async (uri: string, env: Environment) => (await settingsOf(uri, env)).proxy?.url.host ?? null;

  test.each<[string, Environment, string | null]>([
    ["http://mlflow", {}, null],
    ["http://mlflow", { HTTP_PROXY: "http://a:1" }, "a:1"],
    ["http://mlflow", { HTTP_PROXY: "http://a:1", http_proxy: "b:2" }, "b:2"],
    ["http://mlflow", { HTTPS_PROXY: "http://a:1" }, null],
    ["https://mlflow", { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://b:2" }, "a:1"],
    ["https://mlflow", { HTTP_PROXY: "http://b:2" }, null],
    ["https://mlflow", { ALL_PROXY: "http://c:3" }, "c:3"],
  ])("of %s with %j", async (uri, env, expected) => {
    expect(await proxy(uri, env)).toBe(expected);
  });
});

test("without settings: two minutes, five retries, verified certificates", async () => {
  expect(await settingsOf(URI, { MLFLOW_TRACKING_INSECURE_TLS: "0" })).toMatchObject({
    baseUrl: URI,
    workspace: null,
    tls: {},
    stallMs: 120_000,
    retries: 5,
  });
});
