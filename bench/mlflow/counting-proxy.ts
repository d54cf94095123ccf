import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Forwards to the server and counts calls by method and path, with ids left out. */
export async function countingProxy(target: URL) {
  let counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? "/").split("?")[0]!;
    const shape = path
      .replace(/(mlflow-artifacts\/artifacts).*/, "$1/…")
      .replace(/(logged-models)\/(?!search)[^/]+/, "$1/{id}")
      .replace(/^\/api\/2\.0\/mlflow\//, "");
    const key = `${incoming.method} ${shape}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const { hostname, port } = target;
    const headers = { ...incoming.headers, host: target.host };
    const forwarded = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers, agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(forwarded);
    forwarded.on("error", () => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    /** Counts since the last time. */
    taken(): ReadonlyMap<string, number> {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    close(): void {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
