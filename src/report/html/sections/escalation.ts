import type { Escalation } from "../../escalation/escalation.js";
import { type EscalationPage, escalationPage, NO_CAUSE } from "../../escalation/page.js";
import { type Html, html, NOTHING } from "../markup.js";
import { more, table } from "../parts.js";

/** The box that an escalated run starts with. */
export function escalationBox(escalation: Escalation | null): Html {
  if (escalation === null) return NOTHING;
  const page = escalationPage(escalation);
  return html`<aside class="call" aria-label="Escalation"><dl>
${page.answers.map(({ question, answer }) => html`<dt>${question}</dt><dd>${answer}</dd>`)}
<dt>Who and when?</dt><dd>${owner(escalation)}</dd>
<dt>Likely causes</dt>${page.causes.length === 0 ? html`<dd>${NO_CAUSE}</dd>` : page.causes.map(cause)}</dl>
<h2>What to type next</h2>
<pre>${commands(page)}</pre>
${more("Where the trouble comes from", page.sections.map(causes))}</aside>`;
}

const cause = ({ title, strength, evidence }: EscalationPage["causes"][number]): Html =>
  html`<dd>${title} (${strength} evidence). <span class="note">${evidence.join(" ")}</span></dd>`;

function owner({ owner, deadline }: Escalation): string {
  const who = owner ?? "No owner is named in the runbook";
  return deadline === null ? `${who}; no deadline is set.` : `${who}, by ${deadline}.`;
}

const commands = ({ commands }: EscalationPage): Html[] =>
  commands.map(({ command, purpose }) => html`<span class="why"># ${purpose}</span>\n${command}\n`);

const causes = ({ title, note, columns, rows }: EscalationPage["sections"][number]): Html =>
  table(
    note === null ? title : `${title}. ${note}`,
    columns.map(({ label, numeric }) => ({ label, kind: numeric ? "number" : "text" })),
    rows,
  );
