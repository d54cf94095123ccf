import { createServer, type IncomingMessage, request as requestTo, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { tempFolder } from "../cli.js";

export interface Proxy {
  /** The file that it listens on. */
  readonly socket: string;
  /** Hosts that were asked for, with their ports: those that were reached, and those that were refused. */
  readonly reached: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  close(): Promise<void>;
}

/** A proxy that lets through to one host alone. */
export async function startProxy(
  allowed: string,
  whenOver?: Parameters<typeof tempFolder>[0],
): Promise<Proxy> {
  const reached = new Set<string>();
  const refused = new Set<string>();
  const sockets = new Set<Socket>();
  const mayReach = (host: string): boolean => {
    const may = host === allowed;
    (may ? reached : refused).add(host);
    return may;
  };
  const server = createServer((asked: IncomingMessage, answer: ServerResponse) => {
    const url = URL.canParse(asked.url ?? "") ? new URL(asked.url!) : null;
    if (url === null || !mayReach(hostOf(url))) {
      answer.writeHead(403).end();
      return;
    }
    const passed = requestTo(url, { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("connect", (asked, from, head) => {
    const host = asked.url ?? "";
    if (!mayReach(host)) {
      from.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const [name, port] = host.split(":");
    const to = connect(Number(port), name!, () => {
      from.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      to.write(head);
      from.pipe(to).pipe(from);
    });
    to.on("error", () => from.destroy());
    from.on("error", () => to.destroy());
  });
  const socket = join(tempFolder(whenOver), "proxy");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    reached,
    refused,
    close: () =>
      new Promise((resolve) => {
        for (const open of sockets) open.destroy();
        server.close(() => resolve());
      }),
  };
}

/** With its port, as a proxy is asked for it. */
export const hostOf = ({ hostname, port, protocol }: URL): string =>
  `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
