import { pastOf } from "../../history/absence.js";
import { missingRecord } from "../../history/release-record.js";
import { trailDamage } from "../../history/trail-marks.js";
import type { EarlierRuns } from "../../kit/earlier.js";
import { programName } from "../../kit/program-name.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { damagesOf } from "../../kit/soundness.js";
import { type Checkup, failed, fine } from "../../report/checkup.js";
import { explainFailure } from "../../report/failures/explain.js";
import type { FailureContext } from "../../report/failures/text.js";
import { list, plural } from "../../report/format.js";
import type { Runbook } from "../../runbook/runbook.js";

export interface RegistryInput {
  readonly registry: ModelRegistry;
  readonly model: Runbook["model"];
  readonly earlier: EarlierRuns;
  readonly context: FailureContext;
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
    `The registry answers: ${plural(versions.length, "version")} of ${name}, ${plural(moves.length, "alias move")}`,
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
  const lost = named === undefined ? [] : await missingRecord(registry, { alias, version: named, moves });
  const trail = await trailDamage(registry, name, input.earlier);
  return [
    reached,
    trail === null
      ? fine("registry.trail", "The record of alias moves has every end that a run has seen")
      : failed("registry.trail", explainFailure(trail, input.context)),
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
              `\`${programName()} adopt VERSION --by NAME --reason TEXT\` makes a version that is there the one to be compared with`,
              `\`${programName()} adopt --none --by NAME --reason TEXT\` starts anew`,
            ],
          }),
        )),
    ...lost.map(
      ({ detail, restore }): Checkup => ({
        id: "registry.release",
        state: "problem",
        title: `The record of how version ${live} of ${name} went live is not whole`,
        where: registry.uri,
        details: [detail],
        next: [
          restore === undefined ? "Put it back from a backup" : `Restore it: \`${restore}\``,
          `\`${programName()} adopt ${live} --by NAME --reason TEXT\` keeps version ${live} as the one to be compared with all the same`,
        ],
      }),
    ),
    ...(await checkVersions(
      input,
      verify ? versions.map(({ version }) => version) : named === undefined ? [] : [named.version],
    )),
  ];
}

/** @throws FailureError where a version cannot be asked for */
async function checkVersions(
  { registry, model, context }: RegistryInput,
  wanted: readonly string[],
): Promise<Checkup[]> {
  const damaged = await damagesOf(registry, model.name, wanted);
  const bad = new Set(damaged.map(({ version }) => version));
  const sound = wanted.filter((version) => !bad.has(version));
  return [
    ...damaged.map((damage) => failed("registry.version", explainFailure(damage, context))),
    ...(sound.length === 0
      ? []
      : [fine("registry.version", `The files of ${versionsText(sound)} are what was registered`)]),
  ];
}

const versionsText = (versions: readonly string[]): string =>
  `${versions.length === 1 ? "version" : "versions"} ${list(versions)}`;
