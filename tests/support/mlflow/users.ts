import { basicAuth } from "../../../scripts/mlflow/auth.js";

/** A user of a server that asks for user and password. */
export interface User {
  readonly username: string;
  readonly password: string;
}

/** A call by its path under /api/, as a user; fails unless it ends well. */
export async function callAs<T>(uri: string, user: User, path: string, body?: object): Promise<T> {
  const response = await fetch(`${uri}/api/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json", ...basicAuth(user) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes a user who may read everything and change what they made themselves, as MLflow has it by default. */
export async function createUser(uri: string, admin: User, username: string): Promise<User> {
  const user = { username, password: `password of ${username}` };
  await callAs(uri, admin, "2.0/mlflow/users/create", user);
  return user;
}

/** Lets a user change an experiment (by its id) or a registered model. */
export async function grantEdit(
  uri: string,
  by: User,
  { username }: User,
  resource_type: "experiment" | "registered_model",
  resource_id: string,
): Promise<void> {
  const body = { username, resource_type, resource_id, permission: "EDIT" };
  await callAs(uri, by, "3.0/mlflow/users/permissions/grant", body);
}
