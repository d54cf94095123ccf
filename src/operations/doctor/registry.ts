import { sha256 } from "../../durable/hash.js";
import { pastOf } from "../../history/absence.js";
import type { EarlierRuns } from "../../kit/earlier.js";
import { directoryDigest, MANIFEST_FILE, ModelManifest } from "../../kit/model-directory.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { type Checkup, fine } from "../../report/checkup.js";
import type { Commands } from "../../report/commands.js";
import type { Runbook } from "../../runbook/runbook.js";

export interface RegistryInput {
  readonly registry: ModelRegistry;
  readonly model: Runbook["model"];
  readonly earlier: EarlierRuns;
  readonly commands: Commands;
  /** Every version, and not only what the alias names. */
  readonly verify: boolean;
}

/** What the alias names, whether it is there, and whether its bytes are those that were registered. @throws what the registry fails with */
export async function checkRegistry(input: RegistryInput): Promise<Checkup[]> {
  const { registry, model, verify } = input;
  const { name, alias } = model;
  const versions = await registry.listVersions(name);
  const moves = await registry.aliasHistory(name);
  const live = await registry.getAlias(name, alias);
  const reached = fine(
    "registry.reached",
    `The registry answers: ${versions.length} versions of ${name}, ${moves.length} alias moves`,
    registry.uri,
  );
  const named = versions.find(({ version }) => version === live);
  const past =
    named === undefined
      ? await pastOf(registry, input.earlier, {
          model: name,
          alias,
          // Later than any: every decision was before.
          quarter: "9999Q4",
          live,
          moves,
          candidate: "",
          run: "",
          isCandidateLive: false,
        })
      : null;
  return [
    reached,
    ...(past === null || past.missing.length === 0
      ? [
          fine(
            "registry.alias",
            live === null
              ? `Nothing is live under ${name}@${alias} yet`
              : `${name}@${alias} names version ${live}`,
          ),
        ]
      : past.missing.map(
          ({ detail }): Checkup => ({
            id: "registry.alias",
            state: "problem",
            title: `What was live under ${name}@${alias} is missing`,
            where: registry.uri,
            details: [detail],
            next: [
              "Put it back from a backup",
              "`retrain adopt VERSION --by NAME --reason TEXT` makes a version that is there the one to be compared with",
              "`retrain adopt --none --by NAME --reason TEXT` starts anew",
            ],
          }),
        )),
    ...(await checkVersions(
      input,
      verify ? versions.map(({ version }) => version) : named === undefined ? [] : [named.version],
    )),
  ];
}

async function checkVersions(input: RegistryInput, wanted: readonly string[]): Promise<Checkup[]> {
  const found: Checkup[] = [];
  for (const version of wanted) {
    const one = await checkVersion(input, version);
    if (one !== null) found.push(one);
  }
  return found;
}

/** @throws FailureError where a file of it is not what was registered */
async function checkVersion(
  { registry, model, commands }: RegistryInput,
  version: string,
): Promise<Checkup | null> {
  const read = (path: string) => registry.readModelFile(model.name, version, path);
  const found = await registry.getVersion(model.name, version);
  if (found === null || found.status === "pending") return null;
  const manifest = await read(MANIFEST_FILE);
  const changed: string[] = [];
  let files: ModelManifest["files"] = [];
  if (directoryDigest(sha256(manifest)) === found.digest)
    ({ files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest))));
  else changed.push(MANIFEST_FILE);
  for (const file of files) if (sha256(await read(file.path)) !== file.sha256) changed.push(file.path);
  if (changed.length > 0)
    return {
      id: "registry.version",
      state: "problem",
      title: `Version ${version} of ${model.name} is not what was registered`,
      where: registry.uri,
      details: changed.map((path) => `${path} was changed`),
      next: [
        `Run the quarter that made it again: \`${commands.quarter(found.tags["retrain.quarter"] ?? "QUARTER")}\``,
      ],
    };
  return fine(
    "registry.version",
    `The ${files.length + 1} files of version ${version} are what was registered`,
  );
}
