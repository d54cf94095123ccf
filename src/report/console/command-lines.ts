import type { Style } from "../style.js";
import { columns, visible } from "../text.js";

/**
 * A command to copy. On a screen that is too narrow it goes on in further lines, broken between words, each but the last with the backslash by which a shell reads
 * on; so it can be copied as it stands.
 * @param used columns that are taken in front of it
 */
export function commandLines(command: string, { width, isScreen }: Style, used: number): string[] {
  const shown = visible(command);
  if (!isScreen || used + columns(shown) <= width) return [shown];
  const lines: string[] = [];
  let line = "";
  for (const word of wordsOf(shown)) {
    const indent = lines.length === 0 ? "" : INDENT;
    const longer = line === "" ? `${indent}${word}` : `${line} ${word}`;
    if (line !== "" && used + columns(longer) + CONTINUED.length > width) {
      lines.push(line + CONTINUED);
      line = `${INDENT}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

const INDENT = "  ";
const CONTINUED = " \\";

/** As a shell sees them: blanks inside quotes separate nothing, and a flag stays with its value. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:\\.|'[^']*'|"[^"]*"|[^\s'"\\])+/g) ?? [];
  // A quote that is not closed: nobody knows what belongs together.
  if (words.join(" ") !== command) return [command];
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    const isValue = last !== undefined && /^--[\w-]+$/.test(last) && !word.startsWith("-");
    if (isValue) joined[joined.length - 1] = `${last} ${word}`;
    else joined.push(word);
  }
  return joined;
}
