import type { Command, Option } from "commander";
import type { CommandModel, OptionModel, ValueModel } from "../../operations/completion/model.js";

/** A command line of commander as it is completed: what its help shows. */
export function describe(command: Command): CommandModel {
  const help = command.createHelp();
  const { registeredArguments: given } = command;
  return {
    name: command.name(),
    description: firstSentence(command.description()),
    commands: help.visibleCommands(command).map(describe),
    options: help.visibleOptions(command).map(optionModel),
    arguments: given.map((one): ValueModel => ({ name: one.name(), choices: one.argChoices ?? [] })),
    isLastRepeated: given.at(-1)?.variadic ?? false,
  };
}

function optionModel({
  flags,
  short,
  long,
  description,
  required,
  optional,
  argChoices,
}: Option): OptionModel {
  const name = /<([^>]+)>|\[([^\]]+)\]/.exec(flags);
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description: firstSentence(description),
    value: required || optional ? { name: name?.[1] ?? name?.[2] ?? "", choices: argChoices ?? [] } : null,
  };
}

const firstSentence = (text: string): string => text.split(/[;:(]/)[0]!.trim();
