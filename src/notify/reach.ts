import { accessSync, constants } from "node:fs";
import { createConnection } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { connect } from "node:tls";
import type { ChannelSpec } from "../kit/channels.js";
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
  switch (spec.kind) {
    case "webhook":
    case "pagerduty":
      return connectionProblem(spec.url);
    case "github-issue":
      return connectionProblem(spec.api);
    case "email":
      return mailServerProblem(spec);
    case "command":
      return programProblem(spec.argv[0]!, spec.cwd);
    case "github-summary":
      return null;
  }
}

async function connectionProblem(address: string): Promise<string | null> {
  if (!URL.canParse(address)) return "what is configured is no URL";
  const { protocol, hostname, port } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:")
    return "what is configured is no http:// or https:// URL";
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

/** As a shell would find it. */
function programProblem(program: string, cwd: string): string | null {
  const places = /[\\/]/.test(program)
    ? [resolve(cwd, program)]
    : (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program));
  const isThere = places.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return isThere ? null : `there is no program ${program} that this user may run`;
}
