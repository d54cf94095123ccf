import type { StateFailure } from "../../kit/failures/state.js";
import { shellWord } from "../commands.js";
import { againCommand, type FailureContext, type FailureText } from "./text.js";

/** Two registries of one project: only a person knows which one services follow. */
export function explainStateFailure(failure: StateFailure, context: FailureContext): FailureText {
  const again = againCommand(context);
  const { runbook, found, expected, isBegun, isThere, aside } = failure;
  const move = (from: string, to: string) => `mv ${shellWord(from)} ${shellWord(to)}`;
  const name = `\`--state-dir ${shellWord(found)}\``;
  if (isBegun)
    return {
      title: `Two state directories hold runs of ${runbook}; nothing was run`,
      where: `${expected} and ${found}`,
      expected: `one, beside the runbook: ${expected}`,
      details: [
        "An earlier version kept the state where the command was typed. Each has a registry of its own: services follow one of them.",
      ],
      next: [
        `Put the other one away if services follow ${expected}: \`${move(found, aside)}\`, then ${again}`,
        `Or decide for one command: \`--state-dir ${shellWord(expected)}\` or ${name}`,
      ],
    };
  const command = isThere ? `${move(expected, aside)} && ${move(found, expected)}` : move(found, expected);
  return {
    title: `An earlier state of ${runbook} is in ${found}; nothing was run`,
    where: found,
    expected: `the state directory beside the runbook: ${expected}`,
    details: [
      "An earlier version kept the state where the command was typed. Without it a second registry would start, with no champion and no history.",
    ],
    next: [
      `Move it: \`${command}\`, then ${again}`,
      `Or go on with it where it is: ${name}`,
      `Or begin a new one on purpose: \`--state-dir ${shellWord(expected)}\``,
    ],
  };
}
