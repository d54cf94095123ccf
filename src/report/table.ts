import type { Style } from "./style.js";
import { columns as columnsOf, cut, oneLine, pad, padLeft } from "./text.js";

interface TextColumn {
  readonly label: string;
  /** Numbers are aligned on the right. */
  readonly numeric: boolean;
}

/** A table for the terminal, indented by two; cells of text give way where the terminal is too narrow. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  { chalk, width }: Style,
): string {
  const cells = rows.map((row) => columns.map((_, c) => oneLine(row[c] ?? "")));
  const natural = columns.map(({ label }, c) =>
    Math.max(columnsOf(label), ...cells.map((row) => columnsOf(row[c]!))),
  );
  const widths = fitWidths(columns, natural, width - INDENT.length - GAP.length * (columns.length - 1));
  const line = (row: readonly string[]) =>
    INDENT +
    row
      .map((cell, c) => (columns[c]!.numeric ? padLeft : pad)(cut(cell, widths[c]!), widths[c]!))
      .join(GAP)
      .trimEnd();
  return [chalk.dim(line(columns.map(({ label }) => label))), ...cells.map(line)].join("\n");
}

const INDENT = "  ";
const GAP = "  ";
const NARROWEST = 8;

/** Takes what is missing from the widest column of text, again and again; numbers are never cut. */
function fitWidths(columns: readonly TextColumn[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [c, { numeric }] of columns.entries()) {
      if (!numeric && widths[c]! > NARROWEST && (widest < 0 || widths[c]! > widths[widest]!)) widest = c;
    }
    if (widest < 0) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}
