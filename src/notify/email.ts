import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import type { ChannelSpec } from "../kit/channels.js";
import { decoded } from "../kit/percent-encoding.js";
import { brokenChannel, type Channel, notificationKey, type Refusal, shortHash } from "./channel.js";
import { emailHtml } from "./email-html.js";
import { clip, type Notice } from "./notice.js";

type EmailSpec = Extract<ChannelSpec, { kind: "email" }>;

const LIMIT_MS = 30_000;
/** Of the parts of one attempt: connecting, greeting, each answer. */
const PART_MS = 10_000;

/** Default ports: submission with STARTTLS, and submission over TLS. */
const PORTS: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };

/** One channel an address: a server may take one and refuse another, and only the refused one is tried again. */
export const emailChannels = (spec: Omit<EmailSpec, "kind" | "on">): Channel[] =>
  spec.to.map((address) => emailChannel(address, spec));

function emailChannel(address: string, spec: Omit<EmailSpec, "kind" | "on">): Channel {
  const id = `email-${shortHash(address.trim().toLowerCase())}`;
  const target = `e-mail to ${address}`;
  const server = serverOf(spec);
  if (server === null)
    return brokenChannel(
      id,
      target,
      "what is configured is no smtp://HOST or smtps://HOST; a password with / ? # or @ goes into `password`",
    );
  const password = server.login?.password ?? "";
  return {
    id,
    target,
    secrets: [
      password,
      encodeURIComponent(password),
      base64(password),
      base64(`\0${server.login?.user}\0${password}`),
    ],
    limitMs: LIMIT_MS,
    send: (notice, _key, signal) => send(notice, address, spec, server, signal),
  };
}

interface Server {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS. */
  readonly secure: boolean;
  readonly login: { readonly user: string; readonly password: string } | null;
}

/** Null for what is no such URL. */
function serverOf({ server, login }: Pick<EmailSpec, "server" | "login">): Server | null {
  if (!URL.canParse(server)) return null;
  const { protocol, hostname, port, username, password } = new URL(server);
  const standard = PORTS[protocol];
  if (standard === undefined || hostname === "") return null;
  const inUrl = username === "" ? null : { user: decoded(username), password: decoded(password) };
  return {
    // An IPv6 address stands in brackets in a URL only.
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? standard : Number(port),
    secure: protocol === "smtps:",
    login: login ?? inUrl,
  };
}

const base64 = (text: string): string => (text === "" ? "" : Buffer.from(text).toString("base64"));

/** Why the server would take no mail: it is connected to, and logged in at, and nothing is sent. Null when it would. */
export async function mailServerProblem(spec: Omit<EmailSpec, "kind" | "on">): Promise<string | null> {
  const server = serverOf(spec);
  if (server === null) return "what is configured is no smtp://HOST or smtps://HOST";
  const opened = await openTransport(spec.ca, server);
  if (opened.refusal !== undefined) return opened.refusal.problem;
  try {
    await opened.transport.verify();
    return null;
  } catch (error) {
    return refusalOf(error).problem;
  } finally {
    opened.transport.close();
  }
}

async function send(
  notice: Notice,
  address: string,
  { from, to, subject, ca }: Omit<EmailSpec, "kind" | "on">,
  server: Server,
  signal: AbortSignal,
): Promise<Refusal | null> {
  const opened = await openTransport(ca, server);
  if (opened.refusal !== undefined) return opened.refusal;
  const { transport } = opened;
  try {
    await transport.sendMail({
      from,
      to: [...to],
      // The address alone, so that what one address answers says nothing of the others.
      envelope: { from: bare(from), to: [bare(address)] },
      subject: clip(subject === null ? notice.title : `${subject}: ${notice.title}`, 200),
      text: notice.markdown,
      html: emailHtml(notice),
      messageId: messageId(notice, from),
      // Asks answering machines to keep quiet.
      headers: { "Auto-Submitted": "auto-generated" },
      signal,
    });
    return null;
  } catch (error) {
    if (signal.aborted) throw error;
    return refusalOf(error);
  } finally {
    transport.close();
  }
}

/** A connection that is made when it is used, or why there can be none. */
async function openTransport(ca: string | null, { host, port, secure, login }: Server) {
  let trusted: string | null;
  try {
    trusted = ca === null ? null : await readFile(ca, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return {
      refusal: { problem: `the file that \`ca\` names cannot be read: ${code}`, retryable: false },
    };
  }
  // Loaded only here: most runs send no mail.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure,
    // A password never goes over a line that anybody on the way can read.
    requireTLS: login !== null,
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    ...(trusted === null ? {} : { tls: { ca: [...rootCertificates, trusted] } }),
    connectionTimeout: PART_MS,
    greetingTimeout: PART_MS,
    socketTimeout: PART_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { transport };
}

/** The address in `Name <address>`. */
const bare = (address: string): string => /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address.trim();

/** The same for every attempt and every recipient, so that mailboxes and people recognise a repeat. */
function messageId(notice: Notice, from: string): string {
  const domain = /@([\w.-]+)$/.exec(bare(from))?.[1] ?? "retrain.invalid";
  return `<${notificationKey({ id: "email" }, notice.subject).slice(0, 32)}@${domain}>`;
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly response?: string;
  readonly responseCode?: number;
  /** Of single recipients, where each of them was refused. */
  readonly rejectedErrors?: readonly SmtpError[];
}

const isSmtpError = (error: unknown): error is SmtpError => error instanceof Error;

const WHAT_FAILED: Readonly<Record<string, string>> = {
  EAUTH: "the server refused the login",
  ETLS: "STARTTLS failed",
};

/** What the server said counts: 4xx passes by itself, 5xx does not. Without an answer it was the network, or a certificate. */
function refusalOf(error: unknown): Refusal {
  if (!isSmtpError(error)) return { problem: "it could not be sent", retryable: false };
  const told = error.rejectedErrors?.[0] ?? error;
  const { response, responseCode, code } = told;
  if (responseCode !== undefined) {
    const what = WHAT_FAILED[code ?? ""] ?? "the server answered";
    const said = oneLine(response ?? String(responseCode));
    return { problem: `${what}: ${said}`, retryable: responseCode >= 400 && responseCode < 500 };
  }
  const isNetwork = ["ECONNECTION", "ETIMEDOUT", "ESOCKET", "EDNS"].includes(code ?? "");
  return { problem: oneLine(told.message), retryable: isNetwork };
}

const oneLine = (text: string): string => clip(text.replace(/\s+/g, " ").trim(), 300);
