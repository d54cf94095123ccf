import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import { directoryDigest, MANIFEST_FILE } from "../../kit/model-directory.js";
import type { ModelRegistry, ModelVersion } from "../../kit/registry.js";
import { checkPath } from "../embedded/names.js";
import { readListed, readManifest } from "../verified-model.js";
import { answer, answerUnless, MISSING, REPEATABLE } from "./api.js";
import { putFiles } from "./artifacts.js";
import { keyOf, OWN } from "./keys.js";
import { finalizeModel, linkModel, loggedModelFor, removeOthers } from "./logged-models.js";
import { makeOnce } from "./make-once.js";
import { ensureModel, findVersion, setVersionTag, versionsAfter } from "./model-calls.js";
import { readStored, repairModel } from "./model-files.js";
import { checkName } from "./names.js";
import { Answers, type LoggedModel, type Version } from "./schemas.js";
import type { ReadyModel, Store } from "./store.js";
import { placeOf } from "./tracking.js";
import { recordOf, tagsOf } from "./version-records.js";

type Versions = Pick<
  ModelRegistry,
  "ensureVersion" | "attachModel" | "getVersion" | "listVersions" | "readModelFile"
>;
type VersionSpec = Parameters<ModelRegistry["ensureVersion"]>[0];

export function versionsOf(store: Store): Versions {
  return {
    async ensureVersion(spec) {
      checkName(spec.name);
      return store.mutexes.run(`version ${spec.name} ${spec.key}`, async () =>
        recordOf(await ensure(store, spec)),
      );
    },
    async attachModel(name, version, files, digest) {
      for (const file of files) checkPath(file.path);
      return store.mutexes.run(`attach ${name} ${version}`, async () => {
        const found = await requireVersion(store, name, version);
        const current = recordOf(found);
        if (current.status === "ready") {
          const isTagOther = current.digest !== digest && (await isManifestOf(store, found.source, digest));
          const same = isTagOther ? { ...current, digest } : sameModel(current, digest);
          await repairModel(store, found.source, files, `a file for version ${version} of ${name}`);
          if (isTagOther) {
            await setVersionTag(store, name, version, OWN.digest, digest);
            store.models.delete(`${name} ${version}`);
          }
          return same;
        }
        const modelId = tagsOf(found).get(OWN.loggedModel);
        await Promise.all([
          removeOthers(store, found.source, files),
          putFiles(store, found.source, files, `a file for version ${version} of ${name}`),
          modelId === undefined ? null : linkModel(store, modelId, found.run_id),
        ]);
        if (modelId !== undefined) await finalizeModel(store, modelId);
        // The digest comes last: with it the version is ready.
        await setVersionTag(store, name, version, OWN.digest, digest);
        return { ...current, status: "ready", digest };
      });
    },
    async getVersion(name, version) {
      const found = await findVersion(store, name, version);
      return found === null ? null : recordOf(found);
    },
    async listVersions(name) {
      return firstOfEach(await versionsAfter(store, name, 0)).map(recordOf);
    },
    async readModelFile(name, version, path) {
      checkPath(path);
      const ready = await readyModel(store, name, version);
      const owner = `version ${version} of ${name}`;
      if (ready === null) return fail({ code: "registry.file-missing", retryable: false, owner, path });
      return readListed(ready.stored, await ready.manifest(), path);
    },
  };
}

/** The model of a version with its manifest, which never changes and is read once; null while the version is pending. */
async function readyModel(store: Store, name: string, version: string): Promise<ReadyModel | null> {
  const known = store.models.get(`${name} ${version}`);
  if (known !== undefined) return known;
  const found = await requireVersion(store, name, version);
  const model = recordOf(found);
  if (model.status !== "ready") return null;
  const read = (path: string) => readStored(store, found.source, path);
  const stored = { model, uri: store.api.connection.baseUrl, read };
  let reading: Promise<Uint8Array> | undefined;
  const manifest = () => {
    reading ??= readManifest(stored);
    // It may be put right, by this process too.
    reading.catch(() => {
      reading = undefined;
    });
    return reading;
  };
  const ready: ReadyModel = { stored, manifest };
  store.models.set(`${name} ${version}`, ready);
  return ready;
}

