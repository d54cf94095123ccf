import { FailureError, fail } from "../kit/failure.js";
import { nearest } from "../kit/suggest.js";
import { unreadable } from "./text-form.js";

/** A sheet of an Excel workbook, as a table of texts. */
export interface SheetFile {
  readonly kind: "sheet";
  readonly path: string;
  readonly sheet: string;
  /** Names of the header, in order; those of columns without one are empty. */
  readonly header: readonly string[];
  /** Rows above the header. */
  readonly skip: number;
  /** Cells below the header: dates as ISO days (with a time of day where there is one), numbers as they are kept, null for empty ones. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Rows that are searched for the header. */
const TITLE_ROWS = 50;

type Cell = string | number | boolean | Date | null;

/**
 * Reads the sheet that is named, or the only one that has the columns.
 * @param wanted names that the header holds
 * @throws FailureError `data.unreadable`, `data.empty`
 */
export async function readWorkbook(
  path: string,
  options: { readonly sheet?: string | undefined; readonly wanted: readonly string[] },
): Promise<SheetFile> {
  const sheets = await sheetsOf(path);
  const names = sheets.map(({ sheet }) => sheet);
  const listed = names.map((name) => JSON.stringify(name)).join(", ");
  if (options.sheet !== undefined) {
    const named = sheets.find(({ sheet }) => sheet === options.sheet);
    if (named === undefined) {
      const near = nearest(options.sheet, names);
      const hint = near === null ? "" : `; did you mean \`data.sheet: ${near}\`?`;
      return fail(
        unreadable(
          path,
          null,
          `no sheet is called ${JSON.stringify(options.sheet)}: it has ${listed}${hint}`,
        ),
      );
    }
    return tableOf(path, named, options.wanted) ?? fail({ code: "data.empty", retryable: false, file: path });
  }
  const tables = sheets.flatMap((sheet) => tableOf(path, sheet, options.wanted) ?? []);
  const complete = tables.filter(({ header }) => options.wanted.every((name) => header.includes(name)));
  const candidates = options.wanted.length === 0 || complete.length === 0 ? tables : complete;
  const [only, second] = candidates;
  if (only === undefined) return fail({ code: "data.empty", retryable: false, file: path });
  // Without columns to tell them apart, or with the columns in several, the first one would be a guess.
  if (second !== undefined && complete.length !== 1) {
    const found =
      complete.length > 1 ? complete.map(({ sheet }) => JSON.stringify(sheet)).join(", ") : listed;
    fail(
      unreadable(
        path,
        null,
        `several sheets could be meant, ${found}: name one, e.g. \`data.sheet: ${only.sheet}\``,
      ),
    );
  }
  return only;
}

/** Names of the sheets that hold a table, in the order of the workbook. */
export async function sheetNames(path: string): Promise<readonly string[]> {
  return (await sheetsOf(path))
    .filter((sheet) => tableOf(path, sheet, []) !== null)
    .map(({ sheet }) => sheet);
}

async function sheetsOf(
  path: string,
): Promise<readonly { readonly sheet: string; readonly data: readonly Cell[][] }[]> {
  // Few commands read a workbook, so the others do not load the reader.
  const { default: readSheets } = await import("read-excel-file/node");
  try {
    return (await readSheets(path, {
      trim: false,
      parseNumber: (text: string) => new Digits(text),
    })) as never;
  } catch (error) {
    const detail = `the workbook cannot be read (${error instanceof Error ? error.message : String(error)}): save it as .xlsx, or as CSV`;
    throw new FailureError(unreadable(path, null, detail), { cause: error });
  }
}

/** A number by the digits that the workbook keeps: a 64-bit float would not keep those of long ids. */
class Digits {
  constructor(readonly text: string) {}
}

function tableOf(
  path: string,
  { sheet, data }: { readonly sheet: string; readonly data: readonly Cell[][] },
  wanted: readonly string[],
): SheetFile | null {
  const texts = data.map((row) => row.map(textOf));
  const isEmpty = (row: readonly (string | null)[]) => row.every((text) => text === null);
  const head = texts.slice(0, TITLE_ROWS);
  const complete =
    wanted.length === 0 ? -1 : head.findIndex((row) => wanted.every((name) => row.includes(name)));
  const skip = complete >= 0 ? complete : head.findIndex((row) => !isEmpty(row) && isHeader(row, texts));
  if (skip < 0) return null;
  return {
    kind: "sheet",
    path,
    sheet,
    header: texts[skip]!.map((name) => name ?? ""),
    skip,
    rows: texts.slice(skip + 1),
  };
}

/** A title stands alone in its row, while the table below is wider. */
const isHeader = (row: readonly (string | null)[], all: readonly (readonly (string | null)[])[]): boolean => {
  const filled = (cells: readonly (string | null)[]) => cells.filter((cell) => cell !== null).length;
  const widest = Math.max(...all.slice(0, 2 * TITLE_ROWS).map(filled));
  return filled(row) * 2 >= widest;
};

function textOf(cell: Cell | Digits): string | null {
  if (cell === null || cell === "") return null;
  if (cell instanceof Digits) return cell.text;
  if (!(cell instanceof Date)) return String(cell);
  const iso = cell.toISOString();
  return iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso.slice(0, 19);
}

/** `C` for 2: how a spreadsheet names its columns, from 0. */
export function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

/** The text of a cell. Data records are counted from 1, and are rows of the sheet below the header, empty ones too. */
export const sheetCell = ({ rows, header }: SheetFile, record: number, column: string): string | null =>
  rows[record - 1]?.[header.indexOf(column)] ?? null;

/** Row of the sheet, from 1. */
export const sheetRow = ({ skip }: SheetFile, record: number): number => skip + 1 + record;
