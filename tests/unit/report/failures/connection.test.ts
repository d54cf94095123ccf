import { describe, expect, test } from "vitest";
import type { ConnectionFailure } from "../../../../src/kit/failures/connection.js";
import { explainConnectionFailure } from "../../../../src/report/failures/connection.js";
import { explainFailure } from "../../../../src/report/failures/explain.js";
import { NO_CONTEXT } from "../../../../src/report/failures/text.js";
import { FAILURES } from "./every-failure.js";

type Code = ConnectionFailure["code"];
const words = <C extends Code>(code: C, change: object, context = NO_CONTEXT) => {
  const { title, next } = explainConnectionFailure(
    { ...FAILURES[code], ...change } as ConnectionFailure,
    context,
  );
  return [title, ...next].join("\n");
};

describe("the next step follows from what was seen", () => {
  test.each<[Code, object, RegExp]>([
    ["registry.unreachable", { reason: "tls", detail: "ERR_SSL_WRONG_VERSION_NUMBER" }, /write http:\/\//],
    [
      "registry.unreachable",
      { reason: "tls", detail: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" },
      /MLFLOW_TRACKING_CLIENT_CERT_PATH/,
    ],
    [
      "registry.unreachable",
      { reason: "tls", detail: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      /MLFLOW_TRACKING_SERVER_CERT_PATH/,
    ],
    ["registry.unreachable", { reason: "timeout" }, /MLFLOW_HTTP_REQUEST_TIMEOUT/],
    ["registry.unreachable", { reason: "reset", uri: "http://h" }, /write https:\/\//],
    ["registry.unreachable", { reason: "reset", uri: "https://h" }, /MLFLOW_TRACKING_CLIENT_CERT_PATH/],
    ["registry.unreachable", { reason: "refused", proxy: "proxy:3128" }, /NO_PROXY/],
    [
      "registry.unreachable",
      { reason: "refused", proxy: null, uri: "http://h:1" },
      /curl http:\/\/h:1\/health/,
    ],
    ["registry.denied", { by: "proxy", status: 407 }, /HTTPS_PROXY/],
    [
      "registry.denied",
      { by: "server", status: 401, credentials: "basic" },
      /accept the credentials\n.*MLFLOW_TRACKING_USERNAME/,
    ],
    [
      "registry.denied",
      { by: "server", status: 401, credentials: "none" },
      /asks for credentials\n.*credentials/,
    ],
    [
      "registry.denied",
      { by: "server", status: 403, credentials: "basic" },
      /does not permit this\n.*EDIT.*~moves/,
    ],
    ["registry.host-rejected", { host: "mlflow:5000" }, /--allowed-hosts "mlflow:5000"/],
    ["registry.not-mlflow", { status: 302, redirect: "https://sso/login" }, /https:\/\/sso\/login/],
    ["registry.not-mlflow", { status: 413 }, /client_max_body_size/],
    ["registry.not-mlflow", { status: 404 }, /host, port and path/],
  ])("%s %j", (code, change, expected) => {
    expect(words(code, change)).toMatch(expected);
  });
});

describe("the command to try again", () => {
  const unreachable = (context: object) =>
    words("registry.unreachable", { reason: "refused", proxy: null }, { ...NO_CONTEXT, ...context });

  test("is the one that was typed, where there is no run", () => {
    expect(unreachable({ typed: "retrain registry push --to http://h" })).toContain(
      "Then run `retrain registry push --to http://h`",
    );
    expect(unreachable({})).toContain("Then run `retrain quarter QUARTER`");
  });

  test("is the run's, where there is one", () => {
    expect(unreachable({ quarter: "2025Q2", typed: "retrain resume" })).toContain("`retrain quarter 2025Q2`");
  });

  test("but nothing else than a quarter is made anew", () => {
    const { next } = explainFailure(FAILURES["registry.model-immutable"], {
      ...NO_CONTEXT,
      typed: "retrain registry push",
    });
    expect(next).toEqual(["Register a new version: `retrain quarter QUARTER --fresh`"]);
  });
});
