import type { Decision } from "../../kit/artifacts/decision.js";
import type { Commands } from "../commands.js";
import type { Escalation } from "./escalation.js";

/** Ways out of a champion that is damaged, besides a backup and a person's word for the candidate. */
export function waysOutOfDamage(
  { damaged, quarter, candidate }: Pick<Decision, "damaged" | "quarter" | "candidate">,
  commands: Commands,
): Escalation["next"] {
  if (damaged === undefined) return [];
  const again = { command: commands.quarter(quarter), purpose: "judge again, once it is whole" };
  if (damaged.version === null)
    return [
      {
        command: commands.adopt("VERSION"),
        purpose: `say which version is live; what is sound of the record is kept. ${candidate.version} is this quarter's candidate`,
      },
      { ...again, purpose: "judge again, once the record is restored from a backup or a version is adopted" },
    ];
  const remade =
    damaged.quarter === null
      ? []
      : [
          {
            command: commands.quarter(damaged.quarter),
            purpose: `make version ${damaged.version} again from the same rows, or restore it from a backup`,
          },
        ];
  return [...remade, again];
}
