import { isAnswered, type PersonDecision } from "../../kit/artifacts/person-decision.js";
import { commandLines } from "../console/command-lines.js";
import { decisionSentence } from "../decisions.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";
import { columns, oneLine, visible, wrap } from "../text.js";
import type { Escalation } from "./escalation.js";
import { CAUSES_TITLE, type EscalationPage, escalationPage, NO_CAUSE } from "./page.js";

/**
 * The escalation for the terminal, with the same content as the Markdown page.
 * @param decisions what people decided since; where they answered it, there is nothing to type any more
 */
export function escalationText(
  escalation: Escalation,
  decisions: readonly PersonDecision[],
  style: Style,
): string {
  const { chalk, width } = style;
  const page = escalationPage(escalation);
  const owner = escalation.owner === null ? "none is named in the runbook" : oneLine(escalation.owner);
  const deadline = escalation.deadline ?? "none is set in the runbook";
  const answered = isAnswered(decisions);
  const blocks = [
    chalk.bold.yellow(oneLine(page.title)),
    ...(decisions.length === 0 ? [] : [decisionsBlock(decisions, answered, style)]),
    ...page.answers
      .filter((_, i) => i > 0 || !answered)
      .map(({ question, answer }) =>
        [chalk.bold(question), ...wrap(oneLine(answer), width - 2).map((line) => `  ${line}`)].join("\n"),
      ),
    `${chalk.bold("Owner")} ${owner}   ${chalk.bold("Deadline")} ${deadline}`,
    [
      chalk.bold(CAUSES_TITLE),
      ...(page.causes.length === 0 ? wrap(NO_CAUSE, width - 2).map((line) => `  ${line}`) : []),
      ...page.causes.flatMap(({ title, strength, evidence }, i) => [
        ...wrap(`${i + 1}. ${oneLine(title)} (${strength} evidence)`, width - 2).map((line) => `  ${line}`),
        ...evidence.flatMap((line) =>
          wrap(oneLine(line), width - 7).map(
            (part, p) => `     ${chalk.dim(`${p === 0 ? "- " : "  "}${part}`)}`,
          ),
        ),
      ]),
    ].join("\n"),
    ...(answered ? [] : [commandsBlock(page.commands, style)]),
    ...page.sections.map(({ title, note, columns, rows }) =>
      [
        chalk.bold(title),
        ...(note === null ? [] : wrap(oneLine(note), width - 2).map((line) => `  ${chalk.dim(line)}`)),
        textTable(columns, rows, style),
      ].join("\n"),
    ),
    ...(page.files.length === 0
      ? []
      : [
          [
            chalk.bold("Files"),
            ...page.files.map(({ label, path }) => `  ${oneLine(label)}: ${visible(path)}`),
          ].join("\n"),
        ]),
    chalk.dim(wrap(shortened(oneLine(page.footer), style), width).join("\n")),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** A digest is longer than a narrow screen; `--json` has it whole. */
const shortened = (text: string, { isScreen, width }: Style): string =>
  isScreen && width < 80 ? text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1…") : text;

function decisionsBlock(
  decisions: readonly PersonDecision[],
  answered: boolean,
  { chalk, width }: Style,
): string {
  const lines = decisions.flatMap((one) => wrap(oneLine(decisionSentence(one)), width - 2));
  return [
    chalk.bold(answered ? "Decided: there is nothing to do any more" : "What people decided"),
    ...lines.map((line) => `  ${line}`),
  ].join("\n");
}

/** Each with its purpose behind it, or above it where both do not fit beside each other. */
function commandsBlock(commands: EscalationPage["commands"], style: Style): string {
  const { chalk, width, isScreen } = style;
  const room = Math.max(...commands.map(({ command }) => columns(visible(command))));
  const isWide = !isScreen || commands.every(({ purpose }) => 2 + room + 4 + columns(purpose) <= width);
  const lines = commands.flatMap(({ command, purpose }) => {
    const why = chalk.dim(`# ${oneLine(purpose)}`);
    if (isWide) return [`  ${visible(command).padEnd(room)}  ${why}`];
    return [
      ...wrap(oneLine(purpose), width - 4).map((line) => `  ${chalk.dim(`# ${line}`)}`),
      ...commandLines(command, style, 2).map((line) => `  ${line}`),
    ];
  });
  return [chalk.bold("What to type next"), ...lines].join("\n");
}