/** Whether the manifest that stands there is the one of a digest: then a tag that says another is what was changed. */
async function isManifestOf(store: Store, location: string, digest: string): Promise<boolean> {
  const bytes = await readStored(store, location, MANIFEST_FILE);
  return bytes instanceof Uint8Array && directoryDigest(sha256(bytes)) === digest;
}

/** @throws FailureError `registry.version-missing` */
async function requireVersion(store: Store, name: string, version: string): Promise<Version> {
  const found = await findVersion(store, name, version);
  return found ?? fail({ code: "registry.version-missing", retryable: false, name, version });
}

/** Two processes that made a version of one key at once: the lower number counts, for everybody. */
function firstOfEach(versions: readonly Version[]): readonly Version[] {
  const keys = versions.map((version) => tagsOf(version).get(OWN.key) ?? version.version);
  const own = versions.map((version) => tagsOf(version).has(OWN.key));
  return versions.filter((_, index) => !own[index] || keys.indexOf(keys[index]!) === index);
}

async function ensure(store: Store, spec: VersionSpec): Promise<Version> {
  const { name, key } = spec;
  const isSame = (version: Version) => tagsOf(version).get(OWN.key) === key;
  const before = await versionsAfter(store, name, 0);
  const same = before.find(isSame);
  if (same !== undefined) return same;
  const { experiment } = await placeOf(store, spec.runId);
  if (before.length === 0) await ensureModel(store, name, "");
  const last = Number(before.at(-1)?.version ?? 0);
  const find = async () => (await versionsAfter(store, name, last)).find(isSame) ?? null;
  const model = await loggedModelFor(store, { id: idOf(spec), name, experiment, runId: spec.runId });
  const make = () => create(store, spec, model);
  const made = await makeOnce(store.api.connection, { make, find });
  const first = (await find()) ?? made;
  if (first.version === made.version) return made;
  const body = { name, version: made.version };
  await answerUnless(
    MISSING,
    "model-versions/delete",
    Answers.nothing,
    store.api.client.DELETE("/api/2.0/mlflow/model-versions/delete", { body, ...REPEATABLE }),
  );
  return first;
}

/** Of the logged model: a tag that a filter can ask for without quoting. */
const idOf = ({ name, key }: VersionSpec): string => sha256(JSON.stringify([name, key])).slice(0, 32);

async function create(store: Store, spec: VersionSpec, model: LoggedModel): Promise<Version> {
  const tags: [string, string][] = [
    [OWN.key, spec.key],
    [OWN.loggedModel, model.info.model_id],
    ...(spec.createdAt === undefined ? [] : [[OWN.created, spec.createdAt] as [string, string]]),
  ];
  for (const [name, value] of Object.entries(spec.tags)) {
    const { key, tag } = keyOf(name);
    tags.push([key, value], ...(tag === null ? [] : [[...tag] as [string, string]]));
  }
  const { model_version } = await answer(
    "model-versions/create",
    Answers.version,
    store.api.client.POST("/api/2.0/mlflow/model-versions/create", {
      body: {
        name: spec.name,
        source: model.info.artifact_uri,
        run_id: spec.runId,
        model_id: model.info.model_id,
        description: spec.description,
        tags: tags.map(([key, value]) => ({ key, value })),
      },
    }),
  );
  return model_version;
}

function sameModel(current: ModelVersion, digest: string): ModelVersion {
  if (current.digest === digest) return current;
  const { name, version } = current;
  const expected = current.digest ?? "none";
  return fail({
    code: "registry.model-immutable",
    retryable: false,
    name,
    version,
    expected,
    actual: digest,
  });
}
