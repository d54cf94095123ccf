import { type FileHandle, open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { FailureError, fail } from "../kit/failure.js";

/** A CSV file as its first bytes describe it. */
export interface CsvFile {
  readonly kind: "csv";
  readonly path: string;
  readonly gzip: boolean;
  readonly delimiter: string;
  /** Names of the header, in order. */
  readonly header: readonly string[];
}

interface ParquetFile {
  readonly kind: "parquet";
  readonly path: string;
}

export type TableFile = CsvFile | ParquetFile;

export interface InspectOptions {
  /** Field delimiter of CSV, or null to detect it. */
  readonly delimiter: string | null;
  /** Names that the header is expected to hold: they tell the delimiter. */
  readonly wanted: readonly string[];
}

/** In the order of preference when the header does not tell. */
const DELIMITERS = [",", ";", "\t", "|"];

/** More than any sane header. */
const HEAD_BYTES = 1 << 20;

/**
 * Tells the format of a file from its first bytes (names play no part) and reads a CSV header.
 * @throws FailureError `data.source-missing`, `data.lfs-pointer`, `data.empty`, `data.unreadable`
 */
export async function inspectTableFile(path: string, options: InspectOptions): Promise<TableFile> {
  const raw = await readHead(path);
  if (raw.length === 0) fail({ code: "data.empty", retryable: false, file: path });
  if (raw.subarray(0, 4).toString("latin1") === "PAR1") return { kind: "parquet", path };
  const gzip = raw[0] === 0x1f && raw[1] === 0x8b;
  const bytes = gzip ? inflateHead(path, raw) : raw;
  if (isUtf16(bytes)) unreadable(path, 1, "the file is UTF-16; expected UTF-8");
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  if (text.trim() === "") fail({ code: "data.empty", retryable: false, file: path });
  const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/.*\n(?:.*\n)*?size (\d+)/.exec(text);
  if (pointer !== null) fail({ code: "data.lfs-pointer", retryable: false, file: path, bytes: pointer[1]! });
  if (text.includes("\0")) unreadable(path, null, "the file is binary; expected CSV, CSV.gz or Parquet");
  const delimiter = options.delimiter ?? detectDelimiter(text, options.wanted);
  const header = firstRecord(text, delimiter);
  if (header === null) unreadable(path, 1, "a quoted name in the header is not closed");
  return { kind: "csv", path, gzip, delimiter, header };
}

/** The delimiter that finds most of the wanted names in the header; among equals the one that makes most fields. */
function detectDelimiter(text: string, wanted: readonly string[]): string {
  let best = { delimiter: ",", names: -1, fields: -1 };
  for (const delimiter of DELIMITERS) {
    const header = firstRecord(text, delimiter) ?? [];
    const names = wanted.filter((name) => header.includes(name)).length;
    if (names > best.names || (names === best.names && header.length > best.fields)) {
      best = { delimiter, names, fields: header.length };
    }
  }
  return best.delimiter;
}

/** Fields of the first record (RFC 4180), or null when a quote stays open. */
export function firstRecord(text: string, delimiter: string): string[] | null {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      at++;
      for (;;) {
        const close = text.indexOf('"', at);
        if (close < 0) return null;
        field += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        field += '"';
        at++;
      }
    }
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
    fields.push(field + text.slice(start, at));
    if (text[at] !== delimiter) return fields;
    at++;
  }
}

async function readHead(path: string): Promise<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new FailureError(
        { code: "data.source-missing", retryable: false, source: path },
        { cause: error },
      );
    }
    throw cannotOpen(path, error);
  }
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw cannotOpen(path, error);
  } finally {
    await file.close();
  }
}

function cannotOpen(path: string, error: unknown): FailureError {
  const { errno, code } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === undefined) throw error;
  return new FailureError(
    { code: "fs.failed", retryable: false, operation: "read", path, errno: code },
    { cause: error },
  );
}

function inflateHead(path: string, raw: Buffer): Buffer {
  try {
    // The head is cut anywhere in the stream, so an early end is no error here.
    return gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new FailureError(
      { code: "data.unreadable", retryable: false, file: path, line: null, detail: "broken gzip" },
      { cause: error },
    );
  }
}

const isUtf16 = (bytes: Buffer): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

function unreadable(file: string, line: number | null, detail: string): never {
  fail({ code: "data.unreadable", retryable: false, file, line, detail });
}
