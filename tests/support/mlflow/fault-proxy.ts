import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestTo,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What goes wrong with one call. "Reset" is a TCP reset, as of a program that was killed or a firewall that gave up. */
export type Fault =
  /** The call is reset before it reaches the server, and for so many ms nobody listens on the port. */
  | { readonly kind: "refuse"; readonly ms: number }
  /** Reset, and the server never hears of the call. */
  | { readonly kind: "reset-before" }
  /** The server has done it, and the answer is lost. */
  | { readonly kind: "reset-after" }
  /** The server has done it, and half of the answer's body arrives. */
  | { readonly kind: "reset-in-answer" }
  /** The proxy answers this itself. The server never hears of the call, or, with `done`, has done it. */
  | {
      readonly kind: "answer";
      readonly done?: boolean;
      readonly status: number;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: string;
    }
  /** The server has done it, and the answer comes so many ms late. */
  | { readonly kind: "stall"; readonly ms: number }
  /**
   * Runs something, e.g. a kill -9 of the server, before the call is passed on or after the server has done it; then all goes its way. Where it
   * throws, the call is reset.
   */
  | { readonly kind: "hook"; readonly when: "before" | "after"; readonly run: () => Promise<void> };

export const tooManyRequests = (retryAfterSeconds: number): Fault => ({
  kind: "answer",
  status: 429,
  headers: { "retry-after": String(retryAfterSeconds), "content-type": "text/plain" },
  body: "Too Many Requests",
});

export const internalError: Fault & { readonly kind: "answer" } = {
  kind: "answer",
  status: 500,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error_code: "INTERNAL_ERROR", message: "injected" }),
};

/** What a gateway says while the server behind it restarts. */
export const unavailableHtml: Fault = {
  kind: "answer",
  status: 503,
  headers: { "content-type": "text/html" },
  body: "<html><head><title>503 Service Temporarily Unavailable</title></head><body>nginx</body></html>",
};

export interface FaultRule {
  readonly fault: Fault;
  /** Default: any. */
  readonly method?: string;
  /** A part of the path without its query, or a pattern of it. Default: any. */
  readonly path?: string | RegExp;
  /** Which of the calls that match, counted from 1 since the rule was added; a list, or all. Default 1. */
  readonly on?: number | readonly number[] | "all";
}

export interface Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  /** Of the answer that the caller got; null when it got none. */
  status: number | null;
  /** Kind of the fault that met it. */
  readonly fault: Fault["kind"] | null;
}

export interface FaultProxy {
  readonly uri: string;
  /** The first rule that matches a call and is due decides; every rule that matches counts it. Returns what removes the rule. */
  inject(rule: FaultRule): () => void;
  /** Removes every rule. */
  heal(): void;
  /** Every call since the start or the last `forget`, in the order of their arrival. */
  calls(): readonly Call[];
  /** How often each `METHOD path` was called, with ids in paths as `*`, sorted by name. */
  counts(): Readonly<Record<string, number>>;
  forget(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of loopback. One HTTP request of a caller is one HTTP request to `target`, on a connection of its own. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target);
  const sockets = new Set<Socket>();
  const rules = new Set<{ readonly rule: FaultRule; seen: number }>();
  let calls: Call[] = [];
  let stopped = false;

  const faultOf = (method: string, path: string): Fault | null => {
    let due: Fault | null = null;
    for (const known of rules) {
      if (!matches(known.rule, method, path)) continue;
      known.seen++;
      if (due === null && isDue(known.rule, known.seen)) due = known.rule.fault;
    }
    return due;
  };

  const server = createServer((incoming, outgoing) => {
    const [path = "", query = ""] = (incoming.url ?? "").split("?", 2);
    const method = incoming.method ?? "";
    const fault = faultOf(method, path);
    const call: Call = { method, path, query, status: null, fault: fault?.kind ?? null };
    calls.push(call);
    handle(incoming, outgoing, call, fault).catch(() => reset(incoming.socket));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A caller that gave up, or that was reset on purpose.
    socket.on("error", () => undefined);
  });

