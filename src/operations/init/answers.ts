import type { Frequency } from "../../kit/quarter.js";

/** What a person said by flags, or to questions. */
export interface Answers {
  readonly name?: string | undefined;
  readonly time?: readonly string[] | undefined;
  readonly target?: string | undefined;
  /** Columns that make the id; none: the table is one series. */
  readonly id?: readonly string[] | undefined;
  readonly frequency?: Frequency | undefined;
  readonly shape?: "long" | "wide" | undefined;
  /** Columns of a wide table that hold values: a regular expression or names. */
  readonly columns?: string | readonly string[] | undefined;
  readonly attributes?: readonly string[] | undefined;
  readonly known?: readonly string[] | undefined;
  readonly observed?: readonly string[] | undefined;
  readonly timeFormat?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly sheet?: string | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly horizon?: number | undefined;
  readonly fiscalStart?: number | undefined;
}

/** Something that the data does not tell. */
export interface Question {
  /** Flag that answers it, without `--`. */
  readonly flag: "target" | "time" | "id" | "shape" | "sheet" | "time-format" | "data";
  readonly question: string;
  /** Answers that fit, the likeliest first; `--yes` takes that one. */
  readonly candidates: readonly string[];
}

/** How a table is laid out as a panel. */
export interface Layout {
  readonly shape: "long" | "wide";
  /** Of a wide table: what the names of its columns are. */
  readonly names: "series" | "time" | null;
  readonly wideColumns: string | readonly string[] | null;
  readonly frequency: Frequency;
  readonly time: readonly string[];
  readonly timeFormat: string | null;
  /** Null: the table is one series. */
  readonly series: readonly string[] | null;
  readonly target: string;
  readonly attributes: readonly string[];
  readonly known: readonly string[];
  readonly observed: readonly string[];
}
