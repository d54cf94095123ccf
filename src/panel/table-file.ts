import { type FileHandle, open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { FailureError, fail } from "../kit/failure.js";
import { type CsvHead, csvHead } from "./csv-head.js";
import type { DuckDb } from "./duckdb.js";
import { type ParquetColumn, parquetColumns } from "./parquet-columns.js";
import { fileFailure, requireRegularFile } from "./regular-file.js";
import { type TextForm, unreadable } from "./text-form.js";
import { readWorkbook, type SheetFile } from "./workbook.js";

/** A CSV file as its first bytes describe it. */
export interface CsvFile extends TextForm, CsvHead {
  readonly kind: "csv";
}

export interface ParquetFile {
  readonly kind: "parquet";
  readonly path: string;
  /** In file order, under the names that they have in the file. */
  readonly columns: readonly ParquetColumn[];
}

export type TableFile = CsvFile | ParquetFile | SheetFile;

export interface InspectOptions {
  /** Field delimiter of CSV, or null to detect it. */
  readonly delimiter: string | null;
  /** Encoding of CSV; without one UTF-8, or UTF-16 where the bytes show it. */
  readonly encoding?: string | undefined;
  /** Names that the header is expected to hold: they tell the delimiter, and the sheet. */
  readonly wanted: readonly string[];
  /** Sheet of a workbook; without one the only one that has the names. */
  readonly sheet?: string | undefined;
}

/** First bytes of Microsoft's compound files. */
const OLD_WORKBOOK = 0xd0cf11e0;

/** More than any sane header. */
const HEAD_BYTES = 1 << 20;

/**
 * Tells the format of a file from its first bytes (names play no part) and reads its column names.
 * @throws FailureError `data.source-missing`, `data.source-not-a-file`, `data.lfs-pointer`, `data.empty`, `data.unreadable`
 */
export async function inspectTableFile(
  db: DuckDb,
  path: string,
  options: InspectOptions,
): Promise<TableFile> {
  const raw = await readHead(path);
  if (raw.length === 0) fail({ code: "data.empty", retryable: false, file: path });
  if (raw.subarray(0, 4).toString("latin1") === "PAR1") {
    return { kind: "parquet", path, columns: await parquetColumns(db, path) };
  }
  if (raw.subarray(0, 4).toString("latin1") === "PK\x03\x04") return readWorkbook(path, options);
  if (raw.length >= 4 && raw.readUInt32BE(0) === OLD_WORKBOOK)
    fail(
      unreadable(
        path,
        null,
        "this is a workbook of an old Excel (.xls), or a protected one: save it as .xlsx, or as CSV",
      ),
    );
  const gzip = raw[0] === 0x1f && raw[1] === 0x8b;
  const bytes = gzip ? inflateHead(path, raw) : raw;
  const encoding = options.encoding ?? encodingOf(bytes);
  const text = decodeHead(bytes, encoding);
  if (text.trim() === "") fail({ code: "data.empty", retryable: false, file: path });
  const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/.*\n(?:.*\n)*?size (\d+)/.exec(text);
  if (pointer !== null) fail({ code: "data.lfs-pointer", retryable: false, file: path, bytes: pointer[1]! });
  if (text.includes("\0"))
    fail(unreadable(path, null, "the file is binary; expected CSV, CSV.gz, Parquet or an Excel workbook"));
  return { kind: "csv", path, gzip, encoding, ...csvHead(path, text, options) };
}

/** By its byte order mark; UTF-16 of Latin text also by the zeros in every other byte. */
function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const start = bytes.subarray(0, 64);
  const zeros = (odd: number) => start.filter((byte, at) => at % 2 === odd && byte === 0).length;
  const pairs = start.length >> 1;
  if (pairs >= 4 && zeros(1) >= pairs - 1 && zeros(0) === 0) return "utf-16le";
  if (pairs >= 4 && zeros(0) >= pairs - 1 && zeros(1) === 0) return "utf-16be";
  return "utf-8";
}

/** The decoder takes a byte order mark away; a character that the head cuts is left out. */
const decodeHead = (bytes: Buffer, encoding: string): string =>
  new TextDecoder(encoding).decode(bytes, { stream: true });

async function readHead(path: string): Promise<Buffer> {
  await requireRegularFile(path);
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw fileFailure(path, error);
  }
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw fileFailure(path, error);
  } finally {
    await file.close();
  }
}

/** More than a head ever holds: a bomb of a few bytes inflates to gigabytes. */
const INFLATED_BYTES = 4 << 20;

function inflateHead(path: string, raw: Buffer): Buffer {
  // Most compression of text is below 10:1, so this much is enough of a head and little to inflate.
  const piece = raw.subarray(0, 1 << 16);
  for (const [bytes, maxOutputLength] of [
    [raw, 64 << 20],
    [piece, 256 << 20],
  ] as const) {
    try {
      // The head is cut anywhere in the stream, so an early end is no error here.
      return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength }).subarray(
        0,
        INFLATED_BYTES,
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") continue;
      throw new FailureError(unreadable(path, null, "broken gzip"), { cause: error });
    }
  }
  return fail(unreadable(path, null, "the gzip holds far more than a table of its size could"));
}
