import { allPages, answer, answerUnless, MISSING, REPEATABLE, TAKEN } from "./api.js";
import { nameFilter } from "./filters.js";
import { Answers, type RegisteredModel, type Version } from "./schemas.js";
import type { Store } from "./store.js";

/** Calls about registered models and their versions. */

export async function ensureModel({ api }: Store, name: string, description: string): Promise<void> {
  const body = { name, ...(description === "" ? {} : { description }) };
  await answerUnless(
    TAKEN,
    "registered-models/create",
    Answers.nothing,
    api.client.POST("/api/2.0/mlflow/registered-models/create", { body, ...REPEATABLE }),
  );
}

export async function findModel({ api }: Store, name: string): Promise<RegisteredModel | null> {
  const found = await answerUnless(
    MISSING,
    "registered-models/get",
    Answers.model,
    api.client.GET("/api/2.0/mlflow/registered-models/get", { params: { query: { name } } }),
  );
  return found?.registered_model ?? null;
}

export async function setModelTag({ api }: Store, name: string, key: string, value: string): Promise<void> {
  await answer(
    "registered-models/set-tag",
    Answers.nothing,
    api.client.POST("/api/2.0/mlflow/registered-models/set-tag", {
      body: { name, key, value },
      ...REPEATABLE,
    }),
  );
}

/** Versions with a number above `after`, by number. */
export async function versionsAfter(
  { api }: Store,
  name: string,
  after: number,
): Promise<readonly Version[]> {
  const filter = after > 0 ? `${nameFilter(name)} AND version_number > ${after}` : nameFilter(name);
  const pages = await allPages((token) =>
    answer(
      "model-versions/search",
      Answers.versions,
      api.client.GET("/api/2.0/mlflow/model-versions/search", {
        params: { query: { filter, max_results: 1000, order_by: ["version_number ASC"], ...token } },
      }),
    ),
  );
  return pages
    .flatMap(({ model_versions }) => model_versions)
    .filter((version) => version.name === name)
    .sort((a, b) => Number(a.version) - Number(b.version));
}

export async function findVersion({ api }: Store, name: string, version: string): Promise<Version | null> {
  if (!/^[1-9]\d{0,8}$/.test(version)) return null;
  const found = await answerUnless(
    MISSING,
    "model-versions/get",
    Answers.version,
    api.client.GET("/api/2.0/mlflow/model-versions/get", { params: { query: { name, version } } }),
  );
  return found?.model_version ?? null;
}

export async function setVersionTag(
  { api }: Store,
  name: string,
  version: string,
  key: string,
  value: string,
): Promise<void> {
  await answer(
    "model-versions/set-tag",
    Answers.nothing,
    api.client.POST("/api/2.0/mlflow/model-versions/set-tag", {
      body: { name, version, key, value },
      ...REPEATABLE,
    }),
  );
}
