import type { Candidate, CommandModel, Completion, OptionModel, ValueModel } from "./model.js";

/** Where the values of names come from, such as the quarters of a state directory; empty for a name that it does not know. */
export type Values = (name: string, typed: Typed) => Completion;

/** What stands on the command line so far. */
export interface Typed {
  /** Beginning of the word that is completed. */
  readonly word: string;
  /** Values of options that were typed, by flag. */
  readonly options: ReadonlyMap<string, string>;
}

const NOTHING: Completion = { candidates: [], isOpen: false };

/**
 * What may come at the end of a command line.
 * @param words behind the program's name; the last one is being typed, and may be empty
 */
export function complete(program: CommandModel, words: readonly string[], values: Values): Completion {
  const word = words.at(-1) ?? "";
  const state = walk(program, words.slice(0, -1));
  const typed = { word, options: state.options };
  if (state.awaited !== null) return valuesOf(state.awaited, typed, values);
  const assigned = /^(--[^=]+)=(.*)$/s.exec(word);
  if (assigned !== null && !state.isOnlyArguments) {
    const [, flag = "", begun = ""] = assigned;
    const value = optionOf(state.command, flag)?.value ?? null;
    // What stands in front of the sign the shell puts there itself.
    return value === null ? NOTHING : valuesOf(value, { ...typed, word: begun }, values);
  }
  if (word.startsWith("-") && !state.isOnlyArguments) return ofPrefix(flagsOf(state), word);
  const { command, place } = state;
  const commands =
    place === 0 ? command.commands.map(({ name: value, description }) => ({ value, description })) : [];
  const argument = argumentAt(command, place);
  const given = argument === null ? NOTHING : valuesOf(argument, typed, values);
  return { ...given, candidates: [...ofPrefix(commands, word).candidates, ...given.candidates] };
}

interface State {
  readonly command: CommandModel;
  /** How many arguments of the command stand there. */
  readonly place: number;
  /** Of an option that waits for its value. */
  readonly awaited: ValueModel | null;
  readonly options: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
  /** After `--`. */
  readonly isOnlyArguments: boolean;
}

function walk(program: CommandModel, words: readonly string[]): State {
  let [command, place, isOnlyArguments] = [program, 0, false];
  let awaited: { readonly flag: string; readonly value: ValueModel } | null = null;
  const options = new Map<string, string>();
  const flags = new Set<string>();
  for (const word of words) {
    if (awaited !== null) {
      options.set(awaited.flag, word);
      awaited = null;
    } else if (isOnlyArguments || !word.startsWith("-")) {
      const next =
        place === 0 && !isOnlyArguments ? command.commands.find(({ name }) => name === word) : undefined;
      if (next !== undefined) command = next;
      else place++;
    } else if (word === "--") isOnlyArguments = true;
    else {
      const [flag = "", assigned] = word.split(/=(.*)/s);
      flags.add(flag);
      const value = optionOf(command, flag)?.value ?? null;
      if (value !== null && assigned !== undefined) options.set(flag, assigned);
      else if (value !== null) awaited = { flag, value };
    }
  }
  return { command, place, awaited: awaited?.value ?? null, options, flags, isOnlyArguments };
}

const optionOf = ({ options }: CommandModel, flag: string): OptionModel | undefined =>
  options.find(({ flags }) => flags.includes(flag));

const argumentAt = ({ arguments: all, isLastRepeated }: CommandModel, place: number): ValueModel | null =>
  all[place] ?? (isLastRepeated ? (all.at(-1) ?? null) : null);

/** The long form of each option that was not given yet; one with a value may be given again. */
const flagsOf = ({ command, flags: given }: State): Candidate[] =>
  command.options.flatMap(({ flags, description, value }) =>
    value === null && flags.some((flag) => given.has(flag)) ? [] : [{ value: flags.at(-1)!, description }],
  );

function valuesOf({ name, choices }: ValueModel, typed: Typed, values: Values): Completion {
  if (choices.length === 0) return values(name, typed);
  return ofPrefix(
    choices.map((value) => ({ value, description: "" })),
    typed.word,
  );
}

export const ofPrefix = (candidates: readonly Candidate[], prefix: string): Completion => ({
  candidates: candidates.filter(({ value }) => value.startsWith(prefix)),
  isOpen: false,
});
