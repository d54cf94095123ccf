import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, test } from "vitest";
import {
  type FaultProxy,
  internalError,
  startFaultProxy,
  tooManyRequests,
  unavailableHtml,
} from "../../../support/mlflow/fault-proxy.js";

interface Server {
  /** `METHOD url body` of everything that arrived. */
  readonly heard: string[];
  readonly uri: string;
}

const ANSWER = "0123456789".repeat(20);

async function server(): Promise<Server> {
  const heard: string[] = [];
  const http = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    heard.push(`${incoming.method} ${incoming.url} ${body}`);
    outgoing.writeHead(201, { "content-type": "text/x-test", "x-host": incoming.headers.host });
    outgoing.end(ANSWER);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return { heard, uri: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

async function bench(): Promise<{ proxy: FaultProxy; heard: string[] }> {
  const { heard, uri } = await server();
  const proxy = await startFaultProxy(uri);
  onTestFinished(() => proxy.stop());
  return { proxy, heard };
}

interface Outcome {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As much as arrived. */
  readonly body: string;
  readonly errno: string | null;
}

/** One call on a connection of its own, with what arrived before an error. */
function call(proxy: FaultProxy, method: string, path: string, body = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    let outcome: Outcome = { status: null, headers: {}, body: "", errno: null };
    const end = (error: NodeJS.ErrnoException | null) => resolve({ ...outcome, errno: error?.code ?? null });
    const sent = request(`${proxy.uri}${path}`, { method, agent: false }, (answer) => {
      outcome = { ...outcome, status: answer.statusCode ?? null, headers: answer.headers };
      answer.setEncoding("utf8").on("data", (text: string) => {
        outcome = { ...outcome, body: outcome.body + text };
      });
      answer.on("end", () => end(null)).on("error", end);
    });
    sent.on("error", end);
    sent.end(body);
  });
}

test("passes calls and answers on as they are", async ({ expect }) => {
  const { proxy, heard } = await bench();
  const answer = await call(proxy, "POST", "/api/runs?x=a%20b", "a body");
  expect(answer).toMatchObject({ status: 201, body: ANSWER, errno: null });
  expect(answer.headers).toMatchObject({
    "content-type": "text/x-test",
    "x-host": proxy.uri.replace("http://", ""),
  });
  expect(heard).toEqual(["POST /api/runs?x=a%20b a body"]);
  expect(proxy.calls()).toEqual([
    { method: "POST", path: "/api/runs", query: "x=a%20b", status: 201, fault: null },
  ]);
});

test("resets a call before the server hears of it", async ({ expect }) => {
  const { proxy, heard } = await bench();
  proxy.inject({ fault: { kind: "reset-before" } });
  expect(await call(proxy, "POST", "/a")).toMatchObject({ status: null, errno: "ECONNRESET" });
  expect(heard).toEqual([]);
  expect(await call(proxy, "POST", "/a")).toMatchObject({ status: 201 });
});

test("loses an answer after the server has done the call", async ({ expect }) => {
  const { proxy, heard } = await bench();
  proxy.inject({ fault: { kind: "reset-after" } });
  expect(await call(proxy, "POST", "/a", "once")).toMatchObject({ status: null, errno: "ECONNRESET" });
  expect(heard).toEqual(["POST /a once"]);
  expect(proxy.calls()).toMatchObject([{ status: null, fault: "reset-after" }]);
});

test("resets in the middle of the answer's body", async ({ expect }) => {
  const { proxy } = await bench();
  proxy.inject({ fault: { kind: "reset-in-answer" } });
  expect(await call(proxy, "GET", "/a")).toMatchObject({
    status: 201,
    body: ANSWER.slice(0, ANSWER.length / 2),
    errno: "ECONNRESET",
  });
});

test("answers itself", async ({ expect }) => {
  const { proxy, heard } = await bench();
  for (const fault of [tooManyRequests(7), internalError, unavailableHtml]) proxy.inject({ fault });
  expect(await call(proxy, "GET", "/a")).toMatchObject({ status: 429, headers: { "retry-after": "7" } });
  proxy.heal();
  proxy.inject({ fault: internalError });
  expect(JSON.parse((await call(proxy, "GET", "/a")).body)).toMatchObject({ error_code: "INTERNAL_ERROR" });
  proxy.heal();
  proxy.inject({ fault: unavailableHtml });
  expect(await call(proxy, "GET", "/a")).toMatchObject({
    status: 503,
    headers: { "content-type": "text/html" },
  });
  expect(heard).toEqual([]);
});

