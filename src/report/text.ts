import { stripVTControlCharacters } from "node:util";

/** Text of people on a terminal: no control characters, and a width in columns. */

let segmenter: Intl.Segmenter | undefined;

/** Made when the first text needs it: it takes 10 ms, and most texts are plain ASCII. */
function graphemesOf(text: string): Iterable<{ readonly segment: string }> {
  if (PLAIN.test(text)) return Array.from(text, (segment) => ({ segment }));
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** Every character is one grapheme of one column. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Marks that turn the order of what follows on the screen around. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;

/** One line without escape sequences or control characters, so that a series name cannot drive the terminal. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(BIDI, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** As `oneLine`, but keeps line breaks and indentation. */
export const visible = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(BIDI, "")
    .replace(/\r\n?/g, "\n")
    .replace(/\t/g, "  ")
    .replace(/[^\P{Cc}\n]/gu, "");

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Columns that one grapheme takes: East Asian wide characters and emoji take two (Unicode Standard Annex 11). */
function graphemeWidth(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** Columns that a text without escape sequences takes. */
export function columns(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts to at most `width` columns, with `…` where something is missing; never inside a character. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width < 1) return "";
  let taken = "";
  let used = 0;
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment);
    if (used > width - 1) break;
    taken += segment;
  }
  return `${taken.trimEnd()}…`;
}

/** Fills with spaces on the right to `width` columns. */
export const pad = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - columns(text)));

/** Fills with spaces on the left to `width` columns. */
export const padLeft = (text: string, width: number): string =>
  " ".repeat(Math.max(0, width - columns(text))) + text;

/** Breaks at spaces to lines of at most `width` columns; a longer word stays whole, so that paths can be copied. Colours take no room. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    let used = 0;
    for (const word of paragraph.split(" ")) {
      const room = columns(stripVTControlCharacters(word));
      if (line !== "" && used + 1 + room > width) {
        lines.push(line);
        [line, used] = [word, room];
      } else [line, used] = line === "" ? [word, room] : [`${line} ${word}`, used + 1 + room];
    }
    return [...lines, line];
  });
}

/**
 * Text for a screen: a line that is wider is broken at spaces, and goes on below where its own text begins. Escape sequences other than colours mean that
 * somebody draws there, and such a line is left alone.
 */
export const fitted = (text: string, width: number): string =>
  text
    .split("\n")
    .map((line) => fittedLine(line, width))
    .join("\n");

function fittedLine(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  if (columns(plain) <= width || isDrawn(line)) return line;
  const indent = " ".repeat(Math.min(INDENTS.exec(plain)![0].length, Math.floor(width / 2)));
  const body = line.replace(/^ +/, "");
  const begin = " ".repeat(line.length - body.length);
  const [first = "", ...rest] = wrap(body, width - begin.length);
  // What is below may begin further to the right, and then holds less.
  const below = rest.length === 0 ? [] : wrap(rest.join(" "), width - indent.length);
  return [begin + first, ...below.map((part) => indent + part)].join("\n");
}

const ESCAPE = "\u001b[";

/** Whether somebody moves the cursor in a line: back to its begin, or by an escape sequence that is no colour. */
const isDrawn = (line: string): boolean =>
  line.includes("\r") ||
  line
    .split(ESCAPE)
    .slice(1)
    .some((part) => !/^[\d;]*m/.test(part));

/** Blanks, and a mark of a list with what follows it: below that, text goes on. */
const INDENTS = /^ *([✔✖!?·→…│–-] +)?/;
