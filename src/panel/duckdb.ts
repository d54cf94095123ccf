import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDateValue, DuckDBInstance, DuckDBType } from "@duckdb/node-api";
import { FailureError, fail } from "../kit/failure.js";
import type { Column, ColumnType } from "./column.js";
import { quoteName } from "./sql.js";

/** An open in-memory database. Statements run one after another. */
export interface DuckDb {
  run(sql: string): Promise<void>;
  /**
   * Rows of a query, column by column, in result order. BIGINT is read as DOUBLE, an INTEGER column with NULL too.
   * @throws OddColumn when the query returns a type other than VARCHAR, DATE, INTEGER, BIGINT and DOUBLE: cast in SQL
   */
  query(sql: string): Promise<Column[]>;
  /** Creates a table with the columns `c0`, `c1`, … in the given order and fills it. */
  load(table: string, columns: readonly Column[]): Promise<void>;
}

export interface DuckDbOptions {
  /** Default: one a core. */
  readonly threads?: number;
}

/** A query returns a column of a type that nobody here reads. */
export class OddColumn extends TypeError {}

/** Rows that DuckDB moves at once (its vector size). */
const CHUNK = 2048;

/** Where it puts what does not fit into memory. */
const temporaries = () => join(tmpdir(), `retrain-duckdb-${process.pid}`);

const MILLISECONDS_A_DAY = 86_400_000;

const require = createRequire(import.meta.url);

/**
 * The library, loaded when the first table is read: commands that read none should not pay for it. It is CommonJS in sixty files, and `import()`
 * would scan each of them for the names of its exports first, which takes longer than the rest.
 */
const duckDb = () => require("@duckdb/node-api") as typeof import("@duckdb/node-api");

/** By number of threads, those that nobody uses. To start and end one takes longer than most work that it does. */
const idle = new Map<number | undefined, DuckDBInstance[]>();
/** How many of them are kept, so that what ran at once once does not hold its memory for ever. */
const KEPT = 2;
let databases = 0;

// Else the folder for what did not fit into memory stays behind.
process.once("exit", () => {
  for (const instance of [...idle.values()].flat()) instance.closeSync();
  idle.clear();
});

/**
 * Makes an empty in-memory database for one piece of work and drops it afterwards, with all that it holds.
 * Nothing is fetched from the network, and neither locale nor time zone of the machine has a part in results.
 */
export async function withDuckDb<T>(
  use: (db: DuckDb) => Promise<T>,
  { threads }: DuckDbOptions = {},
): Promise<T> {
  const unused = idle.get(threads) ?? [];
  idle.set(threads, unused);
  const instance = unused.pop() ?? (await start(threads));
  let isSound = false;
  try {
    const result = await withDatabase(instance, use);
    isSound = true;
    return result;
  } catch (error) {
    return refused(error);
  } finally {
    // After an error of its own it may refuse all further work, and what this work made is still in it.
    if (isSound && unused.length < KEPT) unused.push(instance);
    else instance.closeSync();
  }
}

async function start(threads: number | undefined): Promise<DuckDBInstance> {
  const { DuckDBInstance } = duckDb();
  return DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // A file is read again when it is named again, whatever its time and size say.
    enable_external_file_cache: "false",
    temp_directory: temporaries(),
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
}

async function withDatabase<T>(instance: DuckDBInstance, use: (db: DuckDb) => Promise<T>): Promise<T> {
  const connection = await instance.connect();
  try {
    const database = quoteName(`work ${++databases}`);
    await connection.run(`ATTACH ':memory:' AS ${database}; USE ${database}; SET TimeZone = 'UTC'`);
    const result = await use({
      run: async (sql) => {
        await connection.run(sql);
      },
      query: (sql) => query(connection, sql),
      load: (table, columns) => load(connection, table, columns),
    });
    await connection.run(`USE memory; DETACH ${database}`);
    return result;
  } finally {
    connection.closeSync();
  }
}

/** What the operating system says, as the library passes it on: in words, in a message of its own. */
const REFUSALS: readonly (readonly [words: string, errno: string, retryable: boolean])[] = [
  ["No space left on device", "ENOSPC", true],
  ["Disk quota exceeded", "EDQUOT", true],
  ["Too many open files", "EMFILE", true],
  ["Read-only file system", "EROFS", false],
  ["Permission denied", "EACCES", false],
];

