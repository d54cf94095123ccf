import { Command, type Help } from "commander";
import { programName } from "../kit/program-name.js";
import { wrap } from "../report/text.js";
import { addDecideCommands } from "./program/decide.js";
import { addKeepCommands } from "./program/keep.js";
import { addLookCommands } from "./program/look.js";
import { type Example, examplesText, helpWidth } from "./program/options.js";
import { addRunCommands } from "./program/run.js";
import { addSetUpCommands } from "./program/set-up.js";
import { standardError, standardOutput } from "./streams.js";
import { VERSION } from "./version.js";

const EXAMPLES: readonly Example[] = [
  ["init sales.csv", "write a runbook for a panel"],
  ["check", "is the runbook sound?"],
  ["quarter 2025Q2", "run the quarter; the same again goes on after a kill"],
  ["escalation", "why it escalated, and what to type"],
  ["models", "what is live, and who moved it"],
];

/** The command line. A command's code is loaded only when it is the one that was typed. */
export function createProgram(): Command {
  const program = new Command(programName())
    .description("Retrain a forecasting model every quarter from one declarative runbook.")
    .usage("COMMAND [options]")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help for a command")
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .enablePositionalOptions()
    .configureHelp({ formatItem })
    .configureOutput({
      writeOut: standardOutput,
      writeErr: standardError,
      getOutHelpWidth: helpWidth,
      getErrHelpWidth: () => process.stderr.columns || 100,
    });
  addSetUpCommands(program);
  addRunCommands(program);
  addLookCommands(program);
  addDecideCommands(program);
  addKeepCommands(program);
  program.addHelpText(
    "after",
    () => `${examplesText(EXAMPLES, helpWidth())}\n\n${programName()} COMMAND --help tells more of one.`,
  );
  for (const command of program.commands) helpOfItsOwn(command, programName());
  return program;
}

/** Columns that a description needs beside what it describes. */
const LEAST_BESIDE = 40;

/** An item of the help with its description beside it, or below it where the screen is narrow. */
function formatItem(term: string, termWidth: number, description: string, help: Help): string {
  const width = help.helpWidth ?? helpWidth();
  const beside = " ".repeat(2 + termWidth + 2);
  if (description === "") return `  ${term}`;
  const isWide = width - beside.length >= LEAST_BESIDE;
  const [indent, room] = isWide ? [beside, width - beside.length] : ["      ", width - 6];
  const [first = "", ...rest] = wrap(description, room);
  const head = isWide ? `  ${term.padEnd(termWidth)}  ${first}` : `  ${term}\n${indent}${first}`;
  return [head, ...rest.map((line) => indent + line)].join("\n");
}

/** After a mistake: the help of the very command. */
function helpOfItsOwn(command: Command, above: string): void {
  const name = `${above} ${command.name()}`;
  command.showHelpAfterError(`(${name} --help shows what it takes)`);
  for (const sub of command.commands) helpOfItsOwn(sub, name);
}
