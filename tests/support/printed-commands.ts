/** What stands for words that only the reader knows, in a command that is printed. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  NAME: "Ada",
  TEXT: "'so it is'",
  DATE: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
  VERSION: "1",
  QUARTER: "2025Q2",
  RUN: "2025Q2-1",
  FILE: "runbook.yaml",
  DIR: ".retrain",
  DIGEST: "sha256:0",
  MODEL: "room-demand",
};

/** A command as somebody types it who fills in what is in capitals. */
export const filled = (command: string): string =>
  command.replace(/(?<=[ =])[A-Z]{3,}(?= |$)/g, (word) => PLACEHOLDERS[word] ?? word);

const COMMAND = /^(?:[A-Z_]+=\S+ )*(?:npx )?retrain [a-z].*$/;

/**
 * The commands of `retrain` that a text tells its reader to type: a line of its own behind a label, and what stands in backticks. Lines that go on behind a
 * backslash are joined.
 */
export function commandsIn(text: string): string[] {
  const lines = text.replace(/ \\\n\s*/g, " ").split("\n");
  const found = lines.flatMap((line) => [
    ...[...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
    ...(line.includes("`")
      ? []
      : [line.replace(/^[\s│·]*(next|undo|live|or:|take it:)?\s*/, "").replace(/\s+#.*$/, "")]),
  ]);
  return [...new Set(found.map((one) => one.trim()).filter((one) => COMMAND.test(one)))];
}

/** As `commandsIn`, of a page: what stands in `code`. */
export const commandsInPage = (html: string): string[] =>
  commandsIn(
    [...html.matchAll(/<code[^>]*>(.*?)<\/code>/gs)]
      .map(([, code]) => unescaped(code!.replace(/<[^>]*>/g, "")))
      .join("\n"),
  );

const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
