import { cellText, plainText } from "./make.js";
import type { Block, Head, Page, Section, Table, Text } from "./model.js";

/** A page for issues and chat: the first lines say what its first screen says. Drawings are left out; the tables have their figures. */
export function pageMarkdown({ title, top, blocks, sections, footer }: Page): string {
  return `${[
    `# ${escapeMarkdown(title)}`,
    ...head(top.head),
    ...[...top.blocks, ...blocks].flatMap((one) => block(one, 2)),
    ...sections.flatMap(section),
    "---",
    escapeMarkdown(footer),
  ].join("\n\n")}\n`;
}

function head({ question, word, rest, lead, facts }: Head): string[] {
  return [
    question === null
      ? `**${escapeMarkdown(word)}**`
      : `**${escapeMarkdown(question)}** ${escapeMarkdown(`${word}${rest}`)}`,
    ...lead.map((text) => inline(text)),
    ...facts.map(({ term, text }) => `**${escapeMarkdown(term)}** ${inline(text)}`),
  ];
}

/** The heading of a section is the caption of a table that stands alone in it. */
function section({ title, blocks: [first, ...rest] }: Section): string[] {
  const isAlone = first?.kind === "table" && !rest.some(({ kind }) => kind === "table");
  return [
    `## ${escapeMarkdown(title)}`,
    ...(first === undefined ? [] : isAlone ? [rowsOf(first)] : block(first, 3)),
    ...rest.flatMap((one) => block(one, 3)),
  ];
}

const inline = (text: Text): string => escapeMarkdown(plainText(text));

/** @param level of a heading inside */
function block(one: Block, level: number): string[] {
  switch (one.kind) {
    case "text":
      return [inline(one.text)];
    case "heading":
      return [`${"#".repeat(level)} ${escapeMarkdown(one.text)}`];
    case "table":
      return table(one);
    case "tiles":
      return [
        one.tiles
          .map(({ label, value, note }) => `- ${escapeMarkdown(`${label}: ${value} (${note})`)}`)
          .join("\n"),
      ];
    case "fold":
    case "call":
      return one.blocks.flatMap((inner) => block(inner, level));
    case "facts":
      return one.facts.map(({ term, text }) => `**${escapeMarkdown(term)}** ${inline(text)}`);
    case "findings":
      return [
        one.findings
          .map(({ title, note, lines }, i) =>
            [
              `${i + 1}. **${escapeMarkdown(title)}** (${escapeMarkdown(note)})`,
              ...lines.map((line) => `   - ${escapeMarkdown(line)}`),
            ].join("\n"),
          )
          .join("\n"),
      ];
    case "commands":
      return [commandBlock(one.commands)];
    case "lines":
      return [fenced(one.lines)];
    case "files":
      return [one.files.map(({ label, path }) => `- ${escapeMarkdown(label)}: ${codeOf(path)}`).join("\n")];
    case "figure":
    case "multiples":
      return [];
  }
}

function commandBlock(commands: readonly { readonly command: string; readonly purpose: string }[]): string {
  const width = Math.max(0, ...commands.map(({ command }) => command.length));
  const lines = commands.map(
    ({ command, purpose }) => `${command.padEnd(width)}  # ${purpose.replace(/\s+/g, " ")}`,
  );
  return ["```sh", ...lines, "```"].join("\n");
}

/** Longer than any run of backticks inside. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = "`".repeat(longest + 1);
  return [fence, ...lines, fence].join("\n");
}

const table = (one: Table): string[] => [`**${escapeMarkdown(one.caption)}**`, rowsOf(one)];

/** Columns of pictures are left out. */
function rowsOf({ columns, rows }: Table): string {
  const shown = [...columns.keys()].filter((c) => columns[c]!.label !== "");
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(shown.map((c) => columns[c]!.label)),
    row(shown.map((c) => (columns[c]!.kind === "number" ? "---:" : "---"))),
    ...rows.map((cells) => row(shown.map((c) => escapeMarkdown(cellText(cells[c] ?? ""))))),
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
function codeOf(path: string): string {
  const longest = Math.max(0, ...[...path.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${path.replace(/[\r\n]+/g, " ")}${space}${fence}`;
}
