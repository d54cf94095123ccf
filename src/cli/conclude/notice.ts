import type { Notice } from "../../notify/notice.js";
import type { Commands } from "../../report/commands.js";
import type { Escalation } from "../../report/escalation/escalation.js";
import { escalationPage } from "../../report/escalation/page.js";
import { plural } from "../../report/format.js";
import { brokenSteps, headline, liveOf, liveSentence, liveWords, sentence } from "../../report/live.js";
import { escapeMarkdown, pageMarkdown } from "../../report/page/markdown.js";
import { ruleSentence, sortRules } from "../../report/rules.js";
import type { RunDocument } from "../../report/run-document.js";

export interface NoticeInput {
  readonly document: RunDocument;
  readonly escalation: Escalation | null;
  readonly commands: Commands;
  readonly links: Notice["links"];
}

/**
 * What people are told of a run, the most important first; nothing when its end is nobody's business but the caller's. A run that decided about the
 * release and then broke is news to those who listen for the one, and to those who listen for the other.
 */
export function noticesOf(input: NoticeInput): Notice[] {
  const decided = noticeOf(input);
  if (decided === null) return [];
  const isBroken = decided.occasion !== "failed" && brokenSteps(input.document).length > 0;
  return isBroken ? [decided, failedNotice(input)] : [decided];
}

export function noticeOf(input: NoticeInput): Notice | null {
  const { document, escalation } = input;
  switch (document.verdict) {
    case "escalated":
      return escalation === null ? null : escalatedNotice(input, escalation);
    case "promoted":
      return promotedNotice(input);
    case "failed":
      return failedNotice(input);
    case "completed":
    case "interrupted":
    case "would-promote":
    case "would-escalate":
      return null;
  }
}

function escalatedNotice({ document, links }: NoticeInput, escalation: Escalation): Notice {
  const { model, quarter, candidate, live, owner, deadline, run, rules, now, stays, why } = escalation;
  const label = { failed: "failed", unknown: "could not be checked" } as const;
  const both = headline(document);
  const broke = both === null ? [] : [sentence(both)];
  return {
    occasion: "escalated",
    subject: escalation.decision,
    title: `${model} ${quarter} escalated: version ${candidate} needs a decision`,
    summary: [now, stays, why, ...broke],
    facts: facts({
      "Likely cause": escalation.diagnosis[0]?.title ?? null,
      Owner: owner,
      Deadline: deadline,
      Candidate: `version ${candidate}`,
      Live: live === null ? "nothing yet" : `version ${live}`,
      Run: run,
    }),
    points: (["failed", "unknown"] as const).flatMap((kind) =>
      rules[kind].map((rule) => `${rule.id} ${label[kind]}: ${ruleSentence(rule)}`),
    ),
    commands: escalation.next,
    links,
    markdown: pageMarkdown(escalationPage(escalation)),
    payload: escalation,
  };
}

function promotedNotice({ document, commands, links }: NoticeInput): Notice {
  const { run, quarter, model, champion, decision } = document;
  const { warnings } = sortRules(decision?.rules ?? []);
  const warned = warnings.length === 0 ? [] : [`${plural(warnings.length, "rule")} only warned.`];
  return short({
    occasion: "promoted",
    subject: `${decision?.digest} promoted`,
    title: `${model.name} ${quarter} promoted: ${headline(document) ?? liveWords(document)}`,
    summary: [liveSentence(document), ...warned],
    facts: facts({ Model: model.name, Quarter: quarter, Run: run }),
    points: [...failureLines(document), ...warnings.map((rule) => `${rule.id}: ${ruleSentence(rule)}`)],
    commands: [
      ...resumeCommand(document, commands),
      { command: commands.report(run), purpose: "see every table and chart of this run" },
    ],
    links,
    payload: {
      ...payloadHead(document),
      champion,
      decision: decision?.digest ?? null,
      warnings: warnings.map(({ id }) => id),
      ...(brokenSteps(document).length === 0 ? {} : { failures: failuresOf(document) }),
    },
  });
}

function failedNotice({ document, commands, links }: NoticeInput): Notice {
  const { run, quarter, model, decision } = document;
  const failures = failuresOf(document);
  const at = failures[0] === undefined ? "" : ` at ${failures[0].step}`;
  const both = headline(document);
  return short({
    occasion: "failed",
    subject: `${run} failed`,
    title: `${model.name} ${quarter} failed${at}${both === null ? "" : `: ${liveWords(document)}`}`,
    summary: [...(decision === null ? ["The run came to no decision."] : []), liveSentence(document)],
    facts: facts({ Model: model.name, Quarter: quarter, Run: run }),
    points: failureLines(document),
    commands: [
      { command: commands.status(run), purpose: "see what failed and what to do" },
      { command: commands.quarter(quarter), purpose: "run again; what succeeded is reused" },
    ],
    links,
    payload: {
      ...payloadHead(document),
      live: liveOf(document).version,
      failures,
    },
  });
}

const failuresOf = (document: RunDocument) =>
  brokenSteps(document).map(({ id, failure }) => {
    const { code, title, where, next } = failure!;
    return { step: id, code, title, where, next };
  });

const failureLines = (document: RunDocument): string[] =>
  failuresOf(document).map(
    ({ step, title, where }) => `${step}: ${title}${where === null ? "" : ` (${where})`}`,
  );

/** For a run that decided about the release and then broke. */
const resumeCommand = (document: RunDocument, commands: Commands): Notice["commands"] =>
  headline(document) === null
    ? []
    : [{ command: commands.resume(document.run), purpose: "run what failed; nothing else is done again" }];

const payloadHead = ({ verdict, run, quarter, cutoff, model }: NoticeInput["document"]) => ({
  format: 1,
  verdict,
  run,
  quarter,
  cutoff,
  model: model.name,
  alias: model.alias,
});

const short = (notice: Omit<Notice, "markdown">): Notice => ({ ...notice, markdown: shortMarkdown(notice) });

/** For notices without a page of their own. */
export function shortMarkdown({
  title,
  summary,
  facts,
  points,
  commands,
  links,
}: Omit<Notice, "markdown">): string {
  const block = commands.map(({ command, purpose }) => `${command}  # ${purpose}`);
  return `${[
    `# ${escapeMarkdown(title)}`,
    ...summary.map(escapeMarkdown),
    points.map((point) => `- ${escapeMarkdown(point)}`).join("\n"),
    facts.map(({ label, value }) => `- **${label}:** ${escapeMarkdown(value)}`).join("\n"),
    block.length === 0 ? "" : ["```sh", ...block, "```"].join("\n"),
    links.map(({ label, url }) => `- [${escapeMarkdown(label)}](${url})`).join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

const facts = (values: Readonly<Record<string, string | null>>): Notice["facts"] =>
  Object.entries(values).flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
