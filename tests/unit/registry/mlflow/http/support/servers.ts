import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { onTestFinished } from "vitest";
import { type Failure, FailureError } from "../../../../../../src/kit/failure.js";
import {
  type Connection,
  type ConnectionOptions,
  openConnection,
} from "../../../../../../src/registry/mlflow/http/connection.js";
import type { Environment } from "../../../../../../src/registry/mlflow/http/credentials.js";

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** `nth` counts the requests from 1. */
export type Answer = (response: ServerResponse, nth: number, call: Call) => void;

export interface TestServer {
  /** Host and port. */
  readonly host: string;
  readonly port: number;
  readonly calls: Call[];
}

/** Listens on a free port of 127.0.0.1 until the test is over. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function served(
  create: (listener: (request: IncomingMessage, response: ServerResponse) => void) => Server,
  answer: Answer,
): Promise<TestServer> {
  const calls: Call[] = [];
  const server = create((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const call = { method, url, headers, body: Buffer.concat(chunks).toString() };
      calls.push(call);
      answer(response, calls.length, call);
    });
  });
  const port = await listening(server);
  return { host: `127.0.0.1:${port}`, port, calls };
}

export const serve = (answer: Answer): Promise<TestServer> =>
  served((listener) => createServer(listener), answer);

export const serveTls = (options: ServerOptions, answer: Answer): Promise<TestServer> =>
  served((listener) => createTlsServer(options, listener), answer);

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify(body));

/** The answers one after the other, the last for good. */
export const inTurn =
  (...answers: readonly Answer[]): Answer =>
  (response, nth, call) =>
    answers[Math.min(nth, answers.length) - 1]!(response, nth, call);

export const OK = json({ ok: true });

/**
 * A proxy that passes plain requests on and tunnels others. `allow` may refuse with another status than 200; `upstream` is where every host name
 * leads to, by default where it says.
 */
export async function serveProxy(
  allow: () => number = () => 200,
  upstream?: string,
): Promise<{ host: string; seen: string[]; headers: IncomingMessage["headers"][] }> {
  const seen: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const note = (what: string, of: IncomingMessage): number => {
    seen.push(what);
    headers.push(of.headers);
    return allow();
  };
  const server = createServer((incoming, outgoing) => {
    const status = note(`${incoming.method} ${incoming.url}`, incoming);
    if (status !== 200) return void outgoing.writeHead(status).end("the proxy says no");
    const onward = request(
      new URL(new URL(incoming.url!).pathname, upstream ?? incoming.url!),
      { method: incoming.method!, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.writeHead(502).end("the proxy cannot connect"));
    return void incoming.pipe(onward);
  });
  server.on("connect", (incoming, client) => {
    const status = note(`CONNECT ${incoming.url}`, incoming);
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onward = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(client);
      client.pipe(onward);
    });
    onward.on("error", () => client.end("HTTP/1.1 502 No\r\n\r\n"));
    client.on("error", () => onward.destroy());
    return undefined;
  });
  return { host: `127.0.0.1:${await listening(server)}`, seen, headers };
}

export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** A connection that does not really wait; `pauses` says how long it would have. */
export async function opened(
  uri: string,
  env: Environment = {},
  options: ConnectionOptions = {},
): Promise<Connection & { pauses: number[] }> {
  const pauses: number[] = [];
  const wait = async (ms: number) => void pauses.push(ms);
  const connection = await openConnection(uri, env, { wait, random: () => 0.5, ...options });
  onTestFinished(() => connection.close());
  return { ...connection, pauses };
}

export const API = "/api/2.0/mlflow";

export const get = (
  connection: Connection,
  path = `${API}/runs/get`,
  init: RequestInit = {},
): Promise<Response> => connection.fetch(new Request(`${connection.baseUrl}${path}`, init));

export const post = (
  connection: Connection,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  connection.fetch(
    new Request(`${connection.baseUrl}${API}${path}`, {
      method: "POST",
      body: '{"a":1}',
      headers: { "content-type": "application/json", ...headers },
    }),
  );

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof FailureError) return error.failure;
  throw error;
}
