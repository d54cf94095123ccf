import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { fail } from "../../../kit/failure.js";
import { decoded } from "../../../kit/percent-encoding.js";
import { type Credentials, credentialsOf, type Environment } from "./credentials.js";

/** What MLflow's own variables and the usual ones of proxies say about the way to one server. */
export interface Settings {
  /** With the path prefix that the URI has, without credentials, query and trailing slash. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly workspace: string | null;
  readonly tls: TlsSettings;
  readonly proxy: Proxy | null;
  /** Milliseconds without a byte from the server after which a request has failed. */
  readonly stallMs: number;
  readonly retries: number;
}

export interface TlsSettings {
  /** PEM certificates, in place of the usual authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: false;
}

export interface Proxy {
  readonly url: URL;
  /** Hosts that are asked directly, as NO_PROXY lists them. */
  readonly except: string;
}

/** As in MLflow's Python client. */
const DEFAULT_TIMEOUT_S = 120;
const DEFAULT_RETRIES = 5;
/** As in MLflow's Python client, which refuses more. */
const MOST_RETRIES = 10;

/**
 * @throws FailureError `registry.settings-invalid` for a variable or a file of credentials or certificates that cannot be used;
 * `registry.uri-unsupported` for what is no http(s) address
 */
export async function settingsOf(uri: string, env: Environment): Promise<Settings> {
  const url = addressOf(uri);
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    credentials: await credentialsOf(url, env),
    workspace: workspaceOf(env),
    tls: await tlsOf(env),
    proxy: proxyOf(url, env),
    stallMs: 1000 * numberOf(env, "MLFLOW_HTTP_REQUEST_TIMEOUT", DEFAULT_TIMEOUT_S, 86_400),
    retries: Math.trunc(numberOf(env, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", DEFAULT_RETRIES, MOST_RETRIES)),
  };
}

export const secretsOf = ({ credentials, proxy }: Settings): readonly string[] => [
  ...credentials.secrets,
  ...(proxy === null ? [] : secretsOfProxy(proxy.url)),
];

function secretsOfProxy({ username, password }: URL): string[] {
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString("base64");
  return [decoded(password) || decoded(username), ...(pair === "Og==" ? [] : [pair])];
}

const invalid = (setting: string, expected: string, detail: string | null = null): never =>
  fail({ code: "registry.settings-invalid", retryable: false, setting, expected, detail });

function addressOf(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  // A / or ? in a password ends the host: what looks like a path is the rest of the password then.
  if (url !== null && `${url.pathname}${url.search}${url.hash}`.includes("@"))
    return invalid("the registry's address", "a user and a password with / ? # and @ percent-encoded");
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  // What is no URL may still hold a password.
  const shown = uri.replace(/^([a-z][a-z\d+.-]*:)?(\/\/)?.*@/is, "$1$2").replace(/[?#].*$/s, "");
  const problem = "it is no address of a server: expected http:// or https:// and a host";
  return fail({ code: "registry.uri-unsupported", retryable: false, uri: shown, problem, readings: [] });
}

function workspaceOf(env: Environment): string | null {
  const workspace = env.MLFLOW_WORKSPACE?.trim();
  if (!workspace) return null;
  if (!/^[\x20-\x7e]+$/.test(workspace)) invalid("MLFLOW_WORKSPACE", "the name of a workspace");
  return workspace;
}

async function tlsOf(env: Environment): Promise<TlsSettings> {
  const insecure = booleanOf(env, "MLFLOW_TRACKING_INSECURE_TLS");
  const authorities = env.MLFLOW_TRACKING_SERVER_CERT_PATH || null;
  if (insecure && authorities !== null)
    invalid(
      "MLFLOW_TRACKING_INSECURE_TLS",
      "only one of MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH",
    );
  const ca = authorities === null ? null : await pemOf("MLFLOW_TRACKING_SERVER_CERT_PATH", authorities);
  const client = env.MLFLOW_TRACKING_CLIENT_CERT_PATH || null;
  const pair = client === null ? null : await pemOf("MLFLOW_TRACKING_CLIENT_CERT_PATH", client);
  return {
    ...(insecure ? { rejectUnauthorized: false } : {}),
    ...(ca === null ? {} : { ca }),
    ...(pair === null ? {} : { cert: pair, key: pair }),
  };
}

/** Read and tried now, so that a wrong file is no riddle of the first request. */
async function pemOf(variable: string, path: string): Promise<string> {
  const client = variable === "MLFLOW_TRACKING_CLIENT_CERT_PATH";
  const expected = client
    ? "a PEM file with the client's certificate and its private key, without a passphrase"
    : "a PEM file with the certificates of the authorities to trust";
  try {
    const pem = await readFile(path, "utf8");
    if (!pem.includes("-----BEGIN ")) return invalid(`${variable}=${path}`, expected);
    createSecureContext(client ? { cert: pem, key: pem } : { ca: pem });
    return pem;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return invalid(`${variable}=${path}`, expected, code);
  }
}

/** Only the variable of the address's own scheme counts, in lower case first. */
function proxyOf(url: URL, env: Environment): Proxy | null {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = env[name.toLowerCase()] || env[name] || env.all_proxy || env.ALL_PROXY;
  if (!text) return null;
  const proxy = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol))
    return invalid(
      env[name.toLowerCase()] || env[name] ? name : "ALL_PROXY",
      "an address such as http://proxy:3128",
    );
  return { url: new URL(proxy), except: env.no_proxy || env.NO_PROXY || "" };
}

function booleanOf(env: Environment, name: string): boolean {
  const text = env[name]?.toLowerCase();
  if (text === undefined || text === "") return false;
  if (!["true", "false", "1", "0"].includes(text)) invalid(name, "true, false, 1 or 0");
  return text === "true" || text === "1";
}

function numberOf(env: Environment, name: string, otherwise: number, most: number): number {
  const text = env[name]?.trim();
  if (!text) return otherwise;
  const value = Number(text);
  return /^\d+(\.\d+)?$/.test(text) && value <= most ? value : invalid(name, `a number from 0 to ${most}`);
}
