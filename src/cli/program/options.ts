import { type Command, Option } from "commander";
import { programName } from "../../kit/program-name.js";

/** Headings of a command's help, in their order. */
export const OPTION_GROUPS = { what: "What:", where: "Where:", output: "Output:" } as const;

/** Adds a value to those that were given before: an option that may be repeated. */
export const collect = (value: string, previous: string[]): string[] => [...previous, value];

export const stateDir = () =>
  new Option(
    "--state-dir <dir>",
    "where runs, outputs and the embedded registry are kept (default: .retrain beside the runbook)",
  )
    .env("RETRAIN_STATE_DIR")
    .helpGroup(OPTION_GROUPS.where);

export const runbook = () =>
  new Option("--runbook <file>", "the runbook").default("runbook.yaml").helpGroup(OPTION_GROUPS.where);

/** Of a command that does not read it. */
export const runbookOfState = () =>
  new Option("--runbook <file>", "the runbook beside which the state directory lies")
    .default(undefined, "the one in this folder or the nearest above")
    .helpGroup(OPTION_GROUPS.where);

export const fiscalStart = () =>
  new Option(
    "--fiscal-start <month>",
    "month (1 to 12) in which the fiscal year starts, instead of the runbook's",
  ).helpGroup(OPTION_GROUPS.where);

export const overrides = () =>
  new Option("--set <path=value>", "override a value of the runbook, e.g. train.folds=5 (may be repeated)")
    .argParser(collect)
    .default([], "none")
    .helpGroup(OPTION_GROUPS.where);

export const json = (what: string) => new Option("--json", what).helpGroup(OPTION_GROUPS.output);

export const open = (what: string) => new Option("--open", what).helpGroup(OPTION_GROUPS.output);

export const events = () =>
  new Option(
    "--events <file>",
    "write the events as JSON lines to a file, or - for standard output",
  ).helpGroup(OPTION_GROUPS.output);

/** What a person types behind the program's name, and what comes of it. */
export type Example = readonly [command: string, purpose: string];

/** Shown below a command's options. */
export const examplesText = (examples: readonly Example[], width: number): string => {
  const shown = examples.map(([command, purpose]) => [`${programName()} ${command}`, purpose] as const);
  const room = Math.max(...shown.map(([command]) => command.length));
  const isWide = shown.every(([, purpose]) => 2 + room + 2 + 2 + purpose.length <= width);
  const lines = shown.map(([command, purpose]) =>
    isWide ? `  ${command.padEnd(room)}  # ${purpose}` : `  # ${purpose}\n  ${command}`,
  );
  return `\nExamples:\n${lines.join("\n")}`;
};

export const examples = (command: Command, ...shown: readonly Example[]): Command =>
  command.addHelpText("after", () => examplesText(shown, command.configureHelp().helpWidth ?? helpWidth()));

export const helpWidth = (): number => process.stdout.columns || 100;
