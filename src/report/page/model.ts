import type { Tone } from "../verdict.js";
import type { ColorKey, Drawing } from "./drawing/drawing.js";

/** What a page says, as plain data. HTML, Markdown and the terminal only lay it out. */
export interface Page {
  /** Of the document, e.g. `room-demand 2025Q2: Escalated`. */
  readonly title: string;
  readonly top: Top;
  /** What comes before the sections. */
  readonly blocks: readonly Block[];
  /** Whether a list of the sections comes before them. */
  readonly hasContents: boolean;
  readonly sections: readonly Section[];
  readonly footer: string;
}

/** The first screen, which can be put anew without the rest of the page. */
export interface Top {
  readonly head: Head;
  readonly blocks: readonly Block[];
}

/** The first lines: what happened, or what a reader has to know at once. */
export interface Head {
  readonly eyebrow: readonly Inline[];
  /** What `word` answers; null where it stands for itself. */
  readonly question: string | null;
  /** One to a few words, the largest of the page. */
  readonly word: string;
  readonly tone: Tone;
  /** How the sentence goes on that `word` begins, with what stands between; empty where it is one of its own. */
  readonly rest: string;
  readonly lead: readonly Text[];
  readonly facts: readonly Fact[];
}

export interface Fact {
  readonly term: string;
  readonly text: Text;
}

export interface Section {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** In the list of contents, where it is not the title. */
  readonly short?: string;
  readonly blocks: readonly Block[];
}

/** Text with the few things inside that a line can have. */
export type Inline =
  | string
  | { readonly kind: "strong" | "dim"; readonly text: string }
  | { readonly kind: "toned"; readonly text: string; readonly tone: Tone }
  | { readonly kind: "pill"; readonly text: string; readonly tone: Tone }
  /** What follows stands on a line of its own. */
  | { readonly kind: "break" };
export type Text = Inline | readonly Inline[];

/** A drawing inside a cell; the figures stand in the cells beside it. */
export type Picture =
  /** Shares of the full width, 0..1, with an optional mark. */
  | {
      readonly kind: "bar";
      readonly tone: Tone | "plain";
      readonly share: number;
      readonly mark: number | null;
    }
  | {
      readonly kind: "range";
      readonly tone: Tone | "plain";
      readonly range: Range;
      readonly scale: RangeScale;
    }
  /** A figure on a tint that is the deeper the larger `share` is, 0..1. */
  | {
      readonly kind: "tint";
      readonly text: string;
      readonly color: "--up" | "--down";
      readonly share: number;
    };

export interface Range {
  readonly lo: number;
  readonly hi: number;
  readonly value: number;
}

export interface RangeScale {
  readonly from: number;
  readonly to: number;
  readonly zero: number;
  readonly limit: number | null;
}

export type Cell = Text | Picture;

export interface Column {
  /** Empty for a column of pictures. */
  readonly label: string;
  readonly kind: "text" | "number" | "code";
}

export interface Table {
  readonly kind: "table";
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its header. */
  readonly rows: readonly (readonly Cell[])[];
  /** Whether each row is a card of its own on a phone. */
  readonly isCards: boolean;
}

export interface Finding {
  readonly title: string;
  readonly note: string;
  readonly tone: Tone;
  readonly lines: readonly string[];
}

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export interface Multiple {
  readonly title: string;
  readonly note: string;
  readonly drawing: Drawing;
}

export interface FileLink {
  readonly label: string;
  /** As a reader finds it. */
  readonly path: string;
  /** Address from the page; null where the file is not beside it. */
  readonly to: string | null;
}

export type Block =
  | { readonly kind: "text"; readonly text: Text; readonly look: "plain" | "note" | "absent" }
  /** Between blocks of a section. */
  | { readonly kind: "heading"; readonly text: string }
  | Table
  | { readonly kind: "tiles"; readonly tiles: readonly Tile[] }
  /** Drawn as wide as the page. */
  | {
      readonly kind: "figure";
      readonly caption: string;
      readonly drawing: Drawing;
      readonly keys: readonly ColorKey[];
    }
  /** Small drawings of one kind in a grid. */
  | {
      readonly kind: "multiples";
      readonly caption: string;
      readonly keys: readonly ColorKey[];
      readonly items: readonly Multiple[];
    }
  /** Folded away on a screen. */
  | { readonly kind: "fold"; readonly summary: string; readonly blocks: readonly Block[] }
  /** A box that stands out. */
  | { readonly kind: "call"; readonly label: string; readonly tone: Tone; readonly blocks: readonly Block[] }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "findings"; readonly findings: readonly Finding[] }
  | {
      readonly kind: "commands";
      readonly commands: readonly { readonly command: string; readonly purpose: string }[];
    }
  /** Lines as they are. */
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "files"; readonly files: readonly FileLink[] };
