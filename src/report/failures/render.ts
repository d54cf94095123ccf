import type { Style } from "../style.js";
import { visible, wrap } from "../text.js";
import type { FailureText } from "./text.js";

/** A failure for the terminal: no control characters of its own data, a newline at the end. */
export function renderFailure(text: FailureText, { chalk, width }: Style): string {
  const lines = wrap(visible(text.title), width - 2).map((line, i) =>
    i === 0 ? `${chalk.red("✖")} ${chalk.bold(line)}` : `  ${chalk.bold(line)}`,
  );
  const labelled = (label: string, value: string) => {
    const rows = wrap(visible(value), width - LABEL - 2);
    rows.forEach((row, i) => {
      lines.push(`  ${chalk.dim((i === 0 ? label : "").padEnd(LABEL))}${row}`);
    });
  };
  if (text.where !== null) labelled("where", text.where);
  if (text.expected !== null) labelled("expected", text.expected);
  for (const detail of text.details) lines.push(`  ${chalk.dim("│")} ${visible(detail)}`);
  text.next.forEach((next, i) => {
    labelled(i === 0 ? "next" : "", command(next));
  });
  return `${lines.join("\n")}\n`;
}

const LABEL = "expected".length + 2;

/** A next step that is only a command is shown bare, ready to be copied. */
const command = (next: string): string => /^`([^`]+)`$/.exec(next)?.[1] ?? next;
