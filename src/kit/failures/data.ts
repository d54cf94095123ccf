/** What names a file, or the folder that it is in. Failures of reading a table are of `data.source` where they name none. */
export type FileOption =
  | "data.source"
  | "DATA"
  | "importSnapshots"
  | "registry.uri"
  | "--from"
  | "--to"
  | "TMPDIR";

/** What dates look like that are no months (or quarters). */
export type DateShape =
  | "4-4-5"
  | "four-week"
  | "13-week"
  | "weekly"
  | "two-weekly"
  | "daily"
  | "monthly"
  | "quarterly"
  | "half-yearly"
  | "yearly"
  | "irregular";

/** Failures of reading and validating the panel. */
export type DataFailure =
  | {
      readonly code: "data.source-missing";
      readonly retryable: false;
      readonly source: string;
      /** A link is there, and what it points to is not. */
      readonly dangling?: true;
      readonly option?: FileOption;
    }
  | {
      readonly code: "data.source-not-a-file";
      readonly retryable: false;
      readonly source: string;
      readonly kind: "folder" | "pipe" | "socket" | "device";
      readonly option?: FileOption;
    }
  | {
      readonly code: "data.lfs-pointer";
      readonly retryable: false;
      readonly file: string;
      readonly bytes: string;
      readonly option?: FileOption;
    }
  | {
      readonly code: "data.empty";
      readonly retryable: false;
      readonly file: string;
      readonly option?: FileOption;
    }
  | {
      readonly code: "data.columns-missing";
      readonly retryable: false;
      readonly file: string;
      readonly missing: readonly {
        readonly column: string;
        readonly role: string;
        readonly suggestion: string | null;
      }[];
      readonly found: readonly string[];
    }
  | {
      /** A step's parameter names a column that the panel does not have in that role. */
      readonly code: "data.name-unknown";
      readonly retryable: false;
      readonly role: "attribute" | "feature";
      readonly name: string;
      readonly known: readonly string[];
      readonly suggestion: string | null;
    }
  | {
      readonly code: "data.unreadable";
      readonly retryable: false;
      readonly file: string;
      readonly line: number | null;
      readonly detail: string;
      readonly option?: FileOption;
    }
  | {
      /** Times of day that another time zone puts into another month. */
      readonly code: "data.times-ambiguous";
      readonly retryable: false;
      readonly file: string;
      /** Line of a CSV file, null for Parquet. */
      readonly line: number | null;
      readonly column: string;
      readonly text: string;
      /** Month as it stands there, and month of the other reading. */
      readonly asWritten: string;
      readonly otherwise: string;
      /** Where clocks hang that mean the other month: east or west of UTC. */
      readonly side: "east" | "west";
      /** Whether a zone or an offset is written behind the time. */
      readonly isInstant: boolean;
    }
  | {
      /** Dates that mean different days in different countries, years in two digits, numbers of days. */
      readonly code: "data.dates-ambiguous";
      readonly retryable: false;
      readonly file: string;
      /** Line of a CSV file, row of a sheet, null for Parquet. */
      readonly line: number | null;
      readonly column: string;
      readonly text: string;
      /** What the cell means in each reading, and the `data.timeFormat` that says so; null where none does. */
      readonly readings: readonly { readonly format: string | null; readonly means: string }[];
      /** A cell of the column that the first reading cannot read, where one is there. */
      readonly against: { readonly text: string; readonly line: number | null } | null;
    }
  | {
      readonly code: "data.dates-not-monthly";
      readonly retryable: false;
      readonly file: string;
      readonly line: number | null;
      readonly column: string;
      readonly frequency: "month" | "quarter";
      /** What the dates look like. */
      readonly shape: DateShape;
      readonly series: string;
      /** Time cells of that series. */
      readonly examples: readonly string[];
    }
  | {
      readonly code: "data.no-rows-before-cutoff";
      readonly retryable: false;
      readonly cutoff: string;
      readonly first: string | null;
      readonly last: string | null;
    }
  | {
      /** `validate-data` found rows that break a blocking check; the failing rows are an artifact of the run. */
      readonly code: "data.invalid";
      readonly retryable: false;
      readonly checks: readonly {
        readonly check: string;
        readonly count: number;
        readonly expected: string;
        readonly examples: readonly string[];
        /** The option or command that helps. */
        readonly advice?: string;
      }[];
      /** Path of the CSV of failing rows, or null. */
      readonly failures: string | null;
    };
