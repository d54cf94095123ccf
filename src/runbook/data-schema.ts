import { z } from "zod";
import { timeFormatProblem } from "../calendar/time-format.js";
import { isTimeZone } from "../calendar/time-zone.js";
import { wholeRecord } from "../kit/whole-record.js";

const columns = z
  .strictObject({
    series: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .describe(
        "Column that names the series, e.g. property_id, or a list of columns that do so together; left out where the table is one series, or where the names of a wide table's columns are the ids",
      ),
    time: z
      .union([z.string(), z.array(z.string()).min(1)])
      .describe(
        "Column with the period: a date, a timestamp, `2025-04`, `Apr 2025` or `2025Q2`; or a list, such as `[year, month]`. Of a wide table whose columns are periods: what they are called",
      ),
    target: z.string().describe("Column to forecast"),
    label: z
      .string()
      .exactOptional()
      .describe(
        "Column with what people call the series, e.g. a hotel's name: shown beside the id, and nothing else",
      ),
    attributes: z.array(z.string()).default([]).describe("Columns that are static per series, e.g. region"),
    known: z
      .array(z.string())
      .default([])
      .describe("Numeric columns that are known for future periods too, e.g. holidays"),
    observed: z
      .array(z.string())
      .default([])
      .describe("Numeric columns known only up to now, e.g. a price index"),
  })
  .superRefine(({ series, time, target, label, attributes, known, observed }, context) => {
    const roles = Object.entries({ series, time, target, label, attributes, known, observed }).flatMap(
      ([role, given]): { column: string; path: (string | number)[] }[] =>
        typeof given === "object"
          ? given.map((column, i) => ({ column, path: [role, i] }))
          : given === undefined
            ? []
            : [{ column: given, path: [role] }],
    );
    const taken = new Map<string, string>();
    for (const { column, path } of roles) {
      const role = String(path[0]);
      const before = taken.get(column);
      if (before !== undefined) {
        context.addIssue({
          code: "custom",
          path,
          message: `the column "${column}" is ${before} already; a column has one role`,
        });
      }
      taken.set(column, role);
    }
  })
  .describe("Which column plays which role");

const ids = z
  .strictObject({
    trim: z
      .union([z.boolean(), z.literal("all")])
      .optional()
      .describe(
        "`true`: no blanks at the ends and one between words; `all`: no blanks but between digits; `false`: ids that differ in blanks are different ones",
      ),
    case: z
      .enum(["lower", "upper", "keep"])
      .optional()
      .describe("Letters of one case; `keep`: ids that differ in case are different ones"),
    form: z
      .enum(["NFC", "NFKC", "number", "keep"])
      .optional()
      .describe(
        "`NFC`: accents composed, invisible characters removed; `NFKC`: also one width and one dash; `number`: also whole numbers in plain notation without leading zeros (007, 7.0, 7e0 and 7 are one); `keep`: ids that differ in form are different ones",
      ),
  })
  .describe(
    "How ids of series are written before anything looks at them. Ids that differ only in what is left open here are an error",
  );
function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

const timeFormat = z.string().superRefine((format, context) => {
  const problem = timeFormatProblem(format);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

const wide = z
  .strictObject({
    names: z
      .enum(["series", "time"])
      .optional()
      .describe(
        "What the names of the columns are; when left out ids, where the time column is in the file, and else periods",
      ),
    columns: z
      .union([
        z.string().refine(isPattern, "expected a regular expression, or a list of columns"),
        z.array(z.string()).min(1),
      ])
      .optional()
      .describe(
        "The columns that hold values: a regular expression or a list. When left out: those without a role; where their names are periods, those that read so",
      ),
  })
  .describe("Which columns of a wide table hold values");

/** The `data:` section of a runbook. */
export const data = z
  .strictObject({
    source: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe(
        "CSV (.gz too), Parquet or Excel (.xlsx) files: a path, a glob or a list, relative to the runbook",
      ),
    sheet: z
      .string()
      .min(1)
      .optional()
      .describe("Sheet of an Excel workbook; the only one that has the columns, when left out"),
    shape: z
      .enum(["long", "wide"])
      .optional()
      .describe(
        "`long`: a row for each value (the default); `wide`: a column for each series, or for each period",
      ),
    wide: wide.optional(),
    frequency: z.enum(["month", "quarter"]).describe("One row a series and month, or a series and quarter"),
    columns,
    delimiter: z
      .string()
      .length(1)
      .optional()
      .describe("Field delimiter of CSV files; detected when left out"),
    ids: ids.optional(),
    encoding: z
      .string()
      .refine(isEncoding, "expected an encoding such as utf-8, windows-1252 or utf-16le")
      .optional()
      .describe(
        "Encoding of CSV files, e.g. `windows-1252`; UTF-8, or UTF-16 that shows itself, when left out",
      ),
    timeZone: z
      .string()
      .refine(isTimeZone, "expected a time zone such as Europe/Berlin, UTC or +05:30")
      .optional()
      .describe(
        "Zone in which the instants of the time column are months, e.g. `Europe/Berlin`; times without a zone behind them are in it already",
      ),
    timeFormat: z
      .union([timeFormat, z.array(timeFormat).min(1)])
      .optional()
      .describe(
        "How the time column is written, where its cells do not tell: `%d/%m/%Y`, `%b-%y`, `Q%q %y`, …, `excel` or `excel-1904` for numbers of days, or a list that is tried in its order",
      ),
    timeFlags: wholeRecord(z.string().trim().min(1), z.enum(["keep", "drop"]))
      .optional()
      .describe(
        'Texts that may stand behind the month in a time cell, e.g. `{ e: keep, "(forecast)": drop }`: the row is read without the flag, or left out',
      ),
  })
  .superRefine(({ shape, wide, columns: { series, time } }, context) => {
    if (wide !== undefined && shape !== "wide") {
      context.addIssue({ code: "custom", path: ["wide"], message: "it belongs to `shape: wide`" });
    }
    const made = wide?.names === "series" ? series : wide?.names === "time" ? time : undefined;
    if (shape === "wide" && Array.isArray(made)) {
      const path = ["columns", wide!.names!];
      context.addIssue({
        code: "custom",
        path,
        message: "the names of the columns are one column: it takes one name",
      });
    }
  })
  .describe("Where the panel comes from");
