import type { Style } from "../style.js";
import { textTable } from "../table.js";
import { oneLine, visible, wrap } from "../text.js";
import type { Escalation } from "./escalation.js";
import { CAUSES_TITLE, escalationPage, NO_CAUSE } from "./page.js";

/** The escalation for the terminal, with the same content as the Markdown page. */
export function escalationText(escalation: Escalation, style: Style): string {
  const { chalk, width } = style;
  const page = escalationPage(escalation);
  const owner = escalation.owner === null ? "none is named in the runbook" : oneLine(escalation.owner);
  const deadline = escalation.deadline ?? "none is set in the runbook";
  const commandWidth = Math.max(...page.commands.map(({ command }) => command.length));
  const blocks = [
    chalk.bold.yellow(oneLine(page.title)),
    ...page.answers.map(({ question, answer }) =>
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
    [
      chalk.bold("What to type next"),
      ...page.commands.map(
        ({ command, purpose }) =>
          `  ${visible(command).padEnd(commandWidth)}  ${chalk.dim(`# ${oneLine(purpose)}`)}`,
      ),
    ].join("\n"),
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
    chalk.dim(wrap(oneLine(page.footer), width).join("\n")),
  ];
  return `${blocks.join("\n\n")}\n`;
}
