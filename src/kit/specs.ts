import type { Frequency } from "./quarter.js";

/** The resolved `data:` section of a runbook. */
export interface DataSpec {
  /** Absolute paths or globs of CSV, CSV.gz, Parquet or Excel files. */
  readonly sources: readonly string[];
  readonly frequency: Frequency;
  readonly columns: {
    /** Column of the ids; where several make one, or none does, what messages call it. */
    readonly series: string;
    /** Column of the periods, likewise. */
    readonly time: string;
    readonly target: string;
    /** What people call the series: one text a series, for readers alone. */
    readonly label?: string;
    /** Static per series. */
    readonly attributes: readonly string[];
    /** Known in the future, e.g. holidays. */
    readonly known: readonly string[];
    /** Known only up to now, e.g. a price index. */
    readonly observed: readonly string[];
  };
  /** Columns whose texts together are the id or the period, in order; absent where one column is. No columns: the table is one series. */
  readonly parts?: {
    readonly series?: readonly string[] | undefined;
    readonly time?: readonly string[] | undefined;
  };
  /** A table that has one column a series or a period; absent for one that has a row for each value. */
  readonly wide?: WideSpec;
  /** Sheet of Excel workbooks; absent where the only one is meant that has the columns. */
  readonly sheet?: string;
  /** `strptime` formats of the time column, tried in order; absent where its form is told from the cells. */
  readonly timeFormats?: readonly string[];
  /** Field delimiter of CSV sources, or null to detect it. */
  readonly delimiter: string | null;
  /** How series ids are written; absent where the runbook says nothing. */
  readonly ids?: IdFolding;
  /** Encoding of CSV sources, a label of the Encoding Standard; without one it is told from the bytes. */
  readonly encoding?: string;
  /** Zone in which instants of the time column are read; without one what is written, or what a Parquet file notes. */
  readonly timeZone?: string;
  /** Texts that may stand behind the period in a time cell, and what becomes of such rows. */
  readonly timeFlags?: Readonly<Record<string, "keep" | "drop">>;
}

/** `data.wide` of a runbook: which columns hold values of the target, and what their names are. */
export interface WideSpec {
  /** Absent: ids, where the time column is in the file, and else periods. */
  readonly names?: "series" | "time" | undefined;
  /** Names, or a regular expression; absent: columns without a role, of which those are left out that are no period where periods are expected. */
  readonly columns?: string | readonly string[] | undefined;
}

/** `data.ids` of a runbook. An option that is set is a decision: ids that still differ in that way are different ones. */
export interface IdFolding {
  /** `true`: no blanks at the ends, one between words; `all`: none but between digits; `false`: blanks tell ids apart. */
  readonly trim?: boolean | "all" | undefined;
  readonly case?: "lower" | "upper" | "keep" | undefined;
  /** `NFC`: accents composed, invisible characters gone; `NFKC`: also one width and one dash; `number`: also one way to write a number. */
  readonly form?: "NFC" | "NFKC" | "number" | "keep" | undefined;
}

/** The resolved `model:` section. */
export interface ModelSpec {
  readonly name: string;
  readonly alias: string;
  /** Periods to forecast after the cutoff. */
  readonly horizon: number;
  readonly firstRelease: "promote" | "escalate";
}

/** The resolved `escalation:` section. */
export interface EscalationSpec {
  readonly owner: string | null;
  /** Days from the run's end, as written, e.g. `5d`; null when there is none. */
  readonly deadline: string | null;
  readonly approvals: ApprovalPolicy;
}

/** Who may let a candidate go live although the gate refused it. */
export interface ApprovalPolicy {
  /** Names; empty: anybody. */
  readonly approvers: readonly string[];
  /** How many different people it takes. */
  readonly required: 1 | 2;
}

/** The code that runs, for lineage. */
export interface CodeVersion {
  /** Version of this program. */
  readonly retrain: string;
  /** Commit of the working tree that holds the runbook, or null outside git. */
  readonly git: string | null;
}
