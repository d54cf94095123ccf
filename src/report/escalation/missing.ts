import type { Absence } from "../../kit/artifacts/absence.js";
import { type Decision, isOfRecord } from "../../kit/artifacts/decision.js";
import type { Promotion } from "../../kit/artifacts/promotion.js";
import type { Commands } from "../commands.js";
import type { Escalation } from "./escalation.js";

/** Ways out of a champion that is missing, besides putting back what is gone. */
export function waysOut(
  missing: readonly Absence[],
  { candidate, registry, quarter }: { candidate: string; registry: string; quarter: string },
  commands: Commands,
): Escalation["next"] {
  const last = missing[0];
  if (last === undefined) return [];
  const { back, version, what } = last;
  const isThere = back !== null && back === version;
  return [
    { command: commands.quarter(quarter), purpose: `${RESTORE[what]}, and judge again` },
    ...(last.registry === null
      ? []
      : [
          {
            command: commands.push(last.registry, registry),
            purpose: "bring along what the other registry has, and run the quarter again",
          },
        ]),
    ...(back === null || isThere
      ? []
      : [
          {
            command: commands.rollback(back),
            purpose: `put version ${back} live again, which was live before`,
          },
        ]),
    {
      command: commands.adopt(isThere ? back : "VERSION"),
      purpose: isThere
        ? `put version ${back} live again as the baseline`
        : `name a version that is there as the baseline; ${candidate} is this quarter's candidate`,
    },
    {
      command: commands.adopt(null),
      purpose: "start anew on purpose: the next quarter is a first release",
    },
  ];
}

/** Ways out where the champion is there, and its record or the version before it is not. */
export function waysOutBeside(
  { missing = [], baseline, quarter }: Pick<Decision, "missing" | "baseline" | "quarter">,
  commands: Commands,
): Escalation["next"] {
  if (baseline === null) return [];
  const record = missing.filter(isOfRecord);
  const beside = [
    ...record,
    ...missing.filter((one) => !isOfRecord(one) && one.version !== baseline.version),
  ];
  if (beside.length === 0) return [];
  const how = beside.map(({ what, restore }) =>
    restore === undefined ? RESTORE[what] : `restore it (\`${restore}\`)`,
  );
  return [
    { command: commands.quarter(quarter), purpose: `${how.join(", ")}, and judge again` },
    ...(record.length === 0
      ? []
      : [
          {
            command: commands.adopt(baseline.version),
            purpose: `keep version ${baseline.version} as the baseline all the same`,
          },
        ]),
  ];
}

/** Whether a rollback has a version to go to; a record that does not say it may have. */
export const canRollBack = (
  { missing = [], baseline }: Pick<Decision, "missing" | "baseline">,
  { before, previous }: Pick<Promotion, "before" | "previous">,
): boolean =>
  before !== null &&
  previous !== null &&
  !missing.some(
    ({ what, version }) => what === "moves" || (what === "version" && version !== baseline?.version),
  );

const RESTORE: Readonly<Record<Absence["what"], string>> = {
  version: "restore the version from a backup",
  alias: "restore the alias, or the runbook's `model.alias`",
  model: "restore the model from a backup",
  registry: "correct `registry.uri`, or bring the registry back",
  name: "give `model.name` its old value",
  run: "restore the run from a backup",
  moves: "restore the history of aliases from a backup",
};
