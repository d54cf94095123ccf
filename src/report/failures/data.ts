import type { DataFailure } from "../../kit/failures/data.js";
import { plural } from "../format.js";
import { explainTimes } from "./data-times.js";
import {
  againCommand,
  assertNever,
  at,
  type FailureContext,
  type FailureText,
  isSource,
  type Named,
  namedBy,
} from "./text.js";

/** A name as it is, in quotes where blanks could not be seen. */
const shown = (name: string): string => (/^\S+( \S+)*$/.test(name) ? name : JSON.stringify(name));

/** What its owner does about a file that the runbook names. */
const corrected = (failure: Named, action = "Correct the file"): string =>
  isSource(failure) ? action : `${action}, or correct ${namedBy(failure)}`;

export function explainDataFailure(failure: DataFailure, context: FailureContext): FailureText {
  const { commands } = context;
  const again = againCommand(context);
  switch (failure.code) {
    case "data.source-missing":
      return {
        title: `${isSource(failure) ? "The data source" : `\`${failure.option}\``} has no file`,
        where: failure.source,
        expected: "a CSV, CSV.gz or Parquet file, or a pattern that matches at least one",
        details: [
          ...(failure.dangling === true ? ["A link is there, but the file that it points to is not."] : []),
          `Relative paths start at the ${failure.option === "DATA" ? "working directory" : "folder of the runbook"}.`,
        ],
        next: [`Put the file there or correct ${namedBy(failure)}, then run ${again}`],
      };
    case "data.source-not-a-file":
      return {
        title: `${isSource(failure) ? "The data source is" : `\`${failure.option}\` names`} a ${failure.kind}, not a file`,
        where: failure.source,
        expected: `a CSV, CSV.gz or Parquet file, or a pattern such as ${isSource(failure) ? "panel" : "forecasts"}/*.csv`,
        details:
          failure.kind === "folder"
            ? []
            : ["It is read more than once, for its hash and for its rows, so it has to be a file."],
        next: [
          failure.kind === "folder"
            ? `Name the files in it, e.g. \`${failure.option ?? "data.source"}: FOLDER/*.csv\``
            : `Write what it gives to a file and name that in \`${failure.option ?? "data.source"}\``,
          `Then run ${again}`,
        ],
      };
    case "data.times-ambiguous":
    case "data.dates-ambiguous":
    case "data.dates-not-monthly":
      return explainTimes(failure, again);
    case "data.lfs-pointer":
      return {
        title: "The file is a Git LFS pointer: its content has not been downloaded",
        where: failure.file,
        expected: `the file itself, ${failure.bytes} bytes`,
        details: isSource(failure) ? [] : [`It is named by ${namedBy(failure)}.`],
        next: ["`git lfs pull`", `Then run ${again}`],
      };
    case "data.empty":
      return {
        title: "The file has no rows",
        where: failure.file,
        expected: "a header and at least one row of data",
        details: [],
        next: [
          `${corrected(failure, `Export the ${isSource(failure) ? "panel" : "forecasts"} again`)}, then run ${again}`,
        ],
      };
    case "data.columns-missing":
      return {
        title: `The file lacks ${plural(failure.missing.length, "column")} that the runbook names`,
        where: failure.file,
        expected: failure.missing.map(({ column, role }) => `${column} (${role})`).join(", "),
        details: [
          ...failure.missing.flatMap(({ column, suggestion }) =>
            suggestion === null ? [] : [`${column}: did you mean ${shown(suggestion)}?`],
          ),
          `Columns in the file: ${failure.found.length === 0 ? "none" : failure.found.map(shown).join(", ")}`,
        ],
        next: [
          `Correct \`data.columns\` in the runbook and try it with \`${commands.check()}\``,
          `Then run ${again}`,
        ],
      };
    case "data.name-unknown":
      return {
        title: `The panel has no ${failure.role} ${failure.name}`,
        where: "`with:` of the step in the runbook",
        expected:
          failure.known.length === 0
            ? `a column listed in \`data.columns\`; none is listed as ${failure.role}`
            : `one of ${failure.known.join(", ")}`,
        details: failure.suggestion === null ? [] : [`Did you mean ${failure.suggestion}?`],
        next: [`Correct the name, or list the column in \`data.columns\`, then run ${again}`],
      };
    case "data.unreadable":
      return {
        title: "The file cannot be read as a table",
        where: at(failure.file, failure.line),
        expected: "CSV with a header, or Parquet",
        details: [failure.detail],
        next: [`${corrected(failure)}, then run ${again}`],
      };
    case "data.no-rows-before-cutoff":
      return {
        title: `The panel has no row up to the cutoff ${failure.cutoff}`,
        where: "data.source",
        expected: `rows on or before ${failure.cutoff}`,
        details: [
          failure.first === null || failure.last === null
            ? "The panel has no row with a valid date."
            : `The panel runs from ${failure.first} to ${failure.last}.`,
        ],
        next: ["Choose a quarter inside that range, or load the missing periods", `Then run ${again}`],
      };
    case "data.invalid":
      return {
        title: `The data breaks ${plural(failure.checks.length, "check")}`,
        where: failure.failures,
        expected: failure.checks.map(({ check, expected }) => `${check}: ${expected}`).join("; "),
        details: failure.checks.flatMap(({ check, count, examples }) => [
          `${check}: ${count} found`,
          ...examples.map((example) => `  ${example}`),
        ]),
        next: [
          ...(failure.failures === null ? [] : [`Read every failing row in ${failure.failures}`]),
          ...failure.checks.flatMap(({ check, advice }) =>
            advice === undefined ? [] : [`${check}: ${advice}`],
          ),
          `Correct the data, then run ${again}; nothing has been registered`,
        ],
      };
    default:
      return assertNever(failure);
  }
}
