const CONTEXT = 3;

/**
 * A unified diff with one hunk, as `patch -p1` and `git apply` take it; empty when nothing differs. Made for a few
 * changed lines: what lies between the first and the last one is shown as changed.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail++;
  const from = Math.max(0, head - CONTEXT);
  const lead = a.slice(from, head);
  const trail = a.slice(a.length - tail, Math.min(a.length, a.length - tail + CONTEXT));
  const removed = a.slice(head, a.length - tail);
  const added = b.slice(head, b.length - tail);
  const range = (count: number): string => `${count === 0 ? from : from + 1},${count}`;
  const around = lead.length + trail.length;
  return [
    `--- a/${name}\n`,
    `+++ b/${name}\n`,
    `@@ -${range(around + removed.length)} +${range(around + added.length)} @@\n`,
    ...lead.map((line) => marked(" ", line)),
    ...removed.map((line) => marked("-", line)),
    ...added.map((line) => marked("+", line)),
    ...trail.map((line) => marked(" ", line)),
  ].join("");
}

/** Each with its line end. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const marked = (mark: string, line: string): string =>
  line.endsWith("\n") ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
