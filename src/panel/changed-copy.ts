import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { DataSpec } from "../kit/specs.js";
import { withDuckDb } from "./duckdb.js";
import type { Panel } from "./panel.js";
import { readSource, type SourcePanel } from "./source.js";
import { sourceFiles } from "./source-files.js";
import { parquetTable, quoteName, quoteText } from "./sql.js";
import type { CsvFile, TableFile } from "./table-file.js";
import { columnNames } from "./table-scan.js";
import { cellOfRecord } from "./unpivot.js";

/** A file of the user's, and a copy of it with other content. */
export interface ChangedCopy {
  readonly file: string;
  readonly by: string;
}

/** Why no copy could be made, for people. */
export class CopyProblem extends Error {}

/** Later than any period that a panel holds. */
const END_OF_TIME = "9999-12-31";

/** Larger files are not copied: the whole text is held in memory. */
const LARGEST = 512 * 1024 * 1024;

/**
 * Copies the files of a source into a folder, with other values of target and observed features in the rows after a period. Rows up to it,
 * known features, attributes, the order of rows and the form of the files stay. What comes out is read back and compared before it is given.
 * @param origin last period whose rows stay
 * @returns the files that have such rows
 * @throws CopyProblem
 */
export async function copiesChangedAfter(
  spec: DataSpec,
  fiscalYearStart: number,
  origin: number,
  folder: string,
): Promise<readonly ChangedCopy[]> {
  const span = { cutoff: END_OF_TIME, fiscalYearStart };
  const [source, paths] = [await readSource(spec, span), await sourceFiles(spec)];
  const changes = source.files.map((_, file) => changesAfter(source, file, spec, origin));
  const copies: ChangedCopy[] = [];
  const sources: string[] = [];
  for (const [index, table] of source.files.entries()) {
    const file = paths[index]!;
    const change = changes[index]!;
    if (change === null) sources.push(file);
    else if (table.kind === "sheet") {
      throw new CopyProblem(
        "a workbook with other values in its later rows cannot be made: use CSV or Parquet",
      );
    } else {
      const by = join(folder, `copy-${index}`);
      await (table.kind === "csv" ? copyCsv : copyParquet)(table as never, by, change);
      copies.push({ file, by });
      sources.push(by);
    }
  }
  const back = await readSource({ ...spec, sources }, span);
  if (!isChangedAfter(source.panel, back.panel, origin))
    throw new CopyProblem("a copy of the panel's files that differs only in later rows could not be made");
  return copies;
}

/** Cells of a file that change. */
interface Change {
  readonly columns: ReadonlySet<string>;
  /** Data records, from 1; null for all. */
  readonly records: ReadonlySet<number> | null;
}

/** What of a file is of rows after the period; null where nothing is. */
function changesAfter(source: SourcePanel, index: number, spec: DataSpec, origin: number): Change | null {
  const { panel, file, record, files } = source;
  const table = files[index]!;
  const { unpivot } = table;
  const records = new Set<number>();
  const values = new Set<string>(unpivot === undefined ? [spec.columns.target] : []);
  panel.period.forEach((period, row) => {
    if (period <= origin || file[row] !== index) return;
    const cell = cellOfRecord(table, record[row]!);
    records.add(cell.record);
    if (cell.column !== null) values.add(columnNames(table)[cell.column]!);
  });
  if (records.size === 0) return null;
  // Where columns are periods, those after it change in every row.
  if (unpivot?.names === "time") return { columns: values, records: null };
  return { columns: new Set([...values, ...spec.columns.observed]), records };
}

/** Whether two readings agree up to a period and differ after it. */
function isChangedAfter(before: Panel, after: Panel, origin: number): boolean {
  if (before.series.join("\n") !== after.series.join("\n")) return false;
  if (before.period.length !== after.period.length) return false;
  let differs = false;
  for (let row = 0; row < before.period.length; row++) {
    if (before.period[row] !== after.period[row]) return false;
    const isSame = Object.is(before.target[row], after.target[row]);
    if (!isSame && before.period[row]! <= origin) return false;
    differs ||= !isSame;
  }
  return differs;
}

const DIGITS = { zero: 0x30, nine: 0x39 };
const [LF, CR, QUOTE] = [0x0a, 0x0d, 0x22];

/**
 * In place, so that encoding, quotes, line ends and decimal marks stay as they are: every digit d of a cell becomes d + 5 modulo 10.
 * Records are counted as `RecordScanner` of locate.ts counts them.
 */
async function copyCsv(table: CsvFile, by: string, { records, columns }: Change): Promise<void> {
  const raw = await readFile(table.path);
  const bytes = table.gzip ? gunzipSync(raw, { maxOutputLength: LARGEST }) : raw;
  if (bytes.length > LARGEST) throw new CopyProblem(`${table.path} is too large to copy`);
  const isWanted = table.header.map((name) => columns.has(name));
  // The header is record 0.
  const isChanged = (at: number) => (records === null ? at > 0 : records.has(at));
  const delimiter = table.delimiter.charCodeAt(0);
  let record = 0;
  let line = 0;
  let field = 0;
  let isEmpty = true;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      quoted = !quoted;
      isEmpty = false;
    } else if (quoted || (byte !== LF && byte !== CR)) {
      isEmpty = false;
      if (!quoted && byte === delimiter) field++;
      else if (byte >= DIGITS.zero && byte <= DIGITS.nine && isWanted[field] === true && isChanged(record))
        bytes[at] = DIGITS.zero + ((byte - DIGITS.zero + 5) % 10);
    } else {
      if (!(byte === LF && bytes[at - 1] === CR)) line++;
      // Lines above the header are no records.
      if (!isEmpty && line > table.skip) record++;
      field = 0;
      isEmpty = true;
    }
  }
  await writeFile(by, table.gzip ? gzipSync(bytes) : bytes);
}

/** Numbers x become 1.5 x + 13, in the type of their column; texts get other digits, as in CSV. */
async function copyParquet({ path }: TableFile, by: string, { records, columns }: Change): Promise<void> {
  const from = parquetTable(path);
  await withDuckDb(
    async (db) => {
      const count = (await db.query(`SELECT count(*) FROM ${from}`))[0]!.values[0] as number;
      const later = Int32Array.from({ length: count }, (_, row) =>
        records === null || records.has(row + 1) ? 1 : 0,
      );
      await db.load("later", [{ name: "later", type: "INTEGER", values: later }]);
      const [names, types] = await db.query(
        `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`,
      );
      const changed = (names!.values as string[]).flatMap((name, column) => {
        if (!columns.has(name)) return [];
        const type = types!.values[column] as string;
        const cell = `data.${quoteName(name)}`;
        const other =
          type === "VARCHAR"
            ? `translate(${cell}, '0123456789', '5678901234')`
            : `TRY_CAST(${cell} * 1.5 + 13 AS ${type})`;
        return [`CASE WHEN later.c0 = 1 THEN ${other} ELSE ${cell} END AS ${quoteName(name)}`];
      });
      await db.run(
        `COPY (SELECT data.* REPLACE (${changed.join(", ")}) FROM ${from} data POSITIONAL JOIN later) TO ${quoteText(by)} (FORMAT parquet)`,
      );
    },
    { threads: 1 },
  );
}
