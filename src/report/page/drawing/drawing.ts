/** A chart as plain data. Its colours are CSS variables of the page, e.g. `--c1`, so that one drawing fits light, dark and paper. */
export interface Drawing {
  /** For readers who do not see it. */
  readonly label: string;
  readonly axis: Axis;
  /** What comes last is on top. */
  readonly marks: readonly Mark[];
  /** Of the vertical axis. */
  readonly unit: "number" | "share";
  /** Whether the vertical axis begins, or ends, at zero. */
  readonly hasZero: boolean;
}

export type Values = readonly (number | null)[];

/** The horizontal axis. */
export type Axis =
  /** Periods or leads: the first at the left edge, the last at the right one. `named`: indexes whose label comes before others. */
  | { readonly kind: "points"; readonly labels: readonly string[]; readonly named: readonly number[] }
  /** Groups in the middle of slots of one width. */
  | { readonly kind: "slots"; readonly labels: readonly string[] }
  /** Between the smallest and the largest `x` of the marks. */
  | { readonly kind: "numbers" };

export type Mark =
  /** Null is a gap. */
  | {
      readonly kind: "line";
      readonly values: Values;
      /** On an axis of numbers. */
      readonly x?: readonly number[];
      readonly color: string;
      readonly width: number;
      readonly isDashed?: boolean;
      /** A dot at every value; otherwise only where one has no neighbours. */
      readonly hasDots?: boolean;
    }
  | { readonly kind: "band"; readonly lo: Values; readonly hi: Values; readonly color: string }
  /** One bar of each kind in every slot, from zero, with a text above or inside them. */
  | {
      readonly kind: "bars";
      readonly of: readonly { readonly values: Values; readonly color: string }[];
      /** One a slot, above its bars; or the value of each bar, inside it; where they have room. */
      readonly notes: readonly string[] | "values" | null;
    }
  /** A stroke across each slot: a level that belongs to it alone. */
  | { readonly kind: "levels"; readonly values: Values; readonly color: string }
  | {
      readonly kind: "dots";
      readonly values: Values;
      readonly color: string;
      readonly shape: "circle" | "diamond";
    }
  /** An upright line at an index of the axis. */
  | { readonly kind: "upright"; readonly at: number };

/** What a colour means. */
export interface ColorKey {
  readonly label: string;
  readonly color: string;
  readonly shape: "box" | "line" | "dashed" | "dot";
}

export interface Size {
  /** In pixels of the drawing, which is scaled to the width that there is. */
  readonly width: number;
  readonly height: number;
  readonly font: number;
  /** Whether labels fill the horizontal axis; otherwise its ends and those that are named have one. */
  readonly isFull: boolean;
}

/** One of many in a grid: it fits phone and desktop. */
export const SMALL: Size = { width: 320, height: 150, font: 11, isFull: false };
/** A page wide: one drawing for each width of screen, so that its text keeps its size. */
export const NARROW: Size = { width: 360, height: 260, font: 12, isFull: true };
export const MIDDLE: Size = { width: 700, height: 300, font: 12.5, isFull: true };
export const WIDE: Size = { width: 1050, height: 320, font: 13, isFull: true };
