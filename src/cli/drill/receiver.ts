import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One POST that arrived. */
export interface Post {
  readonly channel: string;
  /** `Idempotency-Key` header, or the whole body for a sender that has none. */
  readonly key: string;
}

export interface Receiver {
  urlOf(channel: string): string;
  /** What a project (its folder's name) was told so far, in the order of arrival. */
  posts(project: string): readonly Post[];
  /** Calls `arrived` for the next POST of a project, before it is answered. */
  onNextPost(project: string, arrived: (post: Post) => void): void;
  close(): Promise<void>;
}

/** A webhook on this machine. Every project sends to the same URL, so that runbooks are equal; the payload's runbook path tells them apart. */
export async function startReceiver(): Promise<Receiver> {
  const byProject = new Map<string, Post[]>();
  const listeners = new Map<string, (post: Post) => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const project = (JSON.parse(body) as { runbook: string }).runbook.split("/")[0]!;
      const header = request.headers["idempotency-key"];
      const post = { channel: request.url!.slice(1), key: typeof header === "string" ? header : body };
      byProject.set(project, [...(byProject.get(project) ?? []), post]);
      const listener = listeners.get(project);
      listeners.delete(project);
      listener?.(post);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (channel) => `http://127.0.0.1:${port}/${channel}`,
    posts: (project) => byProject.get(project) ?? [],
    onNextPost: (project, arrived) => void listeners.set(project, arrived),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