  async function handle(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    call: Call,
    fault: Fault | null,
  ): Promise<void> {
    const body = await bodyOf(incoming);
    if (fault?.kind === "refuse") {
      await refuseFor(fault.ms);
      return;
    }
    if (fault?.kind === "reset-before") return reset(incoming.socket);
    if (fault?.kind === "answer") {
      if (fault.done) await forward(upstream, incoming, body);
      call.status = fault.status;
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    if (fault?.kind === "hook" && fault.when === "before") await fault.run();
    const answer = await forward(upstream, incoming, body);
    if (fault?.kind === "hook" && fault.when === "after") await fault.run();
    if (fault?.kind === "reset-after") return reset(incoming.socket);
    if (fault?.kind === "stall") await delay(fault.ms, undefined, { ref: false });
    outgoing.writeHead(answer.status, answer.headers);
    if (fault?.kind === "reset-in-answer") {
      await new Promise((sent) =>
        outgoing.write(answer.body.subarray(0, Math.ceil(answer.body.length / 2)), sent),
      );
      // A reset overtakes what the caller's system has not handed to it yet.
      await delay(20);
      return reset(incoming.socket);
    }
    call.status = answer.status;
    outgoing.end(answer.body);
  }

  /** Resets every connection, not just the one of the call, as a server's end does, and listens on the same port again later. */
  async function refuseFor(ms: number): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) reset(socket);
    await closed;
    await delay(ms, undefined, { ref: false });
    if (!stopped) await listen(server, port);
  }

  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    inject(rule) {
      const known = { rule, seen: 0 };
      rules.add(known);
      return () => void rules.delete(known);
    },
    heal: () => rules.clear(),
    calls: () => calls,
    counts: () => countsOf(calls),
    forget() {
      calls = [];
    },
    async stop() {
      stopped = true;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const reset = (socket: Socket): void => void socket.resetAndDestroy();

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => {
      server.off("error", reject);
      resolve();
    });
  });

function matches(rule: FaultRule, method: string, path: string): boolean {
  if (rule.method !== undefined && rule.method !== method) return false;
  if (rule.path === undefined) return true;
  return typeof rule.path === "string" ? path.includes(rule.path) : path.search(rule.path) !== -1;
}

function isDue({ on = 1 }: FaultRule, seen: number): boolean {
  if (on === "all") return true;
  return typeof on === "number" ? on === seen : on.includes(seen);
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Headers about one connection, and about how a body is cut up on it (RFC 9110, 7.6.1). */
const OF_THE_CONNECTION =
  /^(connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|content-length)$/;

const passedOn = (message: IncomingMessage): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(message.headers).filter(([name]) => !OF_THE_CONNECTION.test(name)));

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

function forward(upstream: URL, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method } = incoming;
  const hasBody = body.length > 0 || incoming.headers["content-length"] !== undefined;
  return new Promise((resolve, reject) => {
    const call = requestTo(
      {
        host: upstream.hostname,
        port: upstream.port,
        method,
        path: incoming.url,
        headers: { ...passedOn(incoming), ...(hasBody ? { "content-length": body.length } : {}) },
        // The server may close an idle connection just when it is used again, which would be a fault that nobody asked for.
        agent: false,
      },
      (answer) => {
        bodyOf(answer).then((own) => {
          const length = method === "HEAD" ? answer.headers["content-length"] : own.length;
          const hasLength = length !== undefined && answer.statusCode !== 204 && answer.statusCode !== 304;
          const headers = { ...passedOn(answer), ...(hasLength ? { "content-length": length } : {}) };
          resolve({ status: answer.statusCode ?? 502, headers, body: own });
        }, reject);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

/** Paths of MLflow's API that hold ids and file names. */
const ID_PATHS: readonly (readonly [RegExp, string])[] = [
  [/(\/mlflow-artifacts\/artifacts\/).*$/, "$1*"],
  [/(\/mlflow-artifacts\/mpu\/[a-z]+\/).*$/, "$1*"],
  [/(\/mlflow\/logged-models\/)m-[^/]+/, "$1*"],
];

function countsOf(calls: readonly Call[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { method, path } of calls) {
    const name = ID_PATHS.reduce((text, [pattern, by]) => text.replace(pattern, by), `${method} ${path}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
