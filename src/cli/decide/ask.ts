import { nameProblem, reasonProblem } from "../../approval/words.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { shellWord } from "../../report/commands.js";
import { list } from "../../report/format.js";
import { EXIT } from "../exit-codes.js";
import { type Ask, atTerminal, canAsk } from "../prompt.js";
import type { Terminal } from "../terminal.js";

/** Something that a person has to say: by its flag, or to a question. */
export interface Wanted {
  /** Without `--`. */
  readonly flag: string;
  /** What stands for it in a command line. */
  readonly placeholder: string;
  readonly question: string;
  readonly given: string | undefined;
  /** Why a text is not what is wanted, or null. */
  problem(text: string): string | null;
}

/** What every decision needs of a person. */
export const whoAndWhy = ({ by, reason }: { readonly by?: string; readonly reason?: string }): Wanted[] => [
  { flag: "by", placeholder: "NAME", question: "Your name", given: by, problem: nameProblem },
  { flag: "reason", placeholder: "TEXT", question: "Reason", given: reason, problem: reasonProblem },
];

/** To a person who changed their mind. */
export function sayUnchanged(terminal: Terminal): void {
  terminal.talk("Nothing has changed.\n");
  process.exitCode = EXIT.escalated;
}

/**
 * What was wanted, in its order, or null when the person changed their mind. Nobody is asked when every flag is there.
 * @param shown what they have to know before they answer
 * @param typed words behind `retrain`, for the command that would say it all
 * @throws FailureError `usage.invalid` that names every flag that is wrong, or missing where nobody can be asked
 */
export async function sayOrAsk(
  terminal: Terminal,
  wanted: readonly Wanted[],
  {
    shown,
    confirm,
    json,
    typed,
  }: {
    readonly shown: () => string;
    readonly confirm: string;
    readonly json: boolean;
    readonly typed: readonly string[];
  },
): Promise<readonly string[] | null> {
  checkFlags(wanted);
  const missing = wanted.filter(({ given }) => given === undefined);
  if (missing.length === 0) return wanted.map(({ given }) => given!);
  if (!canAsk(terminal, json)) return refuseWithout(missing, wanted, typed);

  terminal.talk(shown());
  const said = await atTerminal(async (ask) => {
    const texts: string[] = [];
    for (const one of wanted) texts.push(one.given ?? (await askUntilSound(ask, one, terminal)));
    return { texts, isSure: isYes(await ask(`${confirm} [yes/no] `)) };
  });
  if (said === null) terminal.talk("\n");
  return said?.isSure === true ? said.texts : null;
}

/** A question to be answered by yes or no, at a terminal; a closed one says no. */
export const askYes = async (question: string): Promise<boolean> =>
  (await atTerminal(async (ask) => isYes(await ask(`${question} [yes/no] `)))) === true;

const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer);

async function askUntilSound(ask: Ask, { question, problem }: Wanted, terminal: Terminal): Promise<string> {
  for (;;) {
    const text = await ask(`${question}: `);
    const wrong = problem(text);
    if (wrong === null) return text;
    terminal.talk(`  ${wrong}\n`);
  }
}

function checkFlags(wanted: readonly Wanted[]): void {
  const wrong = wanted.flatMap(({ flag, given, problem }) => {
    const why = given === undefined ? null : problem(given);
    return why === null ? [] : [`--${flag}: ${why}`];
  });
  if (wrong.length > 0)
    fail({ code: "usage.invalid", retryable: false, message: wrong.join("; "), next: null });
}

function refuseWithout(
  missing: readonly Wanted[],
  wanted: readonly Wanted[],
  typed: readonly string[],
): never {
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `${list(missing.map(({ flag, placeholder }) => `--${flag} ${placeholder}`))} ${missing.length === 1 ? "is" : "are"} missing, and there is no terminal to ask at`,
    next: `\`${typedWith(typed, wanted)}\``,
  });
}

/** The command that says it all, with placeholders in capitals for what only a person can say. */
export const typedWith = (typed: readonly string[], wanted: readonly Wanted[]): string =>
  [
    programName(),
    ...typed.map(shellWord),
    ...wanted.flatMap(({ flag, placeholder, given }) => [
      `--${flag}`,
      given === undefined ? placeholder : shellWord(given),
    ]),
  ].join(" ");