function refused(error: unknown): never {
  const message = error instanceof FailureError || !(error instanceof Error) ? "" : error.message;
  const known = REFUSALS.find(([words]) => message.includes(words));
  if (known === undefined) throw error;
  const path = /"([^"]+)"/.exec(message)?.[1] ?? temporaries();
  const failed = {
    code: "fs.failed",
    retryable: known[2],
    operation: "read or write",
    path,
    errno: known[1],
  } as const;
  return fail(path.startsWith(temporaries()) ? { ...failed, option: "TMPDIR" } : failed, error);
}

/** Days since 1970-01-01 of an ISO day. */
const daysOfIso = (day: string): number => Date.parse(`${day}T00:00:00Z`) / MILLISECONDS_A_DAY;

async function query(connection: DuckDBConnection, sql: string): Promise<Column[]> {
  const { DuckDBTypeId } = duckDb();
  const result = await connection.stream(sql);
  const readers = result.columnNames().map((name, index) => {
    switch (result.columnTypeId(index)) {
      case DuckDBTypeId.VARCHAR:
        return textReader(name);
      case DuckDBTypeId.DATE:
        return dateReader(name);
      case DuckDBTypeId.INTEGER:
        return numberReader(name, true);
      case DuckDBTypeId.DOUBLE:
      case DuckDBTypeId.BIGINT:
        return numberReader(name, false);
      default:
        throw new OddColumn(`column ${name} has the type ${result.columnType(index)}`);
    }
  });
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    if (chunk.rowCount === 0) break;
    for (const [index, reader] of readers.entries())
      reader.take(chunk.getColumnVector(index), chunk.rowCount);
  }
  return readers.map((reader) => reader.finish());
}

interface Vector {
  getItem(index: number): unknown;
}

interface ColumnReader {
  take(vector: Vector, rows: number): void;
  finish(): Column;
}

function textReader(name: string): ColumnReader {
  const values: (string | null)[] = [];
  return {
    take(vector, rows) {
      for (let row = 0; row < rows; row++) values.push(vector.getItem(row) as string | null);
    },
    finish: () => ({ name, type: "VARCHAR", values }),
  };
}

function dateReader(name: string): ColumnReader {
  const values: (string | null)[] = [];
  const known = new Map<number, string>();
  const iso = (days: number): string => {
    const day = new Date(days * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
    known.set(days, day);
    return day;
  };
  return {
    take(vector, rows) {
      for (let row = 0; row < rows; row++) {
        const value = vector.getItem(row) as DuckDBDateValue | null;
        values.push(value === null ? null : (known.get(value.days) ?? iso(value.days)));
      }
    },
    finish: () => ({ name, type: "DATE", values }),
  };
}

function numberReader(name: string, integer: boolean): ColumnReader {
  const parts: Float64Array[] = [];
  let gaps = false;
  return {
    take(vector, rows) {
      const part = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const value = vector.getItem(row) as number | bigint | null;
        if (value === null) gaps = true;
        part[row] = value === null ? Number.NaN : Number(value);
      }
      parts.push(part);
    },
    finish() {
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const values = integer && !gaps ? new Int32Array(length) : new Float64Array(length);
      let offset = 0;
      for (const part of parts) {
        values.set(part, offset);
        offset += part.length;
      }
      return { name, type: values instanceof Int32Array ? "INTEGER" : "DOUBLE", values };
    },
  };
}

async function load(connection: DuckDBConnection, table: string, columns: readonly Column[]): Promise<void> {
  const api = duckDb();
  const types: Record<ColumnType, DuckDBType> = {
    VARCHAR: api.VARCHAR,
    DATE: api.DATE,
    INTEGER: api.INTEGER,
    DOUBLE: api.DOUBLE,
  };
  const dates = new Map<string, DuckDBDateValue>();
  const date = (day: string): DuckDBDateValue => {
    const value = new api.DuckDBDateValue(daysOfIso(day));
    dates.set(day, value);
    return value;
  };
  const declared = columns.map((column, index) => `c${index} ${column.type}`).join(", ");
  await connection.run(`CREATE TABLE ${quoteName(table)} (${declared})`);
  const appender = await connection.createAppender(table);
  const rows = columns[0]?.values.length ?? 0;
  const chunkTypes = columns.map((column) => types[column.type]);
  for (let start = 0; start < rows; start += CHUNK) {
    const size = Math.min(CHUNK, rows - start);
    const chunk = api.DuckDBDataChunk.create(chunkTypes, size);
    for (const [index, { type, values }] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      for (let row = 0; row < size; row++) {
        const value = values[start + row] ?? null;
        if (type === "DATE" && value !== null) {
          vector.setItem(row, dates.get(value as string) ?? date(value as string));
        } else {
          vector.setItem(row, Number.isNaN(value) ? null : value);
        }
      }
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
