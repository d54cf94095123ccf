import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../../kit/failure.js";
import { decoded } from "../../../kit/percent-encoding.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Credentials {
  readonly kind: "none" | "basic" | "token";
  /** Value of the `Authorization` header, or null for none. */
  readonly authorization: string | null;
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

const NONE: Credentials = { kind: "none", authorization: null, secrets: [] };

/**
 * The same precedence as in MLflow's Python client: user and password of the URI, then MLFLOW_TRACKING_USERNAME and _PASSWORD, each filled up from
 * `~/.mlflow/credentials`, then MLFLOW_TRACKING_TOKEN. A user without a password, or the other way round, is none.
 * @throws FailureError `registry.settings-invalid`
 */
export async function credentialsOf(uri: URL, env: Environment): Promise<Credentials> {
  // A token is sometimes given as the user of a URI, with an empty password.
  if (uri.username !== "" || uri.password !== "")
    return basic(decoded(uri.username), decoded(uri.password), "the registry's address");
  const file = await credentialsFile(env);
  const username = env.MLFLOW_TRACKING_USERNAME || file.get("mlflow_tracking_username");
  const password = env.MLFLOW_TRACKING_PASSWORD || file.get("mlflow_tracking_password");
  if (username && password) return basic(username, password, "MLFLOW_TRACKING_USERNAME");
  const token = env.MLFLOW_TRACKING_TOKEN?.trim();
  return token ? bearer(token) : NONE;
}

/** A colon ends the user in the header, so it cannot be a part of it. */
function basic(username: string, password: string, setting: string): Credentials {
  if (username.includes(":"))
    fail({
      code: "registry.settings-invalid",
      retryable: false,
      setting,
      expected: "a user name without a colon",
      detail: null,
    });
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  const secrets = [password === "" ? username : password, pair];
  return { kind: "basic", authorization: `Basic ${pair}`, secrets };
}

function bearer(token: string): Credentials {
  if (!/^[\x21-\x7e]+$/.test(token))
    fail({
      code: "registry.settings-invalid",
      retryable: false,
      setting: "MLFLOW_TRACKING_TOKEN",
      expected: "letters, digits and signs of ASCII, without spaces",
      detail: null,
    });
  return { kind: "token", authorization: `Bearer ${token}`, secrets: [token] };
}

async function credentialsFile(env: Environment): Promise<ReadonlyMap<string, string>> {
  const home = env.HOME || env.USERPROFILE;
  if (!home) return new Map();
  const path = join(home, ".mlflow", "credentials");
  try {
    return parseIni(await readFile(path, "utf8")).get("mlflow") ?? new Map();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    const expected = "a file that can be read, with a section [mlflow]";
    return fail({
      code: "registry.settings-invalid",
      retryable: false,
      setting: path,
      expected,
      detail: code,
    });
  }
}

/** Sections and keys as Python's configparser reads them: keys in any case, `=` or `:`, and `%%` for a percent sign. */
function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const header = /^\[(.+)\]\s*$/.exec(line)?.[1];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
    } else if (!/^\s*[#;]/.test(line)) {
      const [, key, value] = /^\s*([^=:]*?)\s*[=:](.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined)
        section.set(key.toLowerCase(), value.trim().replaceAll("%%", "%"));
    }
  }
  return sections;
}
