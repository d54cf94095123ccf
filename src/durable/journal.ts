import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";

/** Whose file it is: decides the code of the failure when a line in the middle is broken. */
export type CorruptCode = "store.corrupt" | "registry.corrupt";

interface Tail {
  /** Bytes-exact text up to and including the last complete line. */
  readonly sound: string;
  readonly torn: boolean;
  readonly lines: readonly Line[];
}

interface Line {
  readonly seq: number;
  readonly record: unknown;
}

/**
 * Appends one record as a line `{"seq":n,"record":…}` (n counts from 1) and fsyncs it. A torn last line, left by a kill, is cut
 * off first. One writer at a time: callers hold the lock of the folder.
 * @returns the sequence number of the record
 */
export async function appendRecord(
  files: DurableFiles,
  path: string,
  record: unknown,
  code: CorruptCode,
): Promise<number> {
  const text = (await files.readText(path)) ?? "";
  const known = ends(files).get(path);
  // Checked by this process and not changed by another since: a line need not cost more the more lines there are.
  const { sound, torn, next } =
    known?.text === text ? { sound: text, torn: false, next: known.next } : nextOf(split(text, path, code));
  if (torn) await files.writeAtomic(path, sound);
  const line = JSON.stringify({ seq: next, record });
  ends(files).delete(path);
  await files.appendLine(path, line);
  ends(files).set(path, { text: `${sound}${line}\n`, next: next + 1 });
  return next;
}

/**
 * Every complete record, oldest first; empty when there is no file. A torn last line (no line end, or not JSON) was never
 * acknowledged to anyone and is dropped.
 * @throws FailureError with `code` on a broken line before the last one, a gap in the sequence, or a record that the schema refuses
 */
export async function readRecords<T>(
  files: DurableFiles,
  path: string,
  schema: { parse(value: unknown): T },
  code: CorruptCode,
): Promise<T[]> {
  const text = await files.readText(path);
  return split(text ?? "", path, code).lines.map(({ seq, record }) => {
    try {
      return schema.parse(record);
    } catch (error) {
      return corrupt(code, path, seq, "a record of this journal", JSON.stringify(record), error);
    }
  });
}

function split(text: string, path: string, code: CorruptCode): Tail {
  const end = text.lastIndexOf("\n") + 1;
  const raw = text.slice(0, end).split("\n").slice(0, -1);
  const lines: Line[] = [];
  let sound = 0;
  for (const [index, line] of raw.entries()) {
    const value = parseJson(line);
    if (value === undefined) {
      const isLast = index === raw.length - 1 && end === text.length;
      if (!isLast) return corrupt(code, path, index + 1, "a line of JSON", line);
      return { sound: text.slice(0, sound), torn: true, lines };
    }
    if (!isLine(value) || value.seq !== index + 1) {
      return corrupt(code, path, index + 1, `{"seq":${index + 1},"record":…}`, line);
    }
    lines.push(value);
    sound += line.length + 1;
  }
  return { sound: text.slice(0, sound), torn: end < text.length, lines };
}

const nextOf = ({ sound, torn, lines }: Tail) => ({ sound, torn, next: lines.length + 1 });

interface End {
  /** The journal as this process left it. */
  readonly text: string;
  /** The sequence number that comes then. */
  readonly next: number;
}

const endsOf = new WeakMap<DurableFiles, Map<string, End>>();

function ends(files: DurableFiles): Map<string, End> {
  const known = endsOf.get(files) ?? new Map<string, End>();
  endsOf.set(files, known);
  return known;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isLine = (value: unknown): value is Line =>
  typeof value === "object" && value !== null && "seq" in value && "record" in value;

function corrupt(
  code: CorruptCode,
  path: string,
  line: number,
  expected: string,
  actual: string,
  cause?: unknown,
): never {
  const shown = actual.length > 80 ? `${actual.slice(0, 80)}…` : actual;
  if (code === "registry.corrupt") {
    return fail(
      { code, retryable: false, path, detail: `line ${line}: expected ${expected}, found ${shown}` },
      cause,
    );
  }
  return fail({ code, retryable: false, path, expected: `line ${line}: ${expected}`, actual: shown }, cause);
}
