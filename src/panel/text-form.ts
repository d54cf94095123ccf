import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FailureError, fail } from "../kit/failure.js";
import { fileFailure } from "./regular-file.js";

/** How the bytes of a text file become text. */
export interface TextForm {
  readonly path: string;
  readonly gzip: boolean;
  /** A label of the Encoding Standard, e.g. `utf-8`, `utf-16le`, `windows-1252`. */
  readonly encoding: string;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * The bytes of a file as UTF-8, in pieces.
 * @throws FailureError `data.unreadable` for broken gzip, `fs.failed`
 */
export async function eachUtf8Chunk(
  form: TextForm,
  take: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    if (form.encoding === "utf-8") {
      for await (const chunk of chunks) await take(chunk);
      return;
    }
    const decoder = new TextDecoder(form.encoding);
    for await (const chunk of chunks) await take(Buffer.from(decoder.decode(chunk, { stream: true })));
    await take(Buffer.from(decoder.decode()));
  };
  const stream = createReadStream(form.path);
  try {
    await (form.gzip ? pipeline(stream, createGunzip(), consume) : pipeline(stream, consume));
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (error instanceof FailureError) throw error;
    if (code?.startsWith("Z_") || code === "ERR_BUFFER_TOO_LARGE") {
      throw new FailureError(unreadable(form.path, null, "broken gzip"), { cause: error });
    }
    if (errno !== undefined) throw fileFailure(form.path, error);
    throw error;
  }
}

/** How the lines of a file end. */
export interface LineEnds {
  readonly lf: number;
  readonly crlf: number;
  readonly cr: number;
}

/**
 * Reads a whole file once, for what its first bytes cannot tell.
 * @throws FailureError `data.unreadable` with the line that is no UTF-8, or that holds a NUL
 */
export async function lineEndsOf(form: TextForm): Promise<LineEnds> {
  const ends = { lf: 0, crlf: 0, cr: 0 };
  let last = 0;
  let line = 1;
  const utf8 = form.encoding === "utf-8" ? new Utf8Check() : null;
  await eachUtf8Chunk(form, (chunk) => {
    const odd = utf8?.take(chunk) ?? -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (at === odd) fail(notUtf8(form.path, line, utf8!.lead ?? byte));
      if (byte === LF) {
        if (last === CR) {
          ends.crlf++;
          ends.cr--;
        } else {
          ends.lf++;
          line++;
        }
      } else if (byte === CR) {
        ends.cr++;
        line++;
      } else if (byte === 0) {
        fail(
          unreadable(form.path, line, "a NUL character stands in the text: this is no CSV, or a damaged one"),
        );
      }
      last = byte;
    }
  });
  if (utf8 !== null && utf8.lead !== null) fail(notUtf8(form.path, line, utf8.lead));
  return ends;
}

/** Whether a file's bytes are UTF-8 to its end, whatever its form says. */
export async function isUtf8(form: TextForm): Promise<boolean> {
  const check = new Utf8Check();
  let fits = true;
  await eachUtf8Chunk({ ...form, encoding: "utf-8" }, (chunk) => {
    fits &&= check.take(chunk) < 0;
  });
  return fits && check.lead === null;
}

/** Finds the first byte that is no UTF-8 by the table of the Unicode Standard (3-7), over pieces that may cut a character. */
class Utf8Check {
  /** Continuation bytes that are still to come, and the range of the next one. */
  private left = 0;
  private low = 0x80;
  private high = 0xbf;
  /** First byte of a character that is not whole yet. */
  lead: number | null = null;

  /** Place of the first odd byte in the chunk, or −1. */
  take(chunk: Buffer): number {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.left > 0) {
        if (byte < this.low || byte > this.high) return at;
        this.left--;
        if (this.left === 0) this.lead = null;
        this.low = 0x80;
        this.high = 0xbf;
      } else if (byte >= 0x80) {
        if (byte < 0xc2 || byte > 0xf4) return at;
        this.left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        this.lead = byte;
        if (byte === 0xe0) this.low = 0xa0;
        if (byte === 0xed) this.high = 0x9f;
        if (byte === 0xf0) this.low = 0x90;
        if (byte === 0xf4) this.high = 0x8f;
      }
    }
    return -1;
  }
}

function notUtf8(path: string, line: number, byte: number) {
  const letter = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
  const reading = /^\p{L}$/u.test(letter) ? ` (${letter} in Windows-1252, which Excel writes)` : "";
  return unreadable(
    path,
    line,
    `the text is not UTF-8: byte 0x${byte.toString(16).toUpperCase()}${reading}. Save it as UTF-8, or name its encoding, e.g. data.encoding: windows-1252`,
  );
}

export const unreadable = (file: string, line: number | null, detail: string) =>
  ({ code: "data.unreadable", retryable: false, file, line, detail }) as const;
