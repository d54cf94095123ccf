import type { Style } from "./style.js";
import { columns as columnsOf, oneLine, pad, padLeft, wrap } from "./text.js";

interface TextColumn {
  readonly label: string;
  /** Numbers are aligned on the right. */
  readonly numeric: boolean;
}

/**
 * A table for the terminal, indented by two. On a screen that is too narrow cells of text go on in further lines, broken at spaces; where not even that
 * helps, each row becomes a block of its own. Nothing is cut.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const cells = rows.map((row) => columns.map((_, c) => oneLine(row[c] ?? "")));
  const natural = widest(columns, cells, columnsOf);
  const room = style.width - INDENT.length - GAP.length * (columns.length - 1);
  const widths = style.isScreen ? fitWidths(columns, cells, natural, room) : natural;
  return widths === null ? blocks(columns, cells, style) : lines(columns, cells, widths, style);
}

const INDENT = "  ";
const GAP = "  ";

function lines(
  columns: readonly TextColumn[],
  cells: readonly (readonly string[])[],
  widths: readonly number[],
  { chalk }: Style,
): string {
  const line = (row: readonly string[]) =>
    INDENT +
    row
      .map((cell, c) => (columns[c]!.numeric ? padLeft : pad)(cell, widths[c]!))
      .join(GAP)
      .trimEnd();
  const drawn = (row: readonly string[]): string[] => {
    const wrapped = row.map((cell, c) => wrap(cell, widths[c]!));
    const height = Math.max(1, ...wrapped.map(({ length }) => length));
    return Array.from({ length: height }, (_, i) => line(wrapped.map((parts) => parts[i] ?? "")));
  };
  const head = drawn(columns.map(({ label }) => label)).map((part) => chalk.dim(part));
  return [...head, ...cells.flatMap(drawn)].join("\n");
}

/** A row as lines of a label and a value, below its first cell. */
function blocks(
  columns: readonly TextColumn[],
  cells: readonly (readonly string[])[],
  { chalk, width }: Style,
): string {
  const [, ...others] = columns;
  const labels = Math.max(0, ...others.map(({ label }) => columnsOf(label)));
  const room = width - INDENT.length * 2 - labels - GAP.length;
  const block = ([first = "", ...rest]: readonly string[]): string[] => [
    ...wrap(first, width - INDENT.length).map((part) => INDENT + chalk.bold(part)),
    ...rest.flatMap((cell, c) =>
      cell === ""
        ? []
        : wrap(cell, room).map(
            (part, i) =>
              `${INDENT}${INDENT}${chalk.dim(pad(i === 0 ? others[c]!.label : "", labels))}${GAP}${part}`,
          ),
    ),
  ];
  return cells.map((row) => block(row).join("\n")).join("\n");
}

const widest = (
  columns: readonly TextColumn[],
  cells: readonly (readonly string[])[],
  widthOf: (text: string) => number,
): number[] =>
  columns.map(({ label }, c) => Math.max(widthOf(label), ...cells.map((row) => widthOf(row[c]!))));

/** Columns of text that are narrower than this are no pleasure to read, unless their words are that short. */
const NARROW = 12;

/**
 * Takes what is missing from the widest column of text, again and again. Numbers are never broken, nor are words.
 * @returns null where the columns cannot stand side by side
 */
function fitWidths(
  columns: readonly TextColumn[],
  cells: readonly (readonly string[])[],
  natural: readonly number[],
  room: number,
): number[] | null {
  const longestWord = widest(columns, cells, (text) => Math.max(...text.split(" ").map(columnsOf)));
  const least = natural.map((width, c) =>
    columns[c]!.numeric ? width : Math.min(width, Math.max(longestWord[c]!, NARROW)),
  );
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const c of columns.keys())
      if (widths[c]! > least[c]! && (widest < 0 || widths[c]! > widths[widest]!)) widest = c;
    if (widest < 0) return null;
    widths[widest]!--;
    excess--;
  }
  return widths;
}
