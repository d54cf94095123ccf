import { describe, expect, test } from "vitest";
import { openConnection } from "../../../../../src/registry/mlflow/http/connection.js";
import { API, closedPort, failureOf, get, inTurn, json, OK, opened, post, serve } from "./support/servers.js";

const busy = json({ error_code: "TEMPORARILY_UNAVAILABLE", message: "later" }, 503);

describe("a request", () => {
  test("reaches the server under the prefix of its address, as it is", async () => {
    const { host, calls } = await serve(OK);
    const connection = await opened(`http://${host}/team/mlflow/?x=1`);
    expect(connection.baseUrl).toBe(`http://${host}/team/mlflow`);
    const response = await post(connection, "/runs/create?a=%20b");
    expect(await response.json()).toEqual({ ok: true });
    expect(response.url).toBe(`http://${host}/team/mlflow${API}/runs/create?a=%20b`);
    expect(calls).toMatchObject([
      { method: "POST", url: `/team/mlflow${API}/runs/create?a=%20b`, body: '{"a":1}' },
    ]);
    const headers = Object.keys(calls[0]!.headers);
    expect(headers).not.toContain("origin");
    expect(headers).not.toContain("authorization");
    expect(headers.filter((name) => name.startsWith("x-"))).toEqual([]);
  });

  test("to another server is a bug: credentials go to their own only", async () => {
    const connection = await opened("http://127.0.0.1:1/a");
    for (const url of ["http://127.0.0.1:2/a/b", "http://127.0.0.1:1/ab"])
      await expect(connection.fetch(new Request(url))).rejects.toThrow(TypeError);
  });

  test("a body of bytes arrives whole, and so does a large answer that is no JSON", async () => {
    const bytes = Buffer.alloc(3_000_000, "0123456789");
    const { host, calls } = await serve((response) =>
      response.writeHead(200, { "content-type": "text/html" }).end(bytes),
    );
    const path = "/api/2.0/mlflow-artifacts/artifacts/1/r/report.html";
    const response = await get(await opened(`http://${host}`), path, { method: "PUT", body: bytes });
    expect(calls[0]!.body.length).toBe(bytes.length);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  test("an answer without a body", async () => {
    const { host } = await serve((response) => response.writeHead(204).end());
    expect((await post(await opened(`http://${host}`), "/x")).status).toBe(204);
  });

  test("the workspace is named in its header, if there is one", async () => {
    const { host, calls } = await serve(OK);
    await get(await opened(`http://${host}`, { MLFLOW_WORKSPACE: " team-a " }));
    await get(await opened(`http://${host}`, { MLFLOW_WORKSPACE: "  " }));
    expect(calls.map(({ headers }) => headers["x-mlflow-workspace"])).toEqual(["team-a", undefined]);
  });
});

describe("sent again", () => {
  test.each<[string, RequestInit]>([
    ["GET", {}],
    ["PUT", { body: "x" }],
    ["DELETE", { headers: { "x-retry": "safe" }, body: "{}" }],
    ["PATCH", { headers: { "x-retry": "safe" }, body: "{}" }],
  ])("%s after errors that pass, with the same body", async (method, init) => {
    const { host, calls } = await serve(inTurn(busy, busy, OK));
    const connection = await opened(`http://${host}`);
    expect((await get(connection, `${API}/x`, { method, ...init })).status).toBe(200);
    expect(calls.map(({ body }) => body)).toEqual(Array(3).fill(init.body ?? ""));
    expect(calls.map(({ headers }) => headers["x-retry"])).toEqual([undefined, undefined, undefined]);
    expect(connection.pauses).toEqual([375, 750]);
  });

  test.each([500, 502, 503, 504])("a POST that must not run twice is not, after %i", async (status) => {
    const { host, calls } = await serve(json({}, status, { "retry-after": "1" }));
    const failure = await failureOf(post(await opened(`http://${host}`), "/runs/create"));
    expect(failure).toMatchObject({ code: "registry.server-error", retryable: true, status, attempts: 1 });
    expect(calls.length).toBe(1);
  });

  test.each([408, 429])("even that one is after %i: the server did not work on it", async (status) => {
    const { host, calls } = await serve(inTurn(json({}, status), OK));
    expect((await post(await opened(`http://${host}`), "/runs/create")).status).toBe(200);
    expect(calls.length).toBe(2);
  });

  const conflict = json(
    { error_code: "BAD_REQUEST", message: "(x.IntegrityError) UNIQUE (… https://sqlalche.me/e/20/gkpj)" },
    400,
  );

  test("after a conflict with another change of the same row, if it may run twice", async () => {
    const { host, calls } = await serve(inTurn(conflict, OK));
    const connection = await opened(`http://${host}`);
    const again = await post(connection, "/registered-models/set-tag", { "x-retry": "safe" });
    expect(again.status).toBe(200);
    expect(calls.length).toBe(2);
  });

  test("else the conflict is an error of the server that may pass", async () => {
    const { host, calls } = await serve(conflict);
    expect(await failureOf(post(await opened(`http://${host}`), "/runs/outputs"))).toMatchObject({
      code: "registry.server-error",
      retryable: true,
      status: 400,
      error: "BAD_REQUEST",
    });
    expect(calls.length).toBe(1);
  });

  test("after as long as the server asks for", async () => {
    const { host } = await serve(
      inTurn(
        json({}, 429, { "retry-after": "7" }),
        json({}, 503, {
          "retry-after": "Tue, 01 Jul 2025 12:00:09 GMT",
          date: "Tue, 01 Jul 2025 12:00:00 GMT",
        }),
        json({}, 429, { "retry-after": "86400" }),
        OK,
      ),
    );
    const connection = await opened(`http://${host}`, {}, { random: () => 0 });
    await get(connection);
    expect(connection.pauses).toEqual([7000, 9000, 60_000]);
  });

  test("as often as it is told, then the last error is said", async () => {
    const { host, calls } = await serve(busy);
    const failure = await failureOf(
      get(await opened(`http://${host}`, { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2" })),
    );
    expect(failure).toEqual({
      code: "registry.server-error",
      retryable: true,
      uri: `http://${host}`,
      request: `GET ${API}/runs/get`,
      status: 503,
      error: "TEMPORARILY_UNAVAILABLE",
      message: "later",
      attempts: 3,
    });
    expect(calls.length).toBe(3);
  });

  test("for five minutes at most, however long each attempt takes", async () => {
    const { host, calls } = await serve(busy);
    let minutes = 0;
    const clock = { now: () => "2025-07-01T12:00:00Z", monotonic: () => 60_000 * 2 * minutes++ };
    await failureOf(get(await opened(`http://${host}`, {}, { clock })));
    expect(calls.length).toBe(3);
  });

  test("after a reset in the middle of the body", async () => {
    const { host, calls } = await serve(
      inTurn((response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write('{"a":');
        setTimeout(() => response.destroy(), 20);
      }, OK),
    );
    expect(await (await get(await opened(`http://${host}`))).json()).toEqual({ ok: true });
    expect(calls.length).toBe(2);
  });

  test("not, for a POST that must not run twice, after a reset: it may have been worked on", async () => {
    const { host, calls } = await serve((response) => response.destroy());
    const connection = await opened(`http://${host}`);
    expect(await failureOf(post(connection, "/runs/create"))).toMatchObject({
      code: "registry.unreachable",
      reason: "reset",
      retryable: true,
      attempts: 1,
    });
    expect(calls.length).toBe(1);
    expect(await failureOf(post(connection, "/runs/log-batch", { "x-retry": "safe" }))).toMatchObject({
      attempts: 6,
    });
  });

  test("even that POST while nobody listens: it never got there", async () => {
    const host = await closedPort();
    const connection = await opened(`http://${host}`);
    expect(await failureOf(post(connection, "/runs/create"))).toEqual({
      code: "registry.unreachable",
      retryable: true,
      uri: `http://${host}`,
      request: `POST ${API}/runs/create`,
      reason: "refused",
      detail: `connect ECONNREFUSED ${host}`,
      proxy: null,
      attempts: 6,
    });
    expect(connection.pauses).toEqual([375, 750, 1500, 3000, 6000]);
  });

  test("after a stall, before or in the body; a slow but steady answer is none", async () => {
    const stall = { MLFLOW_HTTP_REQUEST_TIMEOUT: "0.3" };
    const { host, calls } = await serve(
      inTurn(
        () => undefined,
        (response) => response.writeHead(200, { "content-type": "application/json" }).write("{"),
        (response) => {
          response.writeHead(200, { "content-type": "application/json" });
          const parts = ["{", '"a"', ":", "1", "}"];
          const next = () => {
            const part = parts.shift();
            if (part === undefined) return void response.end();
            response.write(part);
            setTimeout(next, 120);
          };
          next();
        },
      ),
    );
    expect(await (await get(await opened(`http://${host}`, stall))).json()).toEqual({ a: 1 });
    expect(calls.length).toBe(3);
    const { host: dead } = await serve(() => undefined);
    expect(
      await failureOf(
        get(await opened(`http://${dead}`, { ...stall, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" })),
      ),
    ).toMatchObject({ code: "registry.unreachable", reason: "timeout", attempts: 1 });
  });

  test("not for a name that nobody knows", async () => {
    const connection = await opened("http://mlflow.invalid:5000");
    const failure = await failureOf(get(connection));
    expect(failure).toMatchObject({ code: "registry.unreachable", reason: "dns" });
    if ("detail" in failure && String(failure.detail).includes("ENOTFOUND"))
      expect(failure).toMatchObject({ retryable: false, attempts: 1 });
  });
});

describe("Ctrl-C", () => {
  const reason = new Error("stop");

  test.each(["of the request", "of the connection"])("the signal %s ends a request", async (whose) => {
    const controller = new AbortController();
    const { host, calls } = await serve(() => controller.abort(reason));
    const own = whose === "of the request";
    const connection = await opened(
      `http://${host}`,
      {},
      own ? {} : { signal: controller.signal, graceMs: 0 },
    );
    await expect(get(connection, undefined, own ? { signal: controller.signal } : {})).rejects.toBe(reason);
    expect(calls.length).toBe(1);
  });

  test("and a pause, really waited", async () => {
    const controller = new AbortController();
    const { host, calls } = await serve(json({}, 429, { "retry-after": "30" }));
    const connection = await openConnection(
      `http://${host}`,
      {},
      { signal: controller.signal, graceMs: 100 },
    );
    setTimeout(() => controller.abort(reason), 300);
    await expect(get(connection)).rejects.toBe(reason);
    expect(calls.length).toBe(1);
    await connection.close();
  });

  test("gives calls that are answered the time that they take, however many there are", async () => {
    const controller = new AbortController();
    const { host, calls } = await serve((response) => {
      setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end("{}"), 400);
    });
    const connection = await opened(`http://${host}`, {}, { signal: controller.signal, graceMs: 1000 });
    controller.abort(reason);
    for (let call = 0; call < 3; call++) expect((await get(connection)).status).toBe(200);
    expect(calls.length).toBe(3);
  });
});
