import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "../../src/stats/random.js";
import { mutate } from "./mutate.js";

export interface MutatingProxy {
  readonly uri: string;
  /** From now on the call with this number, counted from 0, gets a damaged answer. */
  arm(call: number, random: Random): void;
  /** Answers as they are. Says what was damaged since it was armed. */
  disarm(): string | null;
  stop(): void;
}

/** Stands before a server of loopback and damages one answer: its body, or its status. */
export async function startMutatingProxy(target: string): Promise<MutatingProxy> {
  let armed: { left: number; readonly random: Random } | null = null;
  let damaged: string | null = null;
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", target);
    const headers = { ...incoming.headers, host: url.host };
    const upstream = request(url, { method: incoming.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        let body: Buffer = Buffer.concat(chunks);
        let status = answer.statusCode ?? 502;
        if (armed !== null && armed.left-- === 0) {
          const { random } = armed;
          if (random.below(5) === 0) status = [200, 204, 301, 400, 404, 409, 413, 418, 500][random.below(9)]!;
          else body = mutate(body, random).bytes;
          damaged = `${incoming.method} ${url.pathname} (${status})`;
          armed = null;
        }
        const { "content-length": _, "transfer-encoding": __, ...kept } = answer.headers;
        outgoing.writeHead(status, kept);
        outgoing.end(status === 204 ? undefined : body);
      });
    });
    upstream.on("error", () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm(call, random) {
      armed = { left: call, random };
      damaged = null;
    },
    disarm() {
      armed = null;
      return damaged;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
