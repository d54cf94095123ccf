import { Chalk, type ChalkInstance } from "chalk";

/** How text is drawn on a terminal. Without colour the same text comes out, with no escape sequence in it. */
export interface Style {
  readonly chalk: ChalkInstance;
  /** Columns to fit sentences into. */
  readonly width: number;
  /** Whether it is read on a screen of that width, where what is wider would be broken anywhere; in a file or a pipe nothing has to fit. */
  readonly isScreen: boolean;
}

/** Only the 16 base colours are used: the reader's terminal theme makes them readable on light and dark. */
export const createStyle = ({
  color,
  width,
  isScreen = true,
}: {
  readonly color: boolean;
  readonly width: number;
  readonly isScreen?: boolean;
}): Style => ({
  chalk: new Chalk({ level: color ? 1 : 0 }),
  width: Math.max(20, width),
  isScreen,
});
