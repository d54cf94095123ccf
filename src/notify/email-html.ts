import type { Notice } from "./notice.js";

const escapeHtml = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** Plain enough for any mail program: styles in the elements, nothing loaded. */
export function emailHtml({ title, summary, facts, points, commands, links }: Notice): string {
  const parts = [
    `<h1 style="font-size:1.3em">${escapeHtml(title)}</h1>`,
    ...summary.map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    list(points.map(escapeHtml)),
    facts.length === 0 ? "" : `<table>${facts.map(factRow).join("")}</table>`,
    ...commands.map(
      ({ command, purpose }) =>
        `<p style="margin-bottom:0">${escapeHtml(purpose)}:</p><pre style="white-space:pre-wrap;background:#f2f2f2;color:#111;padding:6px;margin-top:2px">${escapeHtml(command)}</pre>`,
    ),
    list(links.map(({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`)),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="font-family:sans-serif;max-width:44em">
${parts.filter((part) => part !== "").join("\n")}
</body></html>
`;
}

const factRow = ({ label, value }: Notice["facts"][number]): string =>
  `<tr><th style="text-align:left;padding-right:1em">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`;

const list = (items: readonly string[]): string =>
  items.length === 0 ? "" : `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
