import type { Escalation } from "./escalation.js";
import { CAUSES_TITLE, escalationPage, NO_CAUSE, type PageCause, type PageSection } from "./page.js";

/** `escalation.md`: one page, read in a minute; the first lines answer "do I have to do something now?". */
export function escalationMarkdown(escalation: Escalation): string {
  const page = escalationPage(escalation);
  const { owner, deadline } = escalation;
  return `${[
    `# ${escapeMarkdown(page.title)}`,
    ...page.answers.map(({ question, answer }) => `**${question}** ${escapeMarkdown(answer)}`),
    `**Owner:** ${owner === null ? "none is named in the runbook" : escapeMarkdown(owner)} · **Deadline:** ${deadline ?? "none is set in the runbook"}`,
    `## ${CAUSES_TITLE}`,
    page.causes.length === 0 ? NO_CAUSE : page.causes.map(cause).join("\n"),
    "## What to type next",
    commandBlock(page.commands),
    ...page.sections.map(section),
    ...(page.files.length === 0
      ? []
      : [
          "## Files",
          page.files.map(({ label, path }) => `- ${escapeMarkdown(label)}: ${code(path)}`).join("\n"),
        ]),
    "---",
    escapeMarkdown(page.footer),
  ].join("\n\n")}\n`;
}

const cause = ({ title, strength, evidence }: PageCause, index: number): string =>
  [
    `${index + 1}. **${escapeMarkdown(title)}** (${strength} evidence)`,
    ...evidence.map((line) => `   - ${escapeMarkdown(line)}`),
  ].join("\n");

function commandBlock(commands: Escalation["next"]): string {
  const width = Math.max(...commands.map(({ command }) => command.length));
  const lines = commands.map(
    ({ command, purpose }) => `${command.padEnd(width)}  # ${purpose.replace(/\s+/g, " ")}`,
  );
  return ["```sh", ...lines, "```"].join("\n");
}

function section({ title, note, columns, rows }: PageSection): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `## ${title}`,
    "",
    ...(note === null ? [] : [escapeMarkdown(note), ""]),
    row(columns.map(({ label }) => label)),
    row(columns.map(({ numeric }) => (numeric ? "---:" : "---"))),
    ...rows.map((cells) => row(cells.map(escapeMarkdown))),
  ].join("\n");
}

/**
 * Text that Markdown shows as it is, on one line. Underscores inside words need no escape. A zero-width space keeps `@name` from calling that person, which no
 * escape does.
 */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .replace(/[\\`*[\]<>|#~&]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}._-])@(?=[\p{L}\p{N}_])/gu, "@\u200b")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");

/** A path as code; a fence longer than any run of backticks in it. */
function code(path: string): string {
  const longest = Math.max(0, ...[...path.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${path.replace(/[\r\n]+/g, " ")}${space}${fence}`;
}
