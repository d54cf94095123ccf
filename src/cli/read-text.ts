import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { fail } from "../kit/failure.js";
import { shellWord } from "../report/commands.js";

/** Nobody writes more by hand, and a parser should not be asked to. */
const LARGEST = 1_000_000;

/**
 * A text file that a person wrote and named, such as a runbook. Line ends may be LF, CRLF or CR, the encoding UTF-8 or, where a byte order mark says
 * so, UTF-16: all that YAML allows.
 * @param what it is, e.g. `the runbook`
 * @param next what to type instead
 * @throws FailureError `usage.invalid` when it cannot be read as that
 */
export function readText(file: string, what: string, next: string): string {
  const refuse = (why: string, help = next): never =>
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `cannot read ${what} ${file}: ${why}`,
      next: help,
    });
  let bytes: Buffer;
  try {
    const kind = otherKind(statSync(file));
    if (kind !== null) return refuse(`it is ${kind}`);
    bytes = readAtMost(file, LARGEST + 1);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === undefined) throw error;
    return refuse(errno === "ENOENT" ? "there is no such file" : (ERRNO[errno] ?? errno));
  }
  if (bytes.length > LARGEST) return refuse("it is larger than 1 MB; a file that somebody wrote is not");
  const decoded = decode(bytes);
  if (typeof decoded === "object") {
    const { at, why, encoding } = decoded;
    const from = encoding === null ? [] : [`iconv -f ${encoding} -t UTF-8 ${shellWord(file)} > NEW.yaml`];
    return refuse(`${at === null ? "" : `${placeOf(at)}: `}${why}`, from[0] ?? "save it as UTF-8");
  }
  const control = /[^\t\n\r\x20-\x7E\x85\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(decoded);
  if (control !== null) {
    const code = control[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return refuse(
      `${placeOf(decoded.slice(0, control.index))}: the character U+${code} is none of a text`,
      "remove it, or save the file anew as text in UTF-8",
    );
  }
  // A lone CR ends a line in YAML, but not for its parser.
  return decoded.replace(/\r(?!\n)/g, "\n");
}

const ERRNO: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it (EACCES)",
  EPERM: "this user may not read it (EPERM)",
  ENOTDIR: "a part of its path is no folder (ENOTDIR)",
  ELOOP: "its links go round in a circle (ELOOP)",
  ENAMETOOLONG: "the path is too long (ENAMETOOLONG)",
  ERR_INVALID_ARG_VALUE: "there is a NUL byte in its path",
};

/** What it is, where it is no regular file: those may have no end, or nobody who writes. */
function otherKind(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe, and no file";
  if (stats.isSocket()) return "a socket, and no file";
  return "a device, and no file";
}

/** A file may grow while it is read. */
function readAtMost(file: string, most: number): Buffer {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.min(most, Math.max(1, fstatSync(fd).size + 1)));
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(fd, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

interface Undecodable {
  /** The text before it, where it begins at some place. */
  readonly at: string | null;
  readonly why: string;
  /** What it probably is in, as `iconv` calls it. */
  readonly encoding: string | null;
}

function decode(bytes: Buffer): string | Undecodable {
  const starts = (...mark: number[]) => mark.every((byte, i) => bytes[i] === byte);
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff))
    return { at: null, why: "it is in UTF-32", encoding: "UTF-32" };
  const wide = marklessWide(bytes);
  if (wide !== null) return { at: null, why: `it looks like ${wide}`, encoding: wide };
  const marked = starts(0xff, 0xfe) ? "utf-16le" : starts(0xfe, 0xff) ? "utf-16be" : null;
  try {
    return new TextDecoder(marked ?? "utf-8", { fatal: true }).decode(withoutHalf(bytes, marked));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (marked !== null) return { at: null, why: "it is no UTF-16, as its first bytes say", encoding: null };
    const sound = soundPart(bytes);
    const byte = bytes[Buffer.byteLength(sound)]!.toString(16).toUpperCase();
    const encoding = "WINDOWS-1252";
    return { at: sound, why: `the byte 0x${byte} is not UTF-8 (it may be Latin-1)`, encoding };
  }
}

/** Text in two bytes a character without a mark that says so: most of one byte of each pair is zero. */
function marklessWide(bytes: Buffer): string | null {
  if (bytes.length < 8 || bytes[0] === 0xff || bytes[0] === 0xfe) return null;
  const zeros = [0, 0];
  for (const [i, byte] of bytes.subarray(0, 4096).entries()) if (byte === 0) zeros[i % 2]! += 1;
  const most = Math.min(bytes.length, 4096) / 4;
  if (zeros[0]! > most && zeros[1] === 0) return "UTF-16BE";
  return zeros[1]! > most && zeros[0] === 0 ? "UTF-16LE" : null;
}

/** An odd last byte is none of UTF-16; the decoder would take it for a broken character, which it is. */
const withoutHalf = (bytes: Buffer, marked: string | null): Buffer =>
  marked !== null && bytes.length % 2 === 1 ? bytes.subarray(0, -1) : bytes;

/** What comes before the first byte that is not UTF-8. */
function soundPart(bytes: Buffer): string {
  let [sound, broken] = [0, bytes.length];
  const isSound = (length: number): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
      return true;
    } catch {
      return false;
    }
  };
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isSound(middle)) sound = middle;
    else broken = middle;
  }
  const replaced = bytes.subarray(0, sound).toString("utf8");
  // A character that was begun and does not end is not in it.
  return replaced.replace(/\uFFFD$/, "");
}

/** `line 4, column 7` behind this text. */
function placeOf(before: string): string {
  const lines = before.split(/\r\n|\n|\r/);
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}
