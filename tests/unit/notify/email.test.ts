import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { deliverNotice } from "../../../src/notify/deliver.js";
import { emailChannels } from "../../../src/notify/email.js";
import { header, mailServer } from "../../support/mail-server.js";
import { makeCertificates } from "../registry/mlflow/http/support/certificates.js";
import { closedPort, delivery, NOTICE, openLedger, serve } from "./support.js";

const certificates = makeCertificates();
const PASSWORD = "s3cr3t+/p@ss:w%rd";
const LOGIN = { user: "mailer", password: PASSWORD };

const channels = (server: string, more: Partial<Parameters<typeof emailChannels>[0]> = {}) =>
  emailChannels({
    to: ["On Call <oncall@example.com>"],
    from: "Forecasts <forecasts@example.com>",
    server,
    login: null,
    ca: null,
    subject: null,
    ...more,
  });

describe("a mail", () => {
  test("has the page as text, the same as HTML, and a Message-ID that a repeat shares", async () => {
    const { host, mails } = await mailServer();
    const tell = (subject: string) =>
      deliverNotice(channels(`smtp://${host}`), { ...NOTICE, subject }, delivery());
    expect(await tell("sha256:d1")).toMatchObject([
      { target: "e-mail to On Call <oncall@example.com>", state: "delivered", attempts: 1 },
    ]);
    await tell("sha256:d1");
    await tell("sha256:d2");
    const { source, from, to } = mails[0]!;
    expect([from, to]).toEqual(["forecasts@example.com", ["oncall@example.com"]]);
    expect(header(source, "Subject")).toBe(NOTICE.title);
    expect(header(source, "Auto-Submitted")).toBe("auto-generated");
    expect(header(source, "Content-Type")).toMatch(/^multipart\/alternative/);
    expect(source).toContain("text/plain");
    expect(source).toContain("text/html");
    expect(source).toContain("**What stays live?**");
    expect(source).toContain("&lt;n 912 &amp; more&gt;");
    const ids = mails.map((mail) => header(mail.source, "Message-ID"));
    expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test("has a subject of its own where the runbook says so, and never another header in it", async () => {
    const { host, mails } = await mailServer();
    const notice = { ...NOTICE, title: "escalated\r\nBcc: other@example.com" };
    await deliverNotice(channels(`smtp://${host}`, { subject: "[forecasts]" }), notice, delivery());
    expect(header(mails[0]!.source, "Subject")).toMatch(/^\[forecasts\]: escalated/);
    expect(header(mails[0]!.source, "Bcc")).toBeUndefined();
    expect(mails[0]!.to).toEqual(["oncall@example.com"]);
  });

  test("goes to each address on its own: one that is refused keeps no other back, and is tried again alone", async () => {
    const unknown = { code: 550, text: "no such user here" };
    const { host, mails } = await mailServer({
      refuse: (address, attempt) => (address.startsWith("gone") && attempt === 1 ? unknown : undefined),
    });
    const to = ["oncall@example.com", "gone@example.com"];
    const ledger = openLedger();
    const tell = () => deliverNotice(channels(`smtp://${host}`, { to }), NOTICE, delivery({ ledger }));
    expect(await tell()).toMatchObject([
      { state: "delivered" },
      { state: "failed", attempts: 1, problem: "the server answered: 550 no such user here" },
    ]);
    expect(await tell()).toMatchObject([{ state: "delivered-before" }, { state: "delivered" }]);
    expect(mails.map((mail) => mail.to)).toEqual([["oncall@example.com"], ["gone@example.com"]]);
    for (const { source } of mails) expect(header(source, "To")).toBe(to.join(", "));
  });

  test("that is put off is sent again", async () => {
    const greylisted = { code: 450, text: "greylisted, try again" };
    const { host, mails } = await mailServer({
      refuse: (_address, attempt) => (attempt === 1 ? greylisted : undefined),
    });
    expect(await deliverNotice(channels(`smtp://${host}`), NOTICE, delivery())).toMatchObject([
      { state: "delivered", attempts: 2 },
    ]);
    expect(mails).toHaveLength(1);
    const always = await mailServer({ refuse: () => greylisted });
    expect(await deliverNotice(channels(`smtp://${always.host}`), NOTICE, delivery())).toMatchObject([
      { attempts: 3, problem: "the server answered: 450 greylisted, try again" },
    ]);
  });
});

describe("a login", () => {
  const tls = certificates.server;
  const ca = certificates.authority;

  test("by STARTTLS and by TLS, from the URL or beside it", async () => {
    const plain = await mailServer({ login: LOGIN, tls });
    const secure = await mailServer({ login: LOGIN, tls, secure: true });
    const inUrl = `${LOGIN.user}:${encodeURIComponent(PASSWORD)}@`;
    for (const [server, more] of [
      [`smtp://${inUrl}${plain.host}`, {}],
      [`smtps://${inUrl}${secure.host}`, {}],
      [`smtp://${plain.host}`, { login: LOGIN }],
    ] as const)
      expect(await deliverNotice(channels(server, { ca, ...more }), NOTICE, delivery())).toMatchObject([
        { state: "delivered", problem: null },
      ]);
    const all = [...plain.mails, ...secure.mails];
    expect(all).toHaveLength(3);
    for (const mail of all) expect(mail).toMatchObject({ secure: true, user: LOGIN.user });
  });

  test("never goes over a line in the clear, nor to a server that cannot prove its name", async () => {
    const open = await mailServer({ login: LOGIN });
    const [unencrypted] = await deliverNotice(
      channels(`smtp://${open.host}`, { login: LOGIN }),
      NOTICE,
      delivery(),
    );
    expect(unencrypted).toMatchObject({ state: "failed", attempts: 1 });
    expect(unencrypted!.problem).toMatch(/^STARTTLS failed: 500/);
    const selfSigned = await mailServer({ login: LOGIN, tls });
    const [untrusted] = await deliverNotice(
      channels(`smtp://${selfSigned.host}`, { login: LOGIN }),
      NOTICE,
      delivery(),
    );
    expect(untrusted).toMatchObject({ state: "failed" });
    expect(untrusted!.problem).toMatch(/certificate/);
    expect([...open.logins, ...selfSigned.logins]).toEqual([]);
  });

  test("that is refused is told without the password, whatever the server repeats", async () => {
    const { host } = await mailServer({ login: LOGIN, tls });
    const wrong = "wr0ng+/p@ss:w%rd";
    const ledger = openLedger();
    for (const [server, login] of [
      [`smtp://mailer:${encodeURIComponent(wrong)}@${host}`, null],
      [`smtp://${host}`, { user: "mailer", password: wrong }],
    ] as const) {
      const [told] = await deliverNotice(channels(server, { ca, login }), NOTICE, delivery({ ledger }));
      expect(told).toMatchObject({
        attempts: 1,
        problem: "the server refused the login: 535 no such login: mailer ***",
      });
      expect(JSON.stringify([told, ledger.lines])).not.toContain("wr0ng");
    }
  });
});

describe("a server that does not answer", () => {
  test("is asked again, and named by its address only", async () => {
    const host = await closedPort();
    const [told] = await deliverNotice(
      channels(`smtp://mailer:${encodeURIComponent(PASSWORD)}@${host}`),
      NOTICE,
      delivery(),
    );
    expect(told).toMatchObject({ state: "failed", attempts: 3 });
    expect(told!.problem).toMatch(/ECONNREFUSED/);
    expect(JSON.stringify(told)).not.toContain("s3cr3t");
  });

  test("is given up at the time limit", async () => {
    const { host } = await mailServer({ hold: new Promise(() => undefined) });
    const [told] = await deliverNotice(channels(`smtp://${host}`), NOTICE, delivery({ timeoutMs: 300 }));
    expect(told).toMatchObject({ attempts: 3, problem: "no answer within 0.3 s" });
  });

  test("Ctrl-C ends the wait at once", async () => {
    const { host, attempts } = await mailServer({ hold: new Promise(() => undefined) });
    const stop = new AbortController();
    const telling = deliverNotice(channels(`smtp://${host}`), NOTICE, delivery({ signal: stop.signal }));
    while (attempts.size === 0) await delay(10);
    const started = performance.now();
    stop.abort("SIGINT");
    expect(await telling).toMatchObject([{ attempts: 1, problem: "the run was interrupted" }]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test("what is no mail server, or no file of certificates, is said", async () => {
  const noServer =
    "what is configured is no smtp://HOST or smtps://HOST; a password with / ? # or @ goes into `password`";
  const web = await serve((response) => response.end());
  const problems = await Promise.all(
    [
      channels(`https://${web.host}`),
      channels(`smtp://mailer:${PASSWORD}@mail.example.com`),
      channels("smtp://127.0.0.1:1", { ca: "/nowhere/ca.pem" }),
    ].map(async ([channel]) => (await deliverNotice([channel!], NOTICE, delivery()))[0]!.problem),
  );
  expect(problems).toEqual([noServer, noServer, "the file that `ca` names cannot be read: ENOENT"]);
});
