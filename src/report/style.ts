import { Chalk, type ChalkInstance } from "chalk";

/** How text is drawn on a terminal. Without colour the same text comes out, with no escape sequence in it. */
export interface Style {
  readonly chalk: ChalkInstance;
  /** Columns to fit into. */
  readonly width: number;
}

/** Only the 16 base colours are used: the reader's terminal theme makes them readable on light and dark. */
export const createStyle = ({ color, width }: { color: boolean; width: number }): Style => ({
  chalk: new Chalk({ level: color ? 1 : 0 }),
  width: Math.max(20, width),
});
