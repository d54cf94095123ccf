import type { RuleResult } from "../kit/artifacts/decision.js";
import { headline, liveSentence, optionalSentence } from "./live.js";
import { escapeHtml } from "./page/markup.js";
import { limitWords, ruleFigure, ruleSentence, whyWords } from "./rules.js";
import type { RunDocument, RunDocumentStep } from "./run-document.js";
import { isEscalated, VERDICT_WORDS } from "./verdict.js";

interface Case {
  readonly name: string;
  readonly seconds: number;
  /** Null for a case that passed; `skipped` for one that never ran, or that may fail and did. */
  readonly problem: {
    readonly kind: "failure" | "skipped";
    readonly type: string;
    readonly title: string;
  } | null;
  /** What a reader wants beside the title. */
  readonly detail: string;
}

/**
 * The run as JUnit XML, for CI systems that show tests: one suite of steps and one of rules, one test case each. What stops a promotion is
 * a failure; a rule that only warns passes, and says so in its output.
 */
export function junitReport(document: RunDocument): string {
  const { model, quarter } = document;
  const rules = document.decision?.rules ?? [];
  const name = `retrain ${model.name} ${quarter}`;
  const both = headline(document);
  const verdict = `${VERDICT_WORDS[document.verdict].title}${both === null ? "" : `; ${both}`}`;
  const steps = document.steps.map((step) => stepCase(step, document));
  const suites = [suite("steps", name, steps), suite("rules", name, rules.map(ruleCase))];
  const all = [...steps, ...rules.map(ruleCase)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${attributes({ name: `${name}: ${verdict}`, ...totals(all), time: document.seconds.toFixed(3) })}>
${suites.join("")}</testsuites>
`;
}

function stepCase(step: RunDocumentStep, document: RunDocument): Case {
  const { id, seconds, status, summary, failure, optional } = step;
  const named = { name: id, seconds };
  if (failure !== null) {
    const { code, title, where, expected, details, next } = failure;
    const lines = [
      title,
      ...(where === null ? [] : [`where: ${where}`]),
      ...(expected === null ? [] : [`expected: ${expected}`]),
      ...details,
      ...next.map((command) => `next: ${command}`),
    ];
    const problem = optional
      ? { kind: "skipped" as const, type: code, title: `${optionalSentence(id)}: ${title}` }
      : { kind: "failure" as const, type: code, title };
    return { ...named, problem, detail: lines.join("\n") };
  }
  if (status === "skipped") {
    return { ...named, problem: { kind: "skipped", type: "skipped", title: summary }, detail: "" };
  }
  if (isUnruled(step, document)) {
    const title = summary === "" ? liveSentence(document) : summary;
    return {
      ...named,
      problem: { kind: "failure", type: "escalated", title },
      detail: liveSentence(document),
    };
  }
  return { ...named, problem: null, detail: summary };
}

/** An escalation that no rule asked for, e.g. since the alias had moved meanwhile: the promotion is what failed. */
const isUnruled = ({ type }: RunDocumentStep, { verdict, decision }: RunDocument): boolean =>
  type === "promote" && isEscalated(verdict) && !(decision?.rules ?? []).some(({ blocks }) => blocks);

function ruleCase(rule: RuleResult): Case {
  const sentence = ruleSentence(rule);
  const lines = [
    `${rule.verdict}${rule.verdict !== "PASS" && !rule.blocks ? ", warns only" : ""}: ${sentence}`,
    ...(rule.detail === "" ? [] : [rule.detail]),
    ...rule.groups
      .filter(({ verdict }) => verdict !== "PASS")
      .map(
        ({ key, verdict, observed, n, why }) =>
          `${rule.by ?? "group"} ${key}: ${verdict}, ${observed === null ? whyWords(why ?? "not-measured") : `${ruleFigure(rule, observed)}, allowed is ${limitWords(rule)}`}${n === null ? "" : ` (n ${n})`}`,
      ),
  ];
  const problem = rule.blocks ? { kind: "failure" as const, type: rule.verdict, title: sentence } : null;
  return { name: rule.id, seconds: 0, problem, detail: lines.join("\n") };
}

function suite(name: string, owner: string, cases: readonly Case[]): string {
  if (cases.length === 0) return "";
  const seconds = cases.reduce((sum, entry) => sum + entry.seconds, 0);
  return `<testsuite ${attributes({ name, ...totals(cases), time: seconds.toFixed(3) })}>
${cases.map((entry) => testCase(`${owner}.${name}`, entry)).join("")}</testsuite>
`;
}

function testCase(classname: string, { name, seconds, problem, detail }: Case): string {
  const opening = `<testcase ${attributes({ name, classname, time: seconds.toFixed(3) })}>`;
  const output = detail === "" ? "" : `<system-out>${escapeXml(detail)}</system-out>`;
  if (problem === null) return `${opening}${output}</testcase>\n`;
  const { kind, type, title } = problem;
  return kind === "skipped"
    ? `${opening}<skipped ${attributes({ message: title })}/></testcase>\n`
    : `${opening}<failure ${attributes({ message: title, type })}>${escapeXml(detail)}</failure></testcase>\n`;
}

const totals = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ problem }) => problem?.kind === "failure").length,
  errors: 0,
  skipped: cases.filter(({ problem }) => problem?.kind === "skipped").length,
});

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value)).replace(/[\t\n\r]/g, " ")}"`)
    .join(" ");

/** The five entities of HTML are those of XML, and what HTML forbids has no place in XML 1.0 either. */
const escapeXml = escapeHtml;
