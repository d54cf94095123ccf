import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the line. */
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServerOptions {
  /** The only login that is let in; none: mail is taken without one. */
  readonly login?: { readonly user: string; readonly password: string };
  /** What `RCPT TO` is answered, by the number of the attempt at the address from 1; undefined lets it pass. */
  readonly refuse?: (address: string, attempt: number) => { code: number; text: string } | undefined;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** TLS from the first byte instead of STARTTLS. */
  readonly secure?: boolean;
  /** Port to listen on; default any. */
  readonly port?: number;
  /** Holds every message back until it resolves. */
  readonly hold?: Promise<void>;
}

/** An SMTP server on loopback that keeps what it gets. */
export async function mailServer({
  login,
  refuse,
  tls,
  secure = false,
  port = 0,
  hold,
}: MailServerOptions = {}) {
  const mails: Mail[] = [];
  const attempts = new Map<string, number>();
  const logins: string[] = [];
  const options: SMTPServerOptions = {
    ...(tls ?? {}),
    secure,
    disabledCommands: tls === undefined ? ["STARTTLS"] : [],
    authOptional: login === undefined,
    // So that a client that would send its password in the clear is seen doing it.
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onAuth({ username, password }, _session, done) {
      logins.push(password ?? "");
      if (username === login?.user && password === login?.password) return done(null, { user: username });
      done(Object.assign(new Error(`no such login: ${username} ${password}`), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      const attempt = (attempts.get(address) ?? 0) + 1;
      attempts.set(address, attempt);
      const refusal = refuse?.(address, attempt);
      if (refusal === undefined) return done();
      done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        void (hold ?? Promise.resolve()).then(() => {
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            source: Buffer.concat(chunks).toString(),
            secure: session.secure,
            user: session.user as string | undefined,
          });
          done();
        });
      });
    },
  };
  const server = new SMTPServer(options);
  // A client that goes away in the middle is no fault of the server.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  const address = server.server.address() as AddressInfo;
  return { host: `127.0.0.1:${address.port}`, port: address.port, mails, logins, attempts, close };
}

/** A header of a message, unfolded. */
export const header = (source: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, "im")
    .exec(source.split("\r\n\r\n")[0]!)?.[1]
    ?.replace(/\r\n[ \t]/g, " ");
