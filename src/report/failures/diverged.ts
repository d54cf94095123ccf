import type { RegistryFailure } from "../../kit/failures/registry.js";
import { programName } from "../../kit/program-name.js";
import { list, plural } from "../format.js";
import type { FailureText } from "./text.js";

type Diverged = Extract<RegistryFailure, { readonly code: "registry.diverged" }>;
type Alias = Diverged["aliases"][number];
type Side = Alias["source"];

export function explainDiverged({ command, model, from, to, aliases, others }: Diverged): FailureText {
  const names = aliases.map(({ alias }) => alias);
  const typed = `${programName()} registry ${command}`;
  const only = others.map((alias) => `--alias ${alias}`).join(" ");
  const them = names.length === 1 ? "it" : "them";
  return {
    title: `${names.length === 1 ? "Alias" : "Aliases"} ${list(names)} of ${model} ${names.length === 1 ? "was" : "were"} not moved: the two registries disagree`,
    where: `from ${from} to ${to}`,
    expected: "an alias that was moved on one side only since the last push or pull",
    details: [
      ...aliases.flatMap((alias) => [
        `${alias.alias}: ${standing(alias.source)} in the source, ${standing(alias.target)} in the target.`,
        CAUSES[alias.cause],
      ]),
      "Everything else was copied. No alias was moved back or over the moves of somebody else.",
    ],
    next: [
      `See who moved what, and why: \`${programName()} models\`, with and without \`--set registry.uri=…\``,
      `Leave ${them} as ${names.length === 1 ? "it is" : "they are"}: \`${typed} ${only === "" ? "--no-aliases" : only}\``,
      `To let the target's alias name another version, promote one there: \`${programName()} quarter QUARTER\``,
    ],
  };
}

const standing = ({ version, moves }: Side): string =>
  `${version === null ? "no version" : `version ${version}`} after ${plural(moves, "move")}`;

const CAUSES: Readonly<Record<Alias["cause"], string>> = {
  histories: "Each side has moves that the other does not have.",
  unrecorded:
    "On one side it names a version that no recorded move set it to: something else than retrain moved it.",
  raced: "It was moved in the target while this command ran.",
  "version-missing": "A move names a version that the source does not have, or has only half of.",
};
