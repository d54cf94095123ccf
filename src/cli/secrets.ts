import { escapeMarkdown } from "../report/escalation/markdown.js";
import { escapeHtml } from "../report/html/markup.js";

/** One process has one standard output and one standard error, so what must not appear there is known to the process. */
const hidden = new Set<string>();

/** Words and numbers that the text around them is made of: hiding them would break JSON, and they are nobody's secret. */
const COMMON = /^(true|false|null|[-+]?([0-9]{1,5}|[0-9]*\.[0-9]*))$/i;

/** From now on these values are shown as `***`, also as JSON, HTML and Markdown write them. */
export function hideSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    const text = secret.trim();
    if (text === "" || COMMON.test(text)) continue;
    for (const form of [text, JSON.stringify(text).slice(1, -1), escapeHtml(text), escapeMarkdown(text)])
      hidden.add(form);
  }
}

/** Values that overlap in the text, or lie inside each other, are masked as one: no end of one stays legible. */
export function maskSecrets(text: string): string {
  let masked = "";
  let shown = 0;
  for (const { from, to } of occurrences(text)) {
    if (from >= shown) masked += `${text.slice(shown, from)}***`;
    shown = Math.max(shown, to);
  }
  return masked + text.slice(shown);
}

function occurrences(text: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const form of hidden) {
    for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + 1))
      found.push({ from, to: from + form.length });
  }
  return found.sort((a, b) => a.from - b.from);
}
