import { commandLines } from "../console/command-lines.js";
import type { Style } from "../style.js";
import { visible, wrap } from "../text.js";
import type { FailureText } from "./text.js";

/** A failure for the terminal: no control characters of its own data, a newline at the end. */
export function renderFailure(text: FailureText, style: Style): string {
  const { chalk, width } = style;
  const lines = wrap(visible(text.title), width - 2).map((line, i) =>
    i === 0 ? `${chalk.red("✖")} ${chalk.bold(line)}` : `  ${chalk.bold(line)}`,
  );
  const labelled = (label: string, rows: readonly string[]) => {
    rows.forEach((row, i) => {
      lines.push(`  ${chalk.dim((i === 0 ? label : "").padEnd(LABEL))}${row}`);
    });
  };
  const sentence = (value: string) => wrap(visible(value), width - LABEL - 2);
  if (text.where !== null) labelled("where", sentence(text.where));
  if (text.expected !== null) labelled("expected", sentence(text.expected));
  for (const detail of text.details) {
    const rows = style.isScreen
      ? visible(detail)
          .split("\n")
          .flatMap((line) => within(line, width - 4))
      : [visible(detail)];
    for (const row of rows) lines.push(`  ${chalk.dim("│")} ${row}`);
  }
  text.next.forEach((next, i) => {
    const command = commandOf(next);
    const rows = command === null ? sentence(next) : commandLines(command, style, LABEL + 2);
    labelled(i === 0 ? "next" : "", rows);
  });
  return `${lines.join("\n")}\n`;
}

const LABEL = "expected".length + 2;

/** A line of a detail, which goes on below its own indentation. */
function within(line: string, width: number): string[] {
  const indent = /^ */.exec(line)![0];
  return wrap(line.slice(indent.length), width - indent.length).map((row) => indent + row);
}

/** A next step that is only a command is shown bare, ready to be copied; null for any other. */
export const commandOf = (next: string): string | null => /^`([^`]+)`$/.exec(next)?.[1] ?? null;
