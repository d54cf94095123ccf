import { fail } from "../kit/failure.js";
import { unreadable } from "./text-form.js";

/** What the first lines of a CSV file say. */
export interface CsvHead {
  readonly delimiter: string;
  /** Names of the header, in order. */
  readonly header: readonly string[];
  /** Lines above the header that are no part of the table: Excel's `sep=`, comments, empty ones. */
  readonly skip: number;
}

/** In the order of preference when the header does not tell. */
const DELIMITERS = [",", ";", "\t", "|"];

/** Lines that are searched for a header when the first one has none of its names. */
const TITLE_LINES = 50;

/**
 * @param text the first part of the file, without a byte order mark
 * @throws FailureError `data.unreadable`
 */
export function csvHead(
  path: string,
  text: string,
  options: { readonly delimiter: string | null; readonly wanted: readonly string[] },
): CsvHead {
  let at = 0;
  let skip = 0;
  let announced: string | null = null;
  for (;;) {
    const { line, next } = lineAt(text, at);
    // Excel writes it to say which delimiter follows, and does not show it.
    const separator: RegExpExecArray | null = skip === 0 ? /^"?sep=(.)"?\s*$/i.exec(line) : null;
    if (separator !== null) announced = separator[1]!;
    else if (line !== "") break;
    if (next === text.length) break;
    at = next;
    skip++;
  }
  const delimiterOf = (rest: string) =>
    options.delimiter ?? announced ?? detectDelimiter(rest, options.wanted);
  const found = headerAt(text.slice(at), delimiterOf(text.slice(at)));
  const complete = (header: readonly string[] | null) =>
    header !== null && options.wanted.every((name) => header.includes(name));
  if (options.wanted.length > 0 && !complete(found)) {
    const below = headerBelow(text, at, skip, (rest) => {
      const delimiter = delimiterOf(rest);
      const header = headerAt(rest, delimiter);
      return complete(header) ? { delimiter, header: header! } : null;
    });
    if (below?.onlyComments) return below;
    if (below !== null) {
      const detail = `line ${below.skip + 1} has the columns; remove the ${below.skip === 1 ? "line" : "lines"} above it, the header comes first`;
      fail(unreadable(path, skip + 1, detail));
    }
  }
  if (found === null) fail(unreadable(path, skip + 1, "a quoted name in the header is not closed"));
  return { delimiter: delimiterOf(text.slice(at)), header: found, skip };
}

function headerBelow(
  text: string,
  start: number,
  skipped: number,
  read: (rest: string) => Pick<CsvHead, "delimiter" | "header"> | null,
): (CsvHead & { readonly onlyComments: boolean }) | null {
  let at = start;
  let onlyComments = true;
  for (let skip = skipped; skip < skipped + TITLE_LINES; skip++) {
    const { line, next } = lineAt(text, at);
    if (line.trim() !== "" && !line.startsWith("#")) onlyComments = false;
    if (next === text.length) return null;
    at = next;
    const found = read(text.slice(at));
    if (found !== null) return { ...found, skip: skip + 1, onlyComments };
  }
  return null;
}

function lineAt(text: string, at: number): { readonly line: string; readonly next: number } {
  const end = /\r\n|\n|\r/g;
  end.lastIndex = at;
  const match = end.exec(text);
  return match === null
    ? { line: text.slice(at), next: text.length }
    : { line: text.slice(at, match.index), next: end.lastIndex };
}

const headerAt = (rest: string, delimiter: string): string[] | null => firstRecord(rest, delimiter);

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
