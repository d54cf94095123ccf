import { commandLines } from "../console/command-lines.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";
import { columns, oneLine, visible, wrap } from "../text.js";
import { cellText, plainText } from "./make.js";
import type { Block, Page } from "./model.js";

/** A page for the terminal, with the same content as the Markdown one. */
export function pageText({ title, top, blocks, sections, footer }: Page, style: Style): string {
  const { chalk, width } = style;
  const { question, word, rest, lead, facts } = top.head;
  const fact = (term: string, text: string) =>
    [chalk.bold(oneLine(term)), ...indented(text, width)].join("\n");
  const parts = [
    chalk.bold.yellow(oneLine(title)),
    question === null ? chalk.bold(oneLine(word)) : fact(question, `${word}${rest}`),
    ...lead.map((text) => indented(plainText(text), width).join("\n")),
    ...facts.map(({ term, text }) => fact(term, plainText(text))),
    ...[...top.blocks, ...blocks].map((one) => block(one, style).join("\n")).filter((part) => part !== ""),
    ...sections.map((section) =>
      [chalk.bold(oneLine(section.title)), ...section.blocks.flatMap((one) => block(one, style))].join("\n"),
    ),
    chalk.dim(wrap(shortened(oneLine(footer), style), width).join("\n")),
  ];
  return `${parts.join("\n\n")}\n`;
}

const indented = (text: string, width: number, by = 2): string[] =>
  wrap(oneLine(text), width - by).map((line) => " ".repeat(by) + line);

function block(one: Block, style: Style): string[] {
  const { chalk, width } = style;
  switch (one.kind) {
    case "text":
      return indented(plainText(one.text), width).map((line) =>
        one.look === "plain" ? line : chalk.dim(line),
      );
    case "heading":
      return [`  ${chalk.bold(oneLine(one.text))}`];
    case "table": {
      const shown = [...one.columns.keys()].filter((c) => one.columns[c]!.label !== "");
      const heads = shown.map((c) => ({
        label: one.columns[c]!.label,
        numeric: one.columns[c]!.kind === "number",
      }));
      const rows = one.rows.map((cells) => shown.map((c) => cellText(cells[c] ?? "")));
      return [...indented(one.caption, width).map((line) => chalk.dim(line)), textTable(heads, rows, style)];
    }
    case "tiles":
      return one.tiles.flatMap(({ label, value, note }) => indented(`${label}: ${value} (${note})`, width));
    case "fold":
    case "call":
      return one.blocks.flatMap((inner) => block(inner, style));
    case "facts":
      return one.facts.flatMap(({ term, text }) => [
        `  ${chalk.bold(oneLine(term))}`,
        ...indented(plainText(text), width, 4),
      ]);
    case "findings":
      return one.findings.flatMap(({ title, note, lines }, i) => [
        ...indented(`${i + 1}. ${title} (${note})`, width),
        ...lines.flatMap((line) =>
          wrap(oneLine(line), width - 7).map(
            (part, p) => `     ${chalk.dim(`${p === 0 ? "- " : "  "}${part}`)}`,
          ),
        ),
      ]);
    case "commands":
      return commandsOf(one.commands, style);
    case "lines":
      return one.lines.map((line) => `  ${visible(line)}`);
    case "files":
      return one.files.map(({ label, path }) => `  ${oneLine(label)}: ${visible(path)}`);
    case "figure":
    case "multiples":
      return [];
  }
}

/** Each with its purpose behind it, or above it where both do not fit beside each other. */
function commandsOf(
  commands: Extract<Block, { readonly kind: "commands" }>["commands"],
  style: Style,
): string[] {
  const { chalk, width, isScreen } = style;
  const room = Math.max(0, ...commands.map(({ command }) => columns(visible(command))));
  const isWide = !isScreen || commands.every(({ purpose }) => 2 + room + 4 + columns(purpose) <= width);
  return commands.flatMap(({ command, purpose }) => {
    const why = chalk.dim(`# ${oneLine(purpose)}`);
    if (isWide) return [`  ${visible(command).padEnd(room)}  ${why}`];
    return [
      ...wrap(oneLine(purpose), width - 4).map((line) => `  ${chalk.dim(`# ${line}`)}`),
      ...commandLines(command, style, 2).map((line) => `  ${line}`),
    ];
  });
}

/** A digest is longer than a narrow screen; `--json` has it whole. */
const shortened = (text: string, { isScreen, width }: Style): string =>
  isScreen && width < 80 ? text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, "$1…") : text;
