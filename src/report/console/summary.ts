import { isAnswered } from "../../kit/artifacts/person-decision.js";
import type { Commands } from "../commands.js";
import { decisionSentence, decisionWords, standingDecision } from "../decisions.js";
import { strengthOf } from "../escalation/cause-words.js";
import { renderFailure } from "../failures/render.js";
import { list, plural, seconds } from "../format.js";
import { alreadyLive, headline, liveSentence, liveSince, optionalSentence } from "../live.js";
import { ruleSentence, sortRules } from "../rules.js";
import type { RunDocument } from "../run-document.js";
import type { Style } from "../style.js";
import { oneLine, wrap } from "../text.js";
import { type Tone, VERDICT_WORDS } from "../verdict.js";
import { type Fact, factLines } from "./facts.js";
import { toned } from "./lines.js";

/** The last words of a run: verdict, why, what is live now, files to read, next commands. */
export function runSummary(document: RunDocument, commands: Commands, style: Style): string {
  const { chalk } = style;
  const { title, tone } = VERDICT_WORDS[document.verdict];
  const both = headline(document) ?? alreadyLive(document);
  const broken = headline(document) !== null;
  const about = `${oneLine(document.model.name)} ${document.quarter} in ${seconds(document.seconds)}${both === null ? "" : `: ${oneLine(both)}`}`;
  const standing = standingDecision(document.decisions ?? []);
  const decided = standing === null ? "" : `, ${decisionWords(standing).toUpperCase()}`;
  const blocks = [
    `${badge(style, broken ? "bad" : tone, `${title.toUpperCase()}${oneLine(decided)}`)}  ${chalk.bold(about)}`,
    ...reasons(document, style),
    ...likelyCause(document, style),
    factLines(
      [
        ["live", liveSince(document) ?? liveSentence(document)],
        ...(document.decisions ?? []).map((one): Fact => ["decided", decisionSentence(one)]),
        ...overrideFacts(document),
        ...path("escalation", document.files.escalation),
        ...path("page", document.files.escalationPage ?? null),
        ...path("report", document.files.report),
        ...path("outlook", document.files.outlook),
        ...nextCommands(document, commands).map((command): Fact => ["next", { command }]),
      ],
      style,
    ),
    ...untold(document, commands, style),
  ];
  return `\n${blocks.join("\n\n")}\n`;
}

/** The champion that this quarter was compared with went live by somebody's word: it is said again until a decision replaces it. */
const overrideFacts = ({ overrides = [] }: RunDocument): Fact[] =>
  overrides.map(({ rules, by, quarter, expires, expired }) => [
    "override",
    `${list(rules)} of ${quarter ?? "an earlier quarter"}, approved by ${by}${expires === null ? "" : `, ${expired ? "expired on" : "until"} ${expires}`}`,
  ]);

const path = (label: string, value: string | null): Fact[] => (value === null ? [] : [[label, value]]);

function badge({ chalk }: Style, tone: Tone, word: string): string {
  if (chalk.level === 0) return word;
  const paint = { good: chalk.bgGreen, warn: chalk.bgYellow, bad: chalk.bgRed, quiet: chalk.bgBlue }[tone];
  return paint.black.bold(` ${word} `);
}

function reasons(document: RunDocument, style: Style): string[] {
  const failures = document.steps.flatMap(({ id, failure, optional }) =>
    failure === null
      ? []
      : [
          ...(optional ? [`  ${toned(style, "warn", "!")} ${oneLine(optionalSentence(id))}`] : []),
          renderFailure(failure, style).trimEnd(),
        ],
  );
  if (document.verdict === "failed" || document.verdict === "interrupted") return failures;
  const { failed, unknown, warnings } = sortRules(document.decision?.rules ?? []);
  const line = (tone: Tone, mark: string) => (rule: (typeof failed)[number]) =>
    wrap(`${oneLine(rule.id)}: ${oneLine(ruleSentence(rule))}`, style.width - 4)
      .map((text, i) => `  ${i === 0 ? toned(style, tone, mark) : " "} ${text}`)
      .join("\n");
  const lines = [
    ...failed.map(line("bad", "✖")),
    ...unknown.map(line("warn", "?")),
    ...warnings.map(line("warn", "!")),
  ];
  return [...failures, ...(lines.length === 0 ? [] : [lines.join("\n")])];
}

/** The first cause, where the evidence for it is more than weak. */
function likelyCause({ diagnosis = [] }: RunDocument, { chalk, width }: Style): string[] {
  const first = diagnosis[0];
  if (first === undefined || strengthOf(first.score) === "weak") return [];
  const title = `Likely cause: ${oneLine(first.title)} (${strengthOf(first.score)} evidence)`;
  const evidence = first.evidence
    .slice(0, 1)
    .flatMap((line) => wrap(oneLine(line), width - 4).map((part) => `    ${chalk.dim(part)}`));
  return [[...wrap(title, width - 2).map((line) => `  ${chalk.bold(line)}`), ...evidence].join("\n")];
}

/** The verdict never depends on who could be told; whoever reads it has to know that others may not have. */
function untold(
  { notifications = [], verdict, quarter }: RunDocument,
  commands: Commands,
  style: Style,
): string[] {
  const failed = notifications.filter(({ state }) => state === "failed");
  if (failed.length === 0) return [];
  const who = `${plural(failed.length, "notification")} of ${notifications.length} not delivered: ${list(failed.map(({ target }) => oneLine(target)))}.`;
  const after =
    verdict === "failed"
      ? "A failed run does not try again."
      : `The verdict stands. \`${commands.quarter(quarter)}\` delivers what is missing and changes nothing else.`;
  return [`  ${toned(style, "warn", "!")} ${who}\n    ${after}`];
}

function nextCommands(document: RunDocument, commands: Commands): string[] {
  const { verdict, run, quarter, files, steps } = document;
  const goOn = headline(document) === null ? [] : [commands.resume(run)];
  switch (verdict) {
    case "escalated":
    case "would-escalate":
      if (isAnswered(document.decisions ?? []))
        return [...goOn, ...(files.report === null ? [] : [commands.report(run)]), commands.models()];
      return [
        ...goOn,
        ...(files.escalation === null ? [] : [commands.escalation(run)]),
        ...(files.report === null ? [] : [commands.report(run)]),
      ];
    case "promoted":
    case "would-promote":
      return [...goOn, ...(files.report === null ? [] : [commands.report(run)]), commands.models()];
    case "completed":
      return [commands.status(run), commands.quarter(quarter)];
    case "interrupted":
      return [commands.quarter(quarter), commands.status(run)];
    case "failed":
      // A failed step says what comes next itself.
      return steps.some(({ failure }) => failure !== null) ? [] : [commands.status(run)];
  }
}