test("stops listening and comes back on the same port", async ({ expect }) => {
  const { proxy, heard } = await bench();
  proxy.inject({ fault: { kind: "refuse", ms: 400 } });
  expect(await call(proxy, "GET", "/a")).toMatchObject({ errno: "ECONNRESET" });
  expect(await call(proxy, "GET", "/a")).toMatchObject({ errno: "ECONNREFUSED" });
  await expect.poll(() => call(proxy, "GET", "/a"), { timeout: 5_000 }).toMatchObject({ status: 201 });
  expect(heard).toEqual(["GET /a "]);
});

test("can be stopped while it refuses", async ({ expect }) => {
  const { proxy } = await bench();
  proxy.inject({ fault: { kind: "refuse", ms: 50 } });
  await call(proxy, "GET", "/a");
  await proxy.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await call(proxy, "GET", "/a")).toMatchObject({ errno: "ECONNREFUSED" });
});

test("stalls an answer that the server has given", async ({ expect }) => {
  const { proxy, heard } = await bench();
  proxy.inject({ fault: { kind: "stall", ms: 300 } });
  const answer = call(proxy, "GET", "/a");
  const first = await Promise.race([
    answer,
    new Promise((resolve) => setTimeout(resolve, 200, "nothing yet")),
  ]);
  expect(first).toBe("nothing yet");
  expect(heard).toHaveLength(1);
  expect(await answer).toMatchObject({ status: 201, body: ANSWER });
});

test("runs a hook before or after the server has done the call", async ({ expect }) => {
  const { proxy, heard } = await bench();
  const seen: number[] = [];
  const run = async () => void seen.push(heard.length);
  proxy.inject({ fault: { kind: "hook", when: "before", run }, on: 1 });
  proxy.inject({ fault: { kind: "hook", when: "after", run }, on: 2 });
  expect(await call(proxy, "GET", "/a")).toMatchObject({ status: 201 });
  expect(await call(proxy, "GET", "/a")).toMatchObject({ status: 201 });
  expect(seen).toEqual([0, 2]);
});

test("a server that is gone looks like one that was killed", async ({ expect }) => {
  const proxy = await startFaultProxy("http://127.0.0.1:1");
  onTestFinished(() => proxy.stop());
  expect(await call(proxy, "GET", "/a")).toMatchObject({ errno: "ECONNRESET" });
});

test("counts the calls that match by method and path, for each rule by itself", async ({ expect }) => {
  const { proxy } = await bench();
  proxy.inject({ fault: internalError, method: "POST", path: "/runs/create", on: 2 });
  proxy.inject({ fault: unavailableHtml, path: /search$/, on: [1, 3] });
  const removeLast = proxy.inject({ fault: tooManyRequests(1), method: "DELETE", on: "all" });
  const status = async (method: string, path: string) => (await call(proxy, method, path)).status;
  expect(await status("GET", "/runs/create")).toBe(201);
  expect(await status("POST", "/runs/create?n=1")).toBe(201);
  expect(await status("POST", "/runs/create?n=2")).toBe(500);
  expect(await status("POST", "/runs/create?n=3")).toBe(201);
  expect([await status("GET", "/search"), await status("GET", "/search?a")]).toEqual([503, 201]);
  expect([await status("GET", "/search/x"), await status("GET", "/search")]).toEqual([201, 503]);
  expect([await status("DELETE", "/a"), await status("DELETE", "/b")]).toEqual([429, 429]);
  removeLast();
  expect(await status("DELETE", "/a")).toBe(201);
});

test("lists how often each call was made, without the ids in paths", async ({ expect }) => {
  const { proxy } = await bench();
  await call(proxy, "PUT", "/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/report.html");
  await call(proxy, "PUT", "/api/2.0/mlflow-artifacts/artifacts/1/def/artifacts/a/b.csv");
  await call(proxy, "PATCH", "/api/2.0/mlflow/logged-models/m-0123");
  await call(proxy, "GET", "/api/2.0/mlflow/runs/get?run_id=1");
  expect(Object.entries(proxy.counts())).toEqual([
    ["GET /api/2.0/mlflow/runs/get", 1],
    ["PATCH /api/2.0/mlflow/logged-models/*", 1],
    ["PUT /api/2.0/mlflow-artifacts/artifacts/*", 2],
  ]);
  proxy.forget();
  expect(proxy.counts()).toEqual({});
});
