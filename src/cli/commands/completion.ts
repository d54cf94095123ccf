import type { Command } from "commander";
import { complete as candidatesFor } from "../../operations/completion/complete.js";
import { valuesHere } from "../../operations/completion/values.js";
import { oneLine } from "../../report/text.js";
import { describe } from "../completion/describe.js";
import { completionScript, DIRECTIVE, type Shell } from "../completion/scripts.js";
import { openTerminal } from "../terminal.js";

/** Prints the script for a shell. */
export async function completion(shell: string): Promise<void> {
  openTerminal().file(await completionScript(shell as Shell, "retrain"));
}

/** Answers such a script: a candidate a line, with what it is behind a tab, and last what the shell is to do beside. */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  const { candidates, isOpen } = candidatesFor(describe(program), words, valuesHere());
  const lines = candidates.map(({ value, description }) => `${oneLine(value)}\t${oneLine(description)}`);
  const directive = DIRECTIVE.noFiles + (isOpen ? DIRECTIVE.noSpace : 0);
  openTerminal().file(`${[...lines, `:${directive}`].join("\n")}\n`);
}
