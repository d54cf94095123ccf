import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { notifyWebhooks } from "../../../src/notify/webhook.js";

const SECRET = "T0K3N";

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A real server; answers its address and what it was asked. */
async function serve(answer: (response: ServerResponse) => void): Promise<{ host: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      calls.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

const status = (code: number, headers = {}) =>
  serve((response) => response.writeHead(code, headers).end("body"));

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

test("delivers the payload as JSON", async () => {
  const { host, calls } = await status(200);
  expect(await notifyWebhooks([`http://${host}/hook/${SECRET}?a=1`], { run: "2025Q2-1", text: "é" })).toEqual(
    [],
  );
  expect(calls).toMatchObject([
    {
      method: "POST",
      url: `/hook/${SECRET}?a=1`,
      headers: { "content-type": "application/json" },
      body: '{"run":"2025Q2-1","text":"é"}',
    },
  ]);
});

test("no webhook, no problem", async () => {
  expect(await notifyWebhooks([], {})).toEqual([]);
});

describe("problems name the host and never the rest", () => {
  const problems: [string, () => Promise<{ url: string; target: string; problem: string | RegExp }>][] = [
    [
      "an error of the server",
      async () => {
        const { host } = await status(500);
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: "it answered 500" };
      },
    ],
    [
      "not found",
      async () => {
        const { host } = await status(404);
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: "it answered 404" };
      },
    ],
    [
      "nobody listens",
      async () => {
        const host = await closedPort();
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /ECONNREFUSED/ };
      },
    ],
    [
      "nobody listens at a name with several addresses",
      async () => {
        const host = (await closedPort()).replace("127.0.0.1", "localhost");
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /ECONNREFUSED/ };
      },
    ],
    [
      "a redirect, which would carry the payload elsewhere",
      async () => {
        const other = await status(200);
        const { host } = await status(307, { location: `http://${other.host}/${SECRET}` });
        onTestFinished(() => expect(other.calls).toEqual([]));
        return {
          url: `http://${host}/${SECRET}`,
          target: `webhook at ${host}`,
          problem: "unexpected redirect",
        };
      },
    ],
    [
      "no answer",
      async () => {
        const { host } = await serve(() => undefined);
        return {
          url: `http://${host}/${SECRET}`,
          target: `webhook at ${host}`,
          problem: "no answer within 0.2 s",
        };
      },
    ],
    [
      "a connection that breaks off",
      async () => {
        const { host } = await serve((response) => response.destroy());
        return { url: `http://${host}/${SECRET}`, target: `webhook at ${host}`, problem: /./ };
      },
    ],
    [
      "not a URL",
      async () => ({ url: `${SECRET}`, target: "webhook", problem: "what is configured is not a URL" }),
    ],
    [
      "no such protocol",
      async () => ({
        url: `gopher://example.invalid/${SECRET}`,
        target: "webhook at example.invalid",
        problem: "unknown scheme",
      }),
    ],
    [
      "a port that fetch refuses",
      async () => ({
        url: `http://127.0.0.1:9/${SECRET}`,
        target: "webhook at 127.0.0.1:9",
        problem: "bad port",
      }),
    ],
    [
      "a password that is no password",
      async () => ({
        url: `http://user:${SECRET}%zz@127.0.0.1:1234/`,
        target: "webhook at 127.0.0.1:1234",
        problem: "it could not be asked",
      }),
    ],
  ];

  test.each(problems)("%s", async (_name, make) => {
    const { url, target, problem } = await make();
    const found = await notifyWebhooks([url], {}, { timeoutMs: 200 });
    expect(found).toEqual([
      { target, problem: typeof problem === "string" ? problem : expect.stringMatching(problem) },
    ]);
    expect(JSON.stringify(found)).not.toContain(SECRET);
  });
});

test("a user and a password in the URL become a header", async () => {
  const { host, calls } = await status(204);
  expect(await notifyWebhooks([`http://me:s%3Acret@${host}/hook`], {})).toEqual([]);
  expect(calls[0]!.headers.authorization).toBe(`Basic ${Buffer.from("me:s:cret").toString("base64")}`);
  expect(calls[0]!.url).toBe("/hook");
});

test("one that fails never keeps the others from being told", async () => {
  const [good, bad, silent] = [await status(200), await status(503), await serve(() => undefined)];
  const urls = [silent, bad, good].map(({ host }) => `http://${host}/`);
  const found = await notifyWebhooks(["nonsense", ...urls], {}, { timeoutMs: 200 });
  expect(found.map(({ problem }) => problem)).toEqual([
    "what is configured is not a URL",
    "no answer within 0.2 s",
    "it answered 503",
  ]);
  expect(good.calls).toHaveLength(1);
});
