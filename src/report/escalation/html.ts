import type { RuleResult } from "../../kit/artifacts/decision.js";
import { count, percent, signedPercent } from "../format.js";
import { type Child, type Html, html, NOTHING, trusted } from "../html/markup.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "../rules.js";
import { VERDICT_WORDS } from "../verdict.js";
import { strengthOf } from "./cause-words.js";
import type { ErrorShare, Escalation } from "./escalation.js";
import { histogramFigure } from "./histogram.js";
import {
  CAUSES_TITLE,
  type EscalationPage,
  escalationPage,
  failedGroups,
  intervalWords,
  NO_CAUSE,
  type PageSection,
} from "./page.js";
import { PAGE_STYLE } from "./page-style.js";

/** `escalation.html`: one file without scripts or other files, for a phone first. The first screen answers "do I have to do something now?". */
export function escalationHtml(escalation: Escalation): string {
  const page = escalationPage(escalation);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
${firstScreen(escalation)}
<main>
${causesSection(escalation)}
${failedSection("Rules that failed", escalation.rules.failed, "bad", "fails")}
${failedSection("Rules that could not be checked", escalation.rules.unknown, "warn", "unknown")}
${whereSection(escalation)}
${driftSection(escalation)}
${commandsSection(page)}
${detailsSection(page)}
${filesSection(page)}
</main>
<footer>${page.footer}</footer>
</body>
</html>
`.source;
}

function firstScreen(escalation: Escalation): Html {
  const { verdict, model, quarter, now, answer, stays, why, owner, deadline, diagnosis } = escalation;
  const { title, tone } = VERDICT_WORDS[verdict];
  const short = answer === "" ? now : answer;
  const detail = now.slice(short.length).replace(/^[\s:.]+/, "");
  const cause = diagnosis[0];
  return html`<header><div>
<p class="eyebrow"><span class="pill ${tone}">${title}</span><span>${model} ${quarter}</span></p>
<h1>Do I have to do something now?</h1>
<p class="answer">${short}.</p>
${detail === "" ? NOTHING : html`<p class="detail">${capital(detail)}</p>`}
<dl class="facts">
<div><dt>What stays live?</dt><dd>${stays}</dd></div>
<div><dt>Who decides, until when?</dt><dd>${owner ?? "No owner is named in the runbook"}, ${deadline === null ? "no deadline is set" : `by ${deadline}`}.</dd></div>
<div class="wide"><dt>Why?</dt><dd>${why}</dd></div>
${cause === undefined ? NOTHING : html`<div class="wide"><dt>Likeliest cause (${strengthOf(cause.score)} evidence)</dt><dd>${cause.title}.</dd></div>`}
</dl>
</div></header>`;
}

const section = (id: string, title: string, ...body: readonly Child[]): Html =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;

const TONES = { strong: "bad", fair: "warn", weak: "quiet" } as const;

function causesSection(escalation: Escalation): Html {
  const { causes } = escalationPage(escalation);
  if (causes.length === 0) return section("causes", CAUSES_TITLE, html`<p>${NO_CAUSE}</p>`);
  return section(
    "causes",
    CAUSES_TITLE,
    html`<ol class="causes">${causes.map(
      ({ title, strength, evidence }) =>
        html`<li class="${strength}"><strong>${title}</strong><span class="pill ${TONES[strength]}">${strength} evidence</span><ul>${evidence.map((line) => html`<li>${line}</li>`)}</ul></li>\n`,
    )}</ol>`,
  );
}

function failedSection(
  title: string,
  rules: readonly RuleResult[],
  tone: "bad" | "warn",
  word: string,
): Html {
  if (rules.length === 0) return NOTHING;
  const id = `rules-${word}`;
  return section(
    id,
    title,
    html`<div class="rules">${rules.map((rule) => ruleCard(rule, tone, word))}</div>`,
  );
}

function ruleCard(rule: RuleResult, tone: string, word: string): Html {
  const groups = failedGroups(rule);
  const facts = [
    ["Observed", rule.observed === null ? "" : ruleFigure(rule, rule.observed)],
    ["Limit", limitWords(rule)],
    ["Interval", rule.interval === null ? "" : intervalWords(rule, rule.interval)],
    ["n", rule.n === null ? "" : count(rule.n)],
  ].filter(([, value]) => value !== "");
  const reason = ruleReason(rule);
  return html`<div class="rule"><h3><span>${rule.id}</span><span class="pill ${tone}">${word}</span></h3>
<p class="what">${reason === null ? ruleSubject(rule) : `${ruleSubject(rule)}: ${reason}`}</p>
<dl>${facts.map(([label, value]) => html`<div><dt>${label!}</dt><dd>${value!}</dd></div>`)}</dl>
${groups.length === 0 ? NOTHING : html`<p class="groups">Worst: ${groups.map(({ key, observed }) => `${key} ${ruleFigure(rule, observed)}`).join(", ")}</p>`}</div>`;
}

const TOP = 4;

function whereSection({ causes }: Escalation): Html {
  const parts = [
    { title: "By segment", rows: causes.segments },
    { title: "By series", rows: causes.series },
    { title: "By period", rows: causes.periods },
  ].filter(({ rows }) => rows.length > 0);
  if (parts.length === 0) return NOTHING;
  const withExcess = parts.some(({ rows }) => rows.some(({ excessShare }) => excessShare !== null));
  return section(
    "where",
    "Where it comes from",
    html`<p class="note">${
      withExcess
        ? `Share of the error above the limit of ${percent(causes.wmapeLimit)}; series: among the worst.`
        : "Share of the quarter's error; no group is above a limit on it."
    }</p>`,
    parts.map(({ title, rows }) => html`<h3>${title}</h3>${bars(rows, withExcess)}`),
  );
}

function bars(rows: readonly ErrorShare[], withExcess: boolean): Html {
  const shareOf = ({ share, excessShare }: ErrorShare) => (withExcess ? (excessShare ?? 0) : share);
  return html`<ul class="bars">${rows
    .slice(0, TOP)
    .map(
      (row) =>
        html`<li><div class="row"><span>${row.key} <span class="dim">WMAPE ${percent(row.wmape)}, bias ${signedPercent(row.bias)}</span></span><span>${percent(shareOf(row), 0)}</span></div><span class="bar" aria-hidden="true"><i style="width:${String(Math.round(Math.min(1, shareOf(row)) * 1000) / 10)}%"></i></span></li>\n`,
    )}</ul>`;
}

function driftSection({ distributions }: Escalation): Html {
  if (distributions.length === 0) return NOTHING;
  return section("drift", "Features that drifted", distributions.slice(0, TOP).map(histogramFigure));
}

const commandsSection = ({ commands }: EscalationPage): Html =>
  section(
    "next",
    "What to type next",
    html`<div class="commands">${commands.map(
      ({ command, purpose }) =>
        html`<div><p>${capital(purpose)}</p><pre><code>${command}</code></pre></div>\n`,
    )}</div>`,
  );

/** Everything in tables, for whoever has more than a minute. */
const detailsSection = ({ sections }: EscalationPage): Html =>
  section(
    "figures",
    "All figures",
    html`<details><summary>${count(sections.length)} tables</summary>${sections.map(table)}</details>`,
  );

const table = ({
  title,
  note,
  columns,
  rows,
}: PageSection): Html => html`<h3>${title}</h3>${note === null ? NOTHING : html`<p class="note">${note}</p>`}
<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table><thead><tr>${columns.map(({ label, numeric }) => html`<th scope="col"${numeric ? trusted(' class="number"') : NOTHING}>${label === "" ? "Result" : label}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${columns.map(({ numeric }, i) => html`<td${numeric ? trusted(' class="number"') : NOTHING}>${cells[i] ?? ""}</td>`)}</tr>\n`)}</tbody></table></div>`;

/** Files beside this page are links; others are where the run was made. */
function filesSection({ files }: EscalationPage): Html {
  if (files.length === 0) return NOTHING;
  return section(
    "files",
    "Files",
    html`<ul class="files">${files.map(({ label, path, link }) => html`<li>${link == null ? label : html`<a href="${link}">${label}</a>`} <span class="dim">${path}</span></li>`)}</ul>`,
  );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
