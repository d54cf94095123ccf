import type { Tone } from "../verdict.js";
import type {
  Block,
  Cell,
  Column,
  FileLink,
  Inline,
  Picture,
  Range,
  RangeScale,
  Section,
  Table,
  Text,
  Tile,
} from "./model.js";

/** The few building blocks that every page is made of. */

export const section = (
  id: string,
  title: string,
  ...blocks: readonly (Block | readonly Block[])[]
): Section => ({ id, title, blocks: blocks.flat() });

export const paragraph = (text: Text): Block => ({ kind: "text", text, look: "plain" });
export const note = (text: Text): Block => ({ kind: "text", text, look: "note" });
/** Instead of a section's content: why there is none. */
export const absent = (text: string): Block => ({ kind: "text", text, look: "absent" });
export const heading = (text: string): Block => ({ kind: "heading", text });

export const strong = (text: string): Inline => ({ kind: "strong", text });
export const dim = (text: string): Inline => ({ kind: "dim", text });
export const toned = (tone: Tone, text: string): Inline => ({ kind: "toned", text, tone });
export const pill = (tone: Tone, text: string): Inline => ({ kind: "pill", text, tone });
export const BREAK: Inline = { kind: "break" };

/** The first line, and what there is besides, each on a line of its own. */
export const lines = (first: Inline, rest: readonly string[]): Text => [
  first,
  ...rest.filter((line) => line !== "").flatMap((line) => [BREAK, dim(line)]),
];

export const textColumn = (label: string): Column => ({ label, kind: "text" });
export const numberColumn = (label: string): Column => ({ label, kind: "number" });
export const codeColumn = (label: string): Column => ({ label, kind: "code" });
export const PICTURES: Column = { label: "", kind: "text" };

export const table = (
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Table => ({ kind: "table", caption, columns, rows, isCards: false });

/** A table whose rows are cards on a phone: for rows that hold more than figures. */
export const cards = (
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): Table => ({ ...table(caption, columns, rows), isCards: true });

/** `share` of the full width, with an optional mark. */
export const bar = (tone: Tone | "plain", share: number, mark: number | null = null): Picture => ({
  kind: "bar",
  tone,
  share,
  mark,
});

export const range = (tone: Tone | "plain", of: Range, scale: RangeScale): Picture => ({
  kind: "range",
  tone,
  range: of,
  scale,
});

export const tint = (text: string, signed: number, most: number): Picture => ({
  kind: "tint",
  text,
  color: signed > 0 ? "--up" : "--down",
  share: most > 0 ? Math.round((Math.abs(signed) / most) * 100) / 100 : 0,
});

export const fold = (summary: string, ...blocks: readonly (Block | readonly Block[])[]): Block => ({
  kind: "fold",
  summary,
  blocks: blocks.flat(),
});

export const tiles = (items: readonly Tile[]): Block[] =>
  items.length === 0 ? [] : [{ kind: "tiles", tiles: items }];

export const files = (links: readonly FileLink[]): Block[] =>
  links.length === 0 ? [] : [{ kind: "files", files: links }];

/** What a text reads without its looks. */
export const plainText = (text: Text): string =>
  [text]
    .flat()
    .map((part) => (typeof part === "string" ? part : part.kind === "break" ? " " : part.text))
    .join("");

export const isPicture = (cell: Cell): cell is Picture =>
  typeof cell === "object" && "kind" in cell && ["bar", "range", "tint"].includes(cell.kind);

/** A cell where nothing is drawn; empty where it was a drawing alone. */
export const cellText = (cell: Cell): string => {
  if (!isPicture(cell)) return plainText(cell);
  return cell.kind === "tint" ? cell.text : "";
};
