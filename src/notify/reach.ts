import { createConnection } from "node:net";
import { connect } from "node:tls";
import type { ChannelSpec } from "../kit/channels.js";
import { configuredProblem } from "./configured.js";
import { mailServerProblem } from "./email.js";
import { openChannels } from "./open.js";

/** Whether a channel could be told something now. */
export interface Reach {
  /** Without secrets, e.g. `webhook at hooks.example.com`. */
  readonly target: string;
  /** `unset`: a variable is empty, so the channel tells nobody. */
  readonly state: "reachable" | "unreachable" | "unset";
  readonly problem: string | null;
}

const LIMIT_MS = 10_000;

/** Goes as far as a connection, and for mail as far as the login. Sends nothing. */
export async function reachChannel(
  spec: ChannelSpec,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Reach> {
  const channels = openChannels(spec, env);
  if (channels.length === 0) return { target: spec.kind, state: "unset", problem: null };
  const problem = await problemOf(spec);
  return {
    target: channels.map(({ target }) => target).join(", "),
    state: problem === null ? "reachable" : "unreachable",
    problem,
  };
}

async function problemOf(spec: ChannelSpec): Promise<string | null> {
  const problem = configuredProblem(spec);
  if (problem !== null) return problem;
  switch (spec.kind) {
    case "webhook":
    case "pagerduty":
      return connectionProblem(spec.url);
    case "github-issue":
      return connectionProblem(spec.api);
    case "email":
      return mailServerProblem(spec);
    case "command":
    case "github-summary":
      return null;
  }
}

async function connectionProblem(address: string): Promise<string | null> {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isSecure = protocol === "https:";
  const to = { host, port: port === "" ? (isSecure ? 443 : 80) : Number(port) };
  return new Promise((settle) => {
    const socket = isSecure ? connect({ ...to, servername: host }) : createConnection(to);
    const end = (problem: string | null) => {
      socket.destroy();
      settle(problem);
    };
    socket.setTimeout(LIMIT_MS, () => end(`no answer within ${LIMIT_MS / 1000} s`));
    socket.once(isSecure ? "secureConnect" : "connect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.message || (error.code ?? error.name)));
  });
}
