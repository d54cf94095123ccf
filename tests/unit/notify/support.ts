import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { DeliveryOptions } from "../../../src/notify/deliver.js";
import type { NotificationEntry, NotificationLedger } from "../../../src/notify/ledger.js";
import type { Notice } from "../../../src/notify/notice.js";

export const SECRET = "T0K3N-t0k3n-T0K3N";

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A real server; answers its address and what it was asked. */
export async function serve(
  answer: (response: ServerResponse, call: Call) => void,
): Promise<{ host: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const call = { method: request.method, url: request.url, headers: request.headers, body };
      calls.push(call);
      answer(response, call);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

export const status = (code: number, headers = {}, body = "body") =>
  serve((response) => response.writeHead(code, headers).end(body));

/** Answers with these codes in turn, and with the last one from then on. */
export function answering(...codes: readonly number[]): ReturnType<typeof serve> {
  let call = 0;
  return serve((response) => response.writeHead(codes[Math.min(call++, codes.length - 1)]!).end());
}

export async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

type Line = Omit<NotificationEntry, "at">;

/** A ledger that keeps its lines in memory, over `before`. */
export function openLedger(before: readonly Line[] = []): NotificationLedger & { lines: Line[] } {
  const lines = [...before];
  return {
    lines,
    delivered: async (key) => lines.some((line) => line.key === key && line.state === "delivered"),
    record: async (line) => void lines.push(line),
  };
}

/** Options of a delivery that never pauses. */
export const delivery = (given: Partial<DeliveryOptions> = {}): DeliveryOptions => ({
  ledger: openLedger(),
  wait: async () => undefined,
  signal: new AbortController().signal,
  ...given,
});

export const NOTICE: Notice = {
  occasion: "escalated",
  subject: "sha256:d1",
  title: "room-demand 2025Q2 escalated: version 4 needs a decision",
  summary: [
    "Not at once: services go on as before. By 2025-07-06 forecasting decides whether version 4 may go live.",
    "room-demand@best still serves version 3. Version 4 is registered, but not live.",
    "1 rule failed (accuracy). accuracy.wmape is 31.0%, at most 20.0%.",
  ],
  facts: [
    { label: "Owner", value: "forecasting" },
    { label: "Run", value: "2025Q2-1" },
  ],
  points: ["accuracy failed: accuracy.wmape is 31.0%, at most 20.0% <n 912 & more>"],
  commands: [
    { command: "retrain escalation 2025Q2-1", purpose: "read this page again" },
    { command: "retrain quarter 2025Q2 --from gate --set 'gate.rules.0.max=*0.3*'", purpose: "judge again" },
  ],
  links: [{ label: "Version in MLflow", url: "https://mlflow.example/#/models/room-demand/versions/4" }],
  markdown: "# Escalated: room-demand 2025Q2\n\n**What stays live?** version 3, *as it is*\n",
  payload: { format: 1, verdict: "escalated", run: "2025Q2-1" },
};
