import { type Failure, fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { type Chain, chainedLine, hashAtEnd, type LineDamage, type LineFormat, readChain } from "./chain.js";
import { errnoOf } from "./errno.js";
import { sha256 } from "./hash.js";
import { readSeal, type Seal, sealPath, sealProblem, writeSeal } from "./seal.js";

/** Whose file it is: decides what the failure is when a line is not what was written. */
export type CorruptCode = "store.corrupt" | "registry.corrupt" | DescribeDamage;

export type DescribeDamage = (damage: LineDamage, path: string) => Failure;

/**
 * Where length and last hash of a journal stand besides, so that lines which were cut off are missed. `synced`: after every line, on the disk before
 * the append returns; a journal of two lines or more that has none is damaged. `quick`: after every line, and a power cut may take it. Absent: only
 * where `sealJournal` is called.
 */
export type Sealing = "synced" | "quick";

export interface JournalOptions {
  readonly seal?: Sealing;
  /** Default: `{"seq":n,"record":…}`. */
  readonly format?: JournalFormat;
}

/** How a record stands in its line. */
interface JournalFormat extends LineFormat {
  bodyOf(record: unknown, seq: number): object;
  recordOf(body: Readonly<Record<string, unknown>>): unknown;
}

const RECORDS: JournalFormat = {
  shape: '{"seq":n,"record":…}, with the next n',
  accepts: (body, n) => body.seq === n && "record" in body && Object.keys(body).length === 2,
  bodyOf: (record, seq) => ({ seq, record }),
  recordOf: ({ record }) => record,
};

/** The record's own members, then `seq`: for files that were such lines before they were chained. */
export const FLAT: JournalFormat = {
  shape: "a line of JSON, with the next seq",
  accepts: (body, n, isChained) => (isChained ? body.seq === n : !("seq" in body || "hash" in body)),
  bodyOf: (record, seq) => ({ ...(record as object), seq }),
  recordOf: ({ seq: _, ...record }) => record,
};

/**
 * Appends one record as a line `{"seq":n,"record":…,"hash":…}` (n counts from 1), chained to the line before, and fsyncs it. A torn last line, left
 * by a kill, is cut off first. One writer at a time: callers hold the lock of the folder.
 * @returns the sequence number of the record
 */
export async function appendRecord(
  files: DurableFiles,
  path: string,
  record: unknown,
  code: CorruptCode,
  options: JournalOptions = {},
): Promise<number> {
  const { seal, format = RECORDS } = options;
  const end = await endOf(files, path, code, options);
  const seq = end.length + 1;
  const { line, hash } = chainedLine(format.bodyOf(record, seq), end.hash);
  ends(files).delete(path);
  await files.appendLine(path, line);
  if (seal !== undefined) await writeSeal(files, path, { length: seq, hash }, seal);
  ends(files).set(path, { text: `${end.text}${line}\n`, length: seq, hash });
  return seq;
}

/**
 * Every complete record, oldest first; empty when there is no file. A torn last line was never acknowledged to anyone and is dropped.
 * @throws FailureError with `code` on a line that is not what was written, on lines that are missing, or a record that the schema refuses
 */
export async function readRecords<T>(
  files: DurableFiles,
  path: string,
  schema: { parse(value: unknown): T },
  code: CorruptCode,
  options: JournalOptions = {},
): Promise<T[]> {
  const { format = RECORDS } = options;
  const { chain } = await readSound(files, path, code, options);
  return chain.lines.map(({ body }, index) => {
    const record = format.recordOf(body);
    try {
      return schema.parse(record);
    } catch (error) {
      const damage = { line: index + 1, expected: "a record of this journal", actual: shown(record) };
      return corrupt(code, path, damage, error);
    }
  });
}

/**
 * Length and hash of a journal after each of its lines, oldest first. The hash after a line of a program that did not chain is the sha256 of all bytes until
 * there.
 */
export async function journalEnds(
  files: DurableFiles,
  path: string,
  code: CorruptCode,
  options: JournalOptions = {},
): Promise<readonly Seal[]> {
  const { chain, bytes } = await readSound(files, path, code, options);
  return chain.lines.map(({ hash, end }, index) => ({
    length: index + 1,
    hash: hash ?? sha256(bytes.subarray(0, end)),
  }));
}

/** Writes length and last hash of a journal down as they are now. */
export async function sealJournal(files: DurableFiles, path: string, code: CorruptCode): Promise<void> {
  const { length, hash } = await endOf(files, path, code, {});
  await writeSeal(files, path, { length, hash }, "quick");
}

/** A damaged journal as far as it can be trusted. */
export interface SoundPart<T> {
  /** What stands in the file, whole. */
  readonly bytes: Uint8Array;
  readonly lines: number;
  /** Text of the lines before the damage. */
  readonly text: string;
  /** What a line after them is chained to. */
  readonly hash: string;
  readonly records: readonly T[];
}

/** What is left of a journal before its first damage, or the first record that the schema refuses. */
export async function soundPart<T>(
  files: DurableFiles,
  path: string,
  schema: { safeParse(value: unknown): { readonly data?: T | undefined; readonly success: boolean } },
): Promise<SoundPart<T>> {
  const found = await readOrDamage(files, path);
  const bytes = "line" in found ? new Uint8Array() : found;
  const { lines } = readChain(bytes, RECORDS).chain;
  const parsed = lines.map(({ body }) => schema.safeParse(RECORDS.recordOf(body)));
  const refused = parsed.findIndex(({ success }) => !success);
  const sound = lines.slice(0, refused < 0 ? lines.length : refused);
  const chain = { lines: sound, sound: sound.at(-1)?.end ?? 0, torn: false };
  return {
    bytes,
    lines: sound.length,
    text: textOf(bytes, chain),
    hash: hashAtEnd(chain, bytes),
    records: parsed.slice(0, sound.length).map(({ data }) => data as T),
  };
}

interface End extends Seal {
  /** The journal as this process left it. */
  readonly text: string;
}

/** The end of the journal, after what a kill left there was put right. */
async function endOf(
  files: DurableFiles,
  path: string,
  code: CorruptCode,
  options: JournalOptions,
): Promise<End> {
  const text = (await files.readText(path).catch(() => null)) ?? "";
  const known = ends(files).get(path);
  // Checked by this process and not changed by another since: a line need not cost more the more lines there are.
  if (known?.text === text) return known;
  const { chain, bytes, seal } = await readSound(files, path, code, options);
  const end = { text: textOf(bytes, chain), length: chain.lines.length, hash: hashAtEnd(chain, bytes) };
  if (chain.torn) await files.writeAtomic(path, end.text);
  // A kill came between the last line and its seal: no line goes on top of one that is in one place only.
  const isBehind = (seal?.length ?? 0) < end.length && chain.lines.at(-1)?.hash != null;
  if (options.seal === "synced" && isBehind) await writeSeal(files, path, end, "synced");
  return end;
}

async function readSound(
  files: DurableFiles,
  path: string,
  code: CorruptCode,
  { seal: sealing, format = RECORDS }: JournalOptions,
): Promise<{ readonly chain: Chain; readonly bytes: Uint8Array; readonly seal: Seal | null }> {
  const bytes = await readOrDamage(files, path);
  if ("line" in bytes) return corrupt(code, path, bytes);
  const { chain, damage } = readChain(bytes, format);
  if (damage !== null) return corrupt(code, path, damage);
  const seal = await readSeal(files, path);
  const problem = sealProblem(seal, chain, sealing === "synced");
  if (problem !== null) return corrupt(code, path, problem);
  return { chain, bytes, seal: seal === "unreadable" ? null : seal };
}

/** A folder where the file was is damage, and nothing that the operating system can help with. */
async function readOrDamage(files: DurableFiles, path: string): Promise<Uint8Array | LineDamage> {
  try {
    return (await files.readBytes(path)) ?? new Uint8Array();
  } catch (error) {
    if (errnoOf((error as Error).cause) !== "EISDIR") throw error;
    return { line: 1, expected: "a file", actual: "a folder" };
  }
}

const textOf = (bytes: Uint8Array, { sound }: Chain): string =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, sound));

const endsOf = new WeakMap<DurableFiles, Map<string, End>>();

function ends(files: DurableFiles): Map<string, End> {
  const known = endsOf.get(files) ?? new Map<string, End>();
  endsOf.set(files, known);
  return known;
}

function shown(record: unknown): string {
  const text = JSON.stringify(record);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function corrupt(code: CorruptCode, journal: string, damage: LineDamage, cause?: unknown): never {
  const { line, expected, actual, isSeal } = damage;
  const path = isSeal ? sealPath(journal) : journal;
  if (typeof code === "function") return fail(code(damage, path), cause);
  if (code === "registry.corrupt") {
    const detail = `line ${line}: expected ${expected}, found ${actual}`;
    return fail({ code, retryable: false, path, detail }, cause);
  }
  return fail({ code, retryable: false, path, expected: `line ${line}: ${expected}`, actual }, cause);
}
