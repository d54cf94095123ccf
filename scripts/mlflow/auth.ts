import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StartProblem } from "./problem.js";

/** The first user of a server with MLflow's app `basic-auth`, who may do everything and makes the others. */
export interface Admin {
  readonly username: string;
  readonly password: string;
  /** Signs the pages of the server. */
  readonly secretKey: string;
  /** Where these are kept, readable for their owner only. */
  readonly file: string;
}

/**
 * The admin of the server in a folder: as it was when the folder was served first, because MLflow keeps that one. Then it was what MLflow's own
 * variables say, with a password that was made up where they have none.
 * @throws StartProblem when the variables say something else by now
 */
export function adminOf(folder: string, env: NodeJS.ProcessEnv): Admin {
  const file = join(folder, "admin.json");
  const { MLFLOW_AUTH_ADMIN_USERNAME: username, MLFLOW_AUTH_ADMIN_PASSWORD: password } = env;
  if (!existsSync(file)) {
    const made = {
      username: username || "admin",
      password: password || randomBytes(18).toString("base64url"),
      secretKey: randomBytes(18).toString("base64url"),
    };
    writeFileSync(file, `${JSON.stringify(made)}\n`, { mode: 0o600 });
    return { ...made, file };
  }
  const kept = JSON.parse(readFileSync(file, "utf8")) as Omit<Admin, "file">;
  if ((username || kept.username) !== kept.username || (password || kept.password) !== kept.password)
    throw new StartProblem(
      `the admin of ${folder} has another name or password than MLFLOW_AUTH_ADMIN_USERNAME and MLFLOW_AUTH_ADMIN_PASSWORD say`,
      `unset them: ${file} holds what counts, since MLflow keeps its first admin. Or choose another folder with --data DIR`,
    );
  return { ...kept, file };
}

/** MLflow's defaults, but a password is not hashed anew for each request: that takes longer than the request itself. */
const SETTINGS = `[mlflow]
default_permission = READ
database_uri = sqlite:///basic_auth.db
auth_cache_ttl_seconds = 60
`;

/** What the server must know of its admin and of users. Writes a file of settings beside the admin's. */
export function serverVariables(admin: Admin | null): Record<string, string> {
  if (admin === null) return {};
  const settings = join(dirname(admin.file), "basic_auth.ini");
  writeFileSync(settings, SETTINGS);
  return {
    MLFLOW_AUTH_CONFIG_PATH: settings,
    MLFLOW_AUTH_ADMIN_USERNAME: admin.username,
    MLFLOW_AUTH_ADMIN_PASSWORD: admin.password,
    MLFLOW_FLASK_SERVER_SECRET_KEY: admin.secretKey,
  };
}

/** With these, a client is the admin. */
export const clientVariables = (admin: Admin | null): Record<string, string> =>
  admin === null
    ? {}
    : { MLFLOW_TRACKING_USERNAME: admin.username, MLFLOW_TRACKING_PASSWORD: admin.password };

/** The header by which somebody says who he is. */
export function basicAuth(user: Pick<Admin, "username" | "password"> | null): Record<string, string> {
  if (user === null) return {};
  const pair = Buffer.from(`${user.username}:${user.password}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}
