import type { Diagnostic } from "../../kit/diagnostic.js";
import { configuredProblem } from "../../notify/configured.js";
import { inFileOrder } from "../../runbook/parse.js";
import { type LegibleRunbook, legibleOf, type Runbook } from "../../runbook/runbook.js";
import { hideSecrets } from "../../runbook/secrets.js";
import { lookAtChecks } from "./checks.js";
import { lookAtImports, lookAtPrograms } from "./files.js";
import { type Foresight, type PlacedStep, stepsOf } from "./finding.js";
import { lookAtSource } from "./look-at-source.js";
import { lookAtRules } from "./rules.js";
import { lookAtTraining } from "./training.js";

export type { Foresight } from "./finding.js";

/** Parts of `data:` without which rows would be read otherwise than the run will; the columns are what they are. */
const OF_ROWS = ["timeFormat", "timeZone", "timeFlags", "ids"];
/** Parts of it without which nothing is known of the files. */
const OF_FILES = ["source", "sheet", "shape", "wide", "frequency", "delimiter", "encoding"];
/** What can be wrong with a file before anything in it is read. */
const OF_PATHS = ["data.source-missing", "data.source-not-a-file", "data.lfs-pointer", "data.empty"];

type Opened =
  | { readonly ok: true; readonly runbook: Runbook }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      readonly legible: LegibleRunbook | null;
    };

/** All that is known of a quarter before it runs: what is wrong with the runbook by itself, and with what it names. Errors are in the order of the file. */
export async function lookAhead(
  opened: Opened,
  cutoff: string | null,
): Promise<{ readonly errors: readonly Diagnostic[]; readonly warnings: readonly Foresight[] }> {
  const legible = opened.ok ? legibleOf(opened.runbook) : opened.legible;
  const found = legible === null ? [] : await foresee(legible, cutoff);
  const own = opened.ok ? [] : opened.diagnostics;
  const told = new Set(own.map(placeText));
  // What is wrong as it is written is no column or file to look for.
  const further = found.filter((one) => !told.has(placeText(one)));
  return {
    errors: inFileOrder([...own, ...further.filter(({ severity }) => severity === "error")]),
    warnings: further.filter(({ severity }) => severity === "warning"),
  };
}

const placeText = ({ path, span }: Diagnostic): string =>
  span === null ? path : `${span.line}:${span.column}`;

/**
 * What a quarter will meet in the data, the files and the programs that a runbook names, read by the code that the run reads them with. Of a runbook
 * with mistakes, what the rest of it says.
 * @param cutoff ISO day; null for the end of the last whole quarter of the data
 */
async function foresee(runbook: LegibleRunbook, cutoff: string | null): Promise<readonly Foresight[]> {
  const found = [
    ...(await lookAtData(runbook, cutoff)),
    ...(await lookAtPrograms(runbook)),
    ...lookAtChannels(runbook),
  ];
  return hideSecrets(found, runbook.secrets).map((shown, index) => ({ ...found[index]!, ...shown }));
}

async function lookAtData(runbook: LegibleRunbook, cutoff: string | null): Promise<Foresight[]> {
  const { data, dataLeftOut } = runbook;
  const [validate] = stepsOf(runbook, "validate-data");
  const lacks = (names: readonly string[]): boolean =>
    dataLeftOut.some(([key]) => key === undefined || names.includes(String(key)));
  if (data === null || lacks(OF_FILES)) return [];
  const headsOnly = lacks(OF_ROWS);
  const imports = (await lookAtImports(runbook, data)).filter(
    ({ code }) => !headsOnly || OF_PATHS.includes(code),
  );
  // Where no step reads the source, a program of the user's may.
  if (!runbook.steps.some(({ type }) => type.type === "validate-data")) return imports;
  const look = await lookAtSource(runbook, data, validate?.step.id ?? null, { cutoff, headsOnly });
  const found = [...look.findings, ...imports];
  if (look.source === null) return found;
  const { source, isWhole } = look;
  const checks = await lookAtChecks(
    runbook,
    data,
    look.spec,
    { source, isWhole },
    validate ?? withDefaults(runbook),
  );
  found.push(...checks.findings);
  if (checks.isUsable)
    found.push(...lookAtTraining(runbook, source.panel), ...lookAtRules(runbook, source.panel));
  return found;
}

/** A step whose parameters cannot be read: what it checks without any. */
function withDefaults({ steps }: LegibleRunbook): PlacedStep {
  const index = steps.findIndex(({ type }) => type.type === "validate-data");
  const step = steps[index]!;
  const leftOut = ["ranges", "nulls", "values", "gaps", "minRows", "maxRowsDrop", "maxSeriesLost"].map(
    (name) => [name],
  );
  return { index, step: { ...step, params: step.type.params.parse({}), leftOut } };
}

/** Channels that can tell nobody anything as they are configured. */
function lookAtChannels({ channels, keyPlace }: LegibleRunbook): Foresight[] {
  return channels.flatMap(({ index, spec }): Foresight[] => {
    const problem = configuredProblem(spec);
    if (problem === null) return [];
    const key = spec.kind.replace(/^github-.*/, "github");
    return [
      {
        severity: "error",
        step: null,
        code: "channel.misconfigured",
        message: `nobody can be told by this channel: ${problem}`,
        ...keyPlace(["escalation", "notify", index], key),
        suggestion: MENDS[spec.kind],
      },
    ];
  });
}

const MENDS: Readonly<Record<LegibleRunbook["channels"][number]["spec"]["kind"], string>> = {
  webhook: "an address such as https://hooks.example.com/…; empty text tells nobody",
  pagerduty: "correct `url`, or leave it out",
  "github-issue": "correct `url`, or leave it out",
  "github-summary": "",
  email: "correct `ca`, which starts at the runbook's folder, or leave it out",
  command: "install it, or name it by its path; one in the runbook's folder is `./NAME`",
};
