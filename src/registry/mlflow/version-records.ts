import type { ModelVersion } from "../../kit/registry.js";
import { isReserved, nameOf, OWN } from "./keys.js";
import type { Version } from "./schemas.js";

export const tagsOf = ({ tags }: Version): ReadonlyMap<string, string> =>
  new Map(tags.map(({ key, value }) => [key, value]));

/** A version that somebody else registered has no key of ours: its number stands for it, and its model is what it says it is. */
export function recordOf(version: Version): ModelVersion {
  const tags = tagsOf(version);
  const digest = tags.get(OWN.digest) ?? null;
  const own = tags.get(OWN.key);
  const shown = version.tags.filter(({ key }) => !isReserved(key));
  return {
    name: version.name,
    version: version.version,
    key: own ?? `version ${version.version}, registered outside of retrain`,
    runId: version.run_id,
    status: digest === null ? "pending" : "ready",
    digest,
    description: version.description,
    createdAt: tags.get(OWN.created) ?? new Date(version.creation_timestamp).toISOString(),
    tags: Object.fromEntries(
      shown
        .map(({ key, value }): [string, string] => [nameOf(key, tags), value])
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    ),
  };
}
