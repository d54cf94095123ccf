import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { header, type MailServerOptions, mailServer } from "../support/mail-server.js";
import { simpleProject } from "../support/project.js";

const TOKEN = "T0K3N-of-the-webhook";
const PASSWORD = "p4ss-of-the-mailer";

/** A receiver of webhooks on a port, or on any; it keeps what it gets. */
async function receiver(port = 0) {
  const posts: { readonly key: unknown; readonly body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      posts.push({
        key: request.headers["idempotency-key"],
        body: JSON.parse(body) as Record<string, unknown>,
      });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return { posts, close, port: (server.address() as AddressInfo).port };
}

/** The reference runbook with these channels instead of its own. */
function project(channels: readonly object[]): string {
  const cwd = simpleProject();
  const path = join(cwd, "runbook.yaml");
  const text = readFileSync(path, "utf8").replace(
    /^ {2}notify: .*$/m,
    () => `  notify: ${JSON.stringify(channels)}`,
  );
  writeFileSync(path, text);
  return cwd;
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of the runbook
const HOOK = { webhook: "${HOOK_URL:-}", shape: "slack" };
const MAIL = {
  email: { to: "oncall@example.com", from: "forecasts@example.com", server: "${SMTP_URL:-}" },
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of the runbook

const environment = (hook: number, smtp: number, login = "") => ({
  HOOK_URL: `http://127.0.0.1:${hook}/services/${TOKEN}`,
  SMTP_URL: `smtp://${login}127.0.0.1:${smtp}`,
});

const DRIFTED = ["quarter", "2025Q2", "--set", "data.source=fixtures/drifted/demand.csv"];

describe("an escalation", () => {
  test("tells webhook and mailbox once, after the page is on disk", async () => {
    const cwd = project([HOOK, MAIL]);
    const [hook, mail] = [await receiver(), await mailServer()];
    const env = environment(hook.port, mail.port);
    const dry = await retrainJson([...DRIFTED, "--dry-run"], { cwd, env });
    expect(dry).toMatchObject({ exitCode: 3, document: { notifications: [] } });
    expect([hook.posts, mail.mails]).toEqual([[], []]);

    const { exitCode, document } = await retrainJson(DRIFTED, { cwd, env });
    expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 3, verdict: "escalated" });
    expect(document.notifications).toEqual([
      {
        channel: expect.stringMatching(/^127\.0\.0\.1:\d+-[0-9a-f]{12}$/),
        target: `webhook at 127.0.0.1:${hook.port}`,
        state: "delivered",
        attempts: 1,
        problem: null,
      },
      {
        channel: expect.stringMatching(/^email-[0-9a-f]{12}$/),
        target: "e-mail to oncall@example.com",
        state: "delivered",
        attempts: 1,
        problem: null,
      },
    ]);
    expect(hook.posts[0]!.body).toMatchObject({
      text: expect.stringContaining("room-demand 2025Q2 escalated"),
    });
    const { source } = mail.mails[0]!;
    expect(header(source, "Subject")).toMatch(/^room-demand 2025Q2 escalated: version \d+ needs a decision$/);
    expect(source).toContain(`retrain escalation ${document.run}`);

    const again = await retrainJson(DRIFTED, { cwd, env });
    expect(again.document.notifications?.map(({ state, attempts }) => [state, attempts])).toEqual([
      ["delivered-before", 0],
      ["delivered-before", 0],
    ]);
    expect([hook.posts.length, mail.mails.length]).toEqual([1, 1]);
  });

  test("that reaches nobody is the same escalation, says so, and the next run delivers it once", async () => {
    const cwd = project([HOOK, MAIL]);
    const [hook, mail] = [await receiver(), await mailServer()];
    await Promise.all([hook.close(), mail.close()]);
    const env = environment(hook.port, mail.port, `mailer:${PASSWORD}@`);
    const down = await retrain(DRIFTED, { cwd, env });
    expect(down.exitCode).toBe(3);
    expect(down.stderr).toMatch(/ESCALATED/);
    expect(down.stderr).toMatch(/webhook at 127\.0\.0\.1:\d+ was not told: .*ECONNREFUSED.*, 3 times/);
    expect(down.stderr).toMatch(/e-mail to oncall@example\.com was not told: .*ECONNREFUSED.*, 3 times/);
    expect(down.stderr).toMatch(/2 notifications of 2 not delivered/);
    expect(down.stderr).toMatch(/The verdict stands\. `retrain quarter 2025Q2 .*` delivers what is missing/);
    const status = await retrain(["status"], { cwd });
    expect(status.stdout).toMatch(/e-mail to oncall@example\.com +✖ not delivered +3/);
    const { notifications } = JSON.parse((await retrain(["status", "--json"], { cwd })).stdout) as {
      notifications: { state: string; attempts: number }[];
    };
    expect(notifications.map(({ state, attempts }) => [state, attempts])).toEqual([
      ["failed", 3],
      ["failed", 3],
    ]);
    for (const text of [down.stderr, down.stdout, status.stdout, ledger(cwd)])
      for (const secret of [TOKEN, PASSWORD]) expect(text).not.toContain(secret);

    const options: MailServerOptions = { port: mail.port };
    const [hookUp, mailUp] = [await receiver(hook.port), await mailServer(options)];
    const up = environment(hook.port, mail.port);
    const next = await retrainJson(DRIFTED, { cwd, env: up });
    expect(next.exitCode).toBe(3);
    expect(next.document.notifications?.map(({ state }) => state)).toEqual(["delivered", "delivered"]);
    await retrainJson(DRIFTED, { cwd, env: up });
    expect([hookUp.posts.length, mailUp.mails.length]).toEqual([1, 1]);
  });
});

/** Every attempt of every run, as it is on the disk. */
const ledger = (cwd: string): string => {
  const runs = join(cwd, ".retrain", "runs", "2025Q2-1");
  return ["notifications.jsonl", "notifications.json", "journal.jsonl", "document.json"]
    .map((file) => readFileSync(join(runs, file), "utf8"))
    .join("");
};

test("promoted and failed runs tell those who asked for it", async () => {
  const hook = await receiver();
  const env = environment(hook.port, 1);
  const cwd = project([{ ...HOOK, shape: "json", on: ["promoted", "failed"] }, MAIL]);
  const failed = await retrainJson(["quarter", "2025Q2", "--set", "data.source=nowhere.csv"], { cwd, env });
  expect(failed).toMatchObject({ exitCode: 1, document: { notifications: [{ state: "delivered" }] } });
  const promoted = await retrainJson(["quarter", "2025Q2"], { cwd, env });
  expect(promoted).toMatchObject({ exitCode: 0, document: { notifications: [{ state: "delivered" }] } });
  expect(hook.posts.map(({ body }) => body)).toMatchObject([
    { verdict: "failed", failures: [{ step: "validate", code: "data.source-missing" }] },
    { verdict: "promoted", champion: { before: null, after: "1" } },
  ]);
});

describe("retrain notify test", () => {
  test("sends a marked message to every channel, each time, and tells who was reached", async () => {
    const [hook, mail] = [await receiver(), await mailServer()];
    const command = { command: [process.execPath, "-e", "process.exit(4)"] };
    const cwd = project([HOOK, MAIL, command, { webhook: "" }]);
    const env = environment(hook.port, mail.port);
    for (let time = 0; time < 2; time++) {
      const told = await retrain(["notify", "test"], { cwd, env });
      expect(told.exitCode).toBe(1);
      expect(told.stdout).toMatch(/webhook at 127\.0\.0\.1:\d+ +✔ delivered/);
      expect(told.stdout).toMatch(/e-mail to oncall@example\.com +✔ delivered/);
      expect(told.stdout).toMatch(/command node +✖ not delivered +1 +exit code 4/);
      expect(told.stdout).toMatch(/notify 4: webhook +its URL is empty/);
      expect(told.stderr).toMatch(/1 of 3 test messages not delivered/);
    }
    expect(mail.mails.map(({ source }) => header(source, "Subject"))).toEqual([
      "TEST: notifications of room-demand reach you",
      "TEST: notifications of room-demand reach you",
    ]);
    expect(new Set(mail.mails.map(({ source }) => header(source, "Message-ID"))).size).toBe(2);
    expect(new Set(hook.posts.map(({ key }) => key)).size).toBe(2);

    const one = await retrain(["notify", "test", "--channel", "2", "--json"], { cwd, env });
    expect(one.exitCode).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({
      ok: true,
      channels: [{ item: 2, kind: "email", on: ["escalated"], deliveries: [{ state: "delivered" }] }],
    });
    expect(hook.posts).toHaveLength(2);
  });

  test("fails when nobody would be told", async () => {
    const unset = await retrain(["notify", "test"], { cwd: simpleProject() });
    expect([unset.exitCode, unset.stderr]).toEqual([1, expect.stringMatching(/Nobody would be told/)]);
    const none = await retrain(["notify", "test"], { cwd: project([]) });
    expect([none.exitCode, none.stderr]).toEqual([
      2,
      expect.stringMatching(/escalation\.notify .* is empty/),
    ]);
    const beyond = await retrain(["notify", "test", "--channel", "2"], { cwd: simpleProject() });
    expect([beyond.exitCode, beyond.stderr]).toEqual([2, expect.stringMatching(/which has 1 item/)]);
  });
});

test("Ctrl-C while a receiver does not answer ends the run at once, with its verdict", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const cwd = project([HOOK]);
  let kill: (signal: NodeJS.Signals) => void = () => undefined;
  const asked = new Promise<number>((resolve) => silent.once("request", () => resolve(performance.now())));
  void asked.then(() => kill("SIGINT"));
  const ended = await retrain(DRIFTED, {
    cwd,
    env: environment((silent.address() as AddressInfo).port, 1),
    onStart: (start) => {
      kill = start;
    },
  });
  expect(performance.now() - (await asked)).toBeLessThan(5000);
  expect(ended.exitCode).toBe(3);
  expect(ended.stderr).toMatch(/was not told: the run was interrupted/);
});
