import type { RuleResult } from "../kit/artifacts/decision.js";
import { count, DASH, decimal, percent, plural, seconds } from "./format.js";
import { headline, liveSentence, optionalSentence } from "./live.js";
import { escapeMarkdown } from "./page/markdown.js";
import { limitWords, ruleFigure, ruleReason, ruleSubject } from "./rules.js";
import type { RunDocument } from "./run-document.js";
import { visible } from "./text.js";
import { STATUS_WORDS, VERDICT_WORDS } from "./verdict.js";

const MARKS: Readonly<Record<RuleResult["verdict"], string>> = { PASS: "✅", FAIL: "❌", UNKNOWN: "❔" };

/** The run in GitHub-flavoured Markdown, for the page of a CI job: verdict, what is live, rules, main figures, steps. */
export function jobSummary(document: RunDocument): string {
  const { model, quarter, verdict, dryRun, steps, decision } = document;
  const failed = steps.filter(({ failure }) => failure !== null);
  const both = headline(document);
  const parts = [
    `## ${escapeMarkdown(`${model.name} ${quarter}: ${VERDICT_WORDS[verdict].title}${dryRun ? " (dry run)" : ""}`)}`,
    ...(both === null ? [] : [`**${markdownWithCode(both)}**`]),
    escapeMarkdown(liveSentence(document)),
    ...failed.map(({ id, failure, optional }) => {
      const { title, where, expected, details, next } = failure!;
      const lines = [
        ...(where === null ? [] : [`where: ${where}`]),
        ...(expected === null ? [] : [`expected: ${expected}`]),
        ...details,
        ...next.map((command) => `next: ${command}`),
      ];
      const heading = optional ? `${optionalSentence(id)}: ${title}` : `${id}: ${title}`;
      return `**${escapeMarkdown(heading)}**${lines.length === 0 ? "" : `\n\n${codeBlock(lines.join("\n"))}`}`;
    }),
    ...(decision === null ? [] : [rulesTable(decision.rules)]),
    ...figures(document),
    stepsTable(document),
    `Run ${code(document.run)}, cutoff ${code(document.cutoff)}${document.files.report === null ? "" : `, report ${code(document.files.report)}`}${document.files.escalation === null ? "" : `, escalation ${code(document.files.escalation)}`}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function rulesTable(rules: readonly RuleResult[]): string {
  if (rules.length === 0) return "The gate has no rules.";
  const groups = ({ groups, by }: RuleResult) => {
    const bad = groups.filter(({ verdict }) => verdict !== "PASS");
    return bad.length === 0 ? "" : `; ${by ?? "group"} ${bad.map(({ key }) => key).join(", ")}`;
  };
  return markdownTable(
    ["Rule", "Verdict", "#Observed", "#Limit", "#n", "Measured"],
    rules.map((rule) => [
      rule.id,
      `${MARKS[rule.verdict]} ${rule.verdict}${rule.verdict !== "PASS" && !rule.blocks ? ", warns" : ""}`,
      ruleFigure(rule, rule.observed),
      limitWords(rule) || DASH,
      count(rule.n),
      `${ruleReason(rule) ?? ruleSubject(rule)}${groups(rule)}`,
    ]),
  );
}

/** The metrics that everyone asks for, by the step types that the run has. */
function figures({ steps, metrics }: RunDocument): string[] {
  const rows = steps.flatMap(({ id, type }) => {
    const metric = (name: string) => metrics[`${id}.${name}`];
    const row = (label: string, value: string) => (value === DASH ? [] : [[label, value]]);
    switch (type) {
      case "accuracy-report":
        return [
          ...row("WMAPE this quarter", percent(metric("wmape"))),
          ...row("seasonal naive", percent(metric("naive.wmape"))),
        ];
      case "train-pooled-cv":
        return [
          ...row("WMAPE in CV", percent(metric("cv.wmape"))),
          ...row("MASE in CV", decimal(metric("cv.mase"), 3)),
        ];
      case "compare-checkpoints":
        return row("Largest revision", percent(metric("maxRevision")));
      default:
        return [];
    }
  });
  return rows.length === 0 ? [] : [markdownTable(["Figure", "#Value"], rows)];
}

const stepsTable = ({ steps, seconds: all }: RunDocument): string =>
  `<details><summary>${plural(steps.length, "step")} in ${seconds(all)}</summary>\n\n${markdownTable(
    ["Step", "Status", "Result", "#Time"],
    steps.map((step) => [
      step.id,
      `${STATUS_WORDS[step.status].mark} ${step.status}`,
      step.summary === "" ? DASH : step.summary,
      step.status === "skipped" ? DASH : seconds(step.seconds),
    ]),
  )}\n\n</details>`;

/** A label that begins with `#` belongs to a column of numbers. */
function markdownTable(labels: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(labels.map((label) => label.replace(/^#/, ""))),
    line(labels.map((label) => (label.startsWith("#") ? "---:" : "---"))),
    ...rows.map((cells) => line(cells.map(escapeMarkdown))),
  ].join("\n");
}

/** Text in which names stand between backticks. */
const markdownWithCode = (text: string): string =>
  text
    .split("`")
    .map((part, i) => (i % 2 === 1 ? code(part) : escapeMarkdown(part)))
    .join("");

const code = (text: string): string => {
  const plain = text.replace(/[\s\p{Cc}]+/gu, " ");
  const fence = fenceFor(plain, 1);
  return fence.length === 1 ? `${fence}${plain}${fence}` : `${fence} ${plain} ${fence}`;
};

const codeBlock = (text: string): string => {
  const plain = visible(text);
  const fence = fenceFor(plain, 3);
  return `${fence}\n${plain}\n${fence}`;
};

/** Longer than any row of backticks inside. */
const fenceFor = (text: string, least: number): string =>
  "`".repeat(Math.max(least, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
