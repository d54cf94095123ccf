import { firstRecord } from "./csv-head.js";
import type { CsvFile } from "./table-file.js";
import { eachUtf8Chunk } from "./text-form.js";

/** Where a record of a CSV file stands, and what it says. */
export interface LocatedRecord {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** One a header name. */
  readonly fields: readonly string[];
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/**
 * Finds records by number (data records from 1; the header is 0) and the lines where they start. Exact under quoted line breaks,
 * blank lines and CRLF, by the rules by which DuckDB counts records: RFC 4180, empty lines are no records.
 */
export async function locateRecords(
  file: CsvFile,
  records: Iterable<number>,
): Promise<ReadonlyMap<number, LocatedRecord>> {
  const scanner = new RecordScanner(file, new Set(records));
  await eachUtf8Chunk(file, (chunk) => scanner.take(chunk));
  scanner.end();
  return scanner.found;
}

class RecordScanner {
  readonly found = new Map<number, LocatedRecord>();
  private readonly delimiter: number;
  private record = 0;
  private line = 1;
  private recordLine = 1;
  /** Bytes of the current record when it is wanted. */
  private kept: Buffer[] = [];
  private quoted = false;
  private fieldStart = true;
  private recordEmpty = true;
  private lastByte = 0;
  private readonly delimiterText: string;
  /** Lines above the header, which are no records. */
  private readonly skip: number;

  constructor(
    { delimiter, skip }: CsvFile,
    private readonly wanted: ReadonlySet<number>,
  ) {
    this.delimiterText = delimiter;
    this.delimiter = delimiter.charCodeAt(0);
    this.skip = skip;
  }

  take(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const afterCr = this.lastByte === CR;
      this.lastByte = byte;
      if (byte === LF || byte === CR) {
        const secondOfPair = byte === LF && afterCr;
        if (!secondOfPair) this.line++;
        if (!this.quoted) {
          if (!secondOfPair) this.endRecord(chunk.subarray(start, at));
          start = at + 1;
          this.recordLine = this.line;
        }
      } else if (this.line <= this.skip) {
        this.recordEmpty = true;
      } else if (byte === QUOTE && (this.quoted || this.fieldStart)) {
        // A doubled quote inside a quoted field closes it and opens it again, which comes to the same.
        this.quoted = !this.quoted;
        this.fieldStart = true;
        this.recordEmpty = false;
      } else {
        this.fieldStart = byte === this.delimiter && !this.quoted;
        this.recordEmpty = false;
      }
    }
    if (this.wanted.has(this.record)) this.kept.push(Buffer.from(chunk.subarray(start)));
  }

  end(): void {
    this.endRecord(Buffer.alloc(0));
  }

  private endRecord(tail: Buffer): void {
    if (!this.recordEmpty) {
      if (this.wanted.has(this.record)) {
        const text = Buffer.concat([...this.kept, tail]).toString("utf8");
        const fields = firstRecord(text, this.delimiterText) ?? [text];
        this.found.set(this.record, { line: this.recordLine, fields });
      }
      this.record++;
    }
    this.kept = [];
    this.fieldStart = true;
    this.recordEmpty = true;
  }
}
