import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeCertificates } from "./support/certificates.js";
import { failureOf, get, OK, opened, serve, serveProxy, serveTls } from "./support/servers.js";

const { authority, server, client, otherHost, folder } = makeCertificates();
const CA = { MLFLOW_TRACKING_SERVER_CERT_PATH: authority };
const ca = readFileSync(authority);
const mutual = { ...server, ca, requestCert: true, rejectUnauthorized: true };

describe("TLS", () => {
  test("an authority that is not known, said with its reason, once", async () => {
    const { host, calls } = await serveTls(server, OK);
    const failure = await failureOf(get(await opened(`https://${host}`)));
    expect(failure).toMatchObject({
      code: "registry.unreachable",
      retryable: false,
      reason: "tls",
      attempts: 1,
      detail: expect.stringMatching(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/),
    });
    expect(calls).toEqual([]);
  });

  test("an own authority", async () => {
    const { host } = await serveTls(server, OK);
    expect((await get(await opened(`https://${host}`, CA))).status).toBe(200);
  });

  test("a certificate of another host", async () => {
    const { host } = await serveTls(otherHost, OK);
    expect(await failureOf(get(await opened(`https://${host}`, CA)))).toMatchObject({
      reason: "tls",
      detail: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
    });
  });

  test.each(["true", "1", "TRUE"])("MLFLOW_TRACKING_INSECURE_TLS=%s takes any", async (flag) => {
    const { host } = await serveTls(otherHost, OK);
    const connection = await opened(`https://${host}`, { MLFLOW_TRACKING_INSECURE_TLS: flag });
    expect((await get(connection)).status).toBe(200);
  });

  test("a client certificate", async () => {
    const { host, calls } = await serveTls(mutual, OK);
    const failure = await failureOf(get(await opened(`https://${host}`, CA)));
    expect(failure).toMatchObject({
      code: "registry.unreachable",
      reason: expect.stringMatching(/tls|reset/),
    });
    const connection = await opened(`https://${host}`, { ...CA, MLFLOW_TRACKING_CLIENT_CERT_PATH: client });
    expect((await get(connection)).status).toBe(200);
    expect(calls.length).toBe(1);
  });

  test("a client certificate without its key is said before the first request", async () => {
    const path = join(folder, "lonely.pem");
    writeFileSync(path, server.cert);
    expect(
      await failureOf(opened("https://127.0.0.1:1", { MLFLOW_TRACKING_CLIENT_CERT_PATH: path })),
    ).toMatchObject({
      code: "registry.settings-invalid",
      setting: `MLFLOW_TRACKING_CLIENT_CERT_PATH=${path}`,
    });
  });

  test("https where plain HTTP is spoken", async () => {
    const { host } = await serve(OK);
    expect(await failureOf(get(await opened(`https://${host}`)))).toMatchObject({
      code: "registry.unreachable",
      reason: "tls",
      detail: expect.stringMatching(/WRONG_VERSION_NUMBER|packet/i),
    });
  });
});

describe("a proxy", () => {
  test("gets a request of plain HTTP as such, with its own credentials only", async () => {
    const { host, calls } = await serve(OK);
    const proxy = await serveProxy();
    const env = { HTTP_PROXY: `http://me:S3CRET@${proxy.host}`, MLFLOW_TRACKING_TOKEN: "t" };
    expect((await get(await opened(`http://${host}`, env))).status).toBe(200);
    expect(proxy.seen).toEqual([`GET http://${host}/api/2.0/mlflow/runs/get`]);
    expect(proxy.headers[0]!["proxy-authorization"]).toBe("Basic bWU6UzNDUkVU");
    expect(calls[0]!.headers.authorization).toBe("Bearer t");
    expect(calls[0]!.headers.host).toBe(host);
  });

  test("tunnels TLS, with own authority and client certificate, and never sees the credentials", async () => {
    const { host } = await serveTls(mutual, OK);
    const proxy = await serveProxy();
    const env = {
      ...CA,
      HTTPS_PROXY: proxy.host,
      MLFLOW_TRACKING_CLIENT_CERT_PATH: client,
      MLFLOW_TRACKING_TOKEN: "t",
    };
    expect((await get(await opened(`https://${host}`, env))).status).toBe(200);
    expect(proxy.seen).toEqual([`CONNECT ${host}`]);
    expect(proxy.headers[0]!.authorization).toBeUndefined();
  });

  test.each(["127.0.0.1", "example.org,127.0.0.1", "*"])("is passed by for NO_PROXY=%s", async (NO_PROXY) => {
    const { host, calls } = await serve(OK);
    const proxy = await serveProxy();
    await get(await opened(`http://${host}`, { HTTP_PROXY: `http://${proxy.host}`, NO_PROXY }));
    expect(proxy.seen).toEqual([]);
    expect(calls.length).toBe(1);
  });

  test("of the process's own environment does not count", async () => {
    const { host, calls } = await serve(OK);
    const proxy = await serveProxy();
    const before = process.env.HTTP_PROXY;
    process.env.HTTP_PROXY = `http://${proxy.host}`;
    try {
      await get(await opened(`http://${host}`));
    } finally {
      if (before === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = before;
    }
    expect([proxy.seen.length, calls.length]).toEqual([0, 1]);
  });

  test("that wants other credentials", async () => {
    const proxy = await serveProxy(() => 407);
    const wrong = `http://me:S3CRET@${proxy.host}`;
    for (const [uri, env] of [
      ["http://mlflow.example.org", { HTTP_PROXY: wrong }],
      ["https://mlflow.example.org", { HTTPS_PROXY: wrong }],
    ] as const) {
      const failure = await failureOf(get(await opened(uri, env)));
      expect(failure).toMatchObject({
        code: "registry.denied",
        by: "proxy",
        status: 407,
        credentials: "none",
      });
      expect(JSON.stringify(failure)).not.toContain("S3CRET");
    }
  });

  test("that does not connect", async () => {
    const proxy = await serveProxy(() => 403);
    const env = { HTTPS_PROXY: `http://${proxy.host}` };
    expect(await failureOf(get(await opened("https://mlflow.example.org", env)))).toMatchObject({
      code: "registry.unreachable",
      reason: "proxy",
      retryable: false,
      detail: "it answered 403",
      proxy: proxy.host,
    });
  });
});
