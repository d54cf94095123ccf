import { parseObject } from "../kit/json.js";
import { sha256 } from "./hash.js";

/**
 * Lines of JSON of which each has a hash chained to the line before, `{…,"hash":"<sha256>"}`: over that line's hash and over its own text before
 * `,"hash"`. The first line with a hash is chained to the sha256 of all bytes before it, so it vouches for what a program wrote that did not chain.
 */
export interface Chain {
  readonly lines: readonly ChainedLine[];
  /** Bytes up to and including the last whole line. */
  readonly sound: number;
  /** What comes after is the beginning of a line: a write that a kill or a power cut has stopped, and that nobody was told of. */
  readonly torn: boolean;
}

export interface ChainedLine {
  readonly body: Readonly<Record<string, unknown>>;
  /** Null in a file, or the beginning of one, of a program that did not chain. */
  readonly hash: string | null;
  /** Bytes up to its end. */
  readonly end: number;
}

/** The first line that is not what was written. */
export interface LineDamage {
  /** From 1. */
  readonly line: number;
  readonly expected: string;
  readonly actual: string;
  /** It is the seal beside the journal that is not there, or cannot be read. */
  readonly isSeal?: true;
}

export interface LineFormat {
  /** What a line looks like, for people. */
  readonly shape: string;
  /** Whether the n-th line may have this body. */
  accepts(body: Readonly<Record<string, unknown>>, n: number, isChained: boolean): boolean;
}

const NEWLINE = 0x0a;
const TRAILER = /,"hash":"([0-9a-f]{64})"\}$/;
/** Bytes of what `TRAILER` matches. */
const TRAILER_BYTES = ',"hash":"'.length + 64 + '"}'.length;

/** The text of a line, without its end, and its hash. */
export function chainedLine(body: object, before: string): { readonly line: string; readonly hash: string } {
  const text = JSON.stringify(body).slice(0, -1);
  const hash = sha256(before + text);
  return { line: `${text},"hash":"${hash}"}`, hash };
}

/** What the next line is chained to. */
export const hashAtEnd = ({ lines, sound }: Chain, bytes: Uint8Array): string =>
  hashBefore(lines, bytes, sound);

/** Reads lines up to the first damage. */
export function readChain(
  bytes: Uint8Array,
  format: LineFormat,
): { readonly chain: Chain; readonly damage: LineDamage | null } {
  const lines: ChainedLine[] = [];
  let start = 0;
  const chain = (torn = false): Chain => ({ lines, sound: start, torn });
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) break;
    const raw = bytes.subarray(start, end);
    const line = parseLine(raw, () => hashBefore(lines, bytes, start), end + 1);
    const isLast = end + 1 === bytes.length;
    // A file system that lost power may leave a block of zeros.
    if (isLast && raw.length > 0 && raw.every((byte) => byte === 0))
      return { chain: chain(true), damage: null };
    const isExpected =
      typeof line === "object" &&
      (line.hash !== null || lines.at(-1)?.hash == null) &&
      format.accepts(line.body, lines.length + 1, line.hash !== null);
    if (!isExpected) {
      const expected =
        line === "hash" ? "a line whose hash follows from it and the line before" : format.shape;
      return { chain: chain(), damage: { line: lines.length + 1, expected, actual: shown(raw) } };
    }
    lines.push(line);
    start = end + 1;
  }
  const rest = bytes.subarray(start);
  if (rest.length === 0) return { chain: chain(), damage: null };
  if (!goesBeyond(rest, () => hashBefore(lines, bytes, start))) return { chain: chain(true), damage: null };
  return {
    chain: chain(),
    damage: { line: lines.length + 1, expected: "a line end after the line", actual: shown(rest) },
  };
}

const hashBefore = (lines: readonly ChainedLine[], bytes: Uint8Array, start: number): string =>
  lines.at(-1)?.hash ?? sha256(bytes.subarray(0, start));

/** `text`: not an object of JSON. `hash`: one that is not what its hash says. */
function parseLine(raw: Uint8Array, before: () => string, end: number): ChainedLine | "text" | "hash" {
  const text = decode(raw);
  const body = text === null ? null : parseObject(text);
  if (text === null || body === null) return "text";
  const found = TRAILER.exec(text)?.[1];
  if (found === undefined) return { body, hash: null, end };
  const { hash, ...rest } = body;
  const isWhole = hash === found && sha256(before() + text.slice(0, -TRAILER_BYTES)) === found;
  return isWhole ? { body: rest, hash: found, end } : "hash";
}

/** Whether bytes without a line end hold a whole line and more: a write that was stopped never does, but a damaged line end looks so. */
function goesBeyond(rest: Uint8Array, before: () => string): boolean {
  const text = decode(rest.subarray(0, -1));
  if (text !== null && !TRAILER.test(text) && parseObject(text) !== null) return true;
  for (let end = rest.indexOf(0x7d); end >= 0 && end < rest.length - 1; end = rest.indexOf(0x7d, end + 1)) {
    const line = parseLine(rest.subarray(0, end + 1), before, 0);
    if (typeof line === "object" && line.hash !== null) return true;
  }
  return false;
}

function decode(raw: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return null;
  }
}

function shown(raw: Uint8Array): string {
  const text = new TextDecoder().decode(raw.subarray(0, 160));
  return raw.length > 80 ? `${text.slice(0, 80)}…` : text;
}
