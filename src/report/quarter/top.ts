import { decisionBlocks } from "../decisions.js";
import { findingOf } from "../escalation/cause-words.js";
import type { Escalation } from "../escalation/escalation.js";
import { callBlocks } from "../escalation/page.js";
import { capital, percent, points } from "../format.js";
import { brokenSteps, headline, liveSentence, sentence } from "../live.js";
import { pill, strong } from "../page/make.js";
import type { Block, Finding, Head, Top } from "../page/model.js";
import type { RunDocument } from "../run-document.js";
import { VERDICT_WORDS } from "../verdict.js";

/** The first screen of a quarter's report. It follows from the two documents alone, so that a decision can put it anew. */
export function quarterTop(document: RunDocument, escalation: Escalation | null): Top {
  const { verdict, decisions = [] } = document;
  return {
    head: head(document),
    blocks: [
      ...(escalation === null ? decisionBlocks(decisions) : callBlocks(escalation)),
      ...(verdict === "failed" ? causes(document) : []),
    ],
  };
}

function head(document: RunDocument): Head {
  const { verdict, model, quarter, cutoff, dryRun } = document;
  const { title, tone } = VERDICT_WORDS[verdict];
  const both = headline(document);
  const cause = verdict === "failed" ? brokenSteps(document)[0] : undefined;
  const isCause = cause?.failure !== null && cause !== undefined;
  return {
    eyebrow: [
      ...(isCause ? [pill(tone, `${title} at ${cause.id}`)] : []),
      model.name,
      quarter,
      `cutoff ${cutoff}`,
      ...(dryRun ? ["dry run"] : []),
    ],
    question: null,
    word: isCause ? cause.failure!.title : title,
    tone: both === null ? tone : "bad",
    rest: "",
    lead: [...(both === null ? [] : [strong(sentence(both))]), lead(document)],
    facts: [],
  };
}

function lead(document: RunDocument): string {
  const of = (type: string, name: string): number | null => {
    const step = document.steps.find((one) => one.type === type);
    return step === undefined ? null : (document.metrics[`${step.id}.${name}`] ?? null);
  };
  const sentences = [liveSentence(document)];
  const wmape = of("accuracy-report", "wmape");
  if (wmape !== null)
    sentences.push(
      `This quarter the forecast was off by ${percent(wmape)}${against(wmape, of("accuracy-report", "naive.wmape"))}.`,
    );
  const cv = of("train-pooled-cv", "cv.wmape");
  if (cv !== null)
    sentences.push(
      `The candidate is off by ${percent(cv)} in cross-validation${against(cv, of("train-pooled-cv", "naive.wmape"))}.`,
    );
  return sentences.join(" ");
}

/** `, 3.1 points better than the seasonal naive` */
function against(own: number, naive: number | null): string {
  return naive === null ? "" : `, ${comparison(own, naive)} the seasonal naive`;
}

/** `3.1 points better than` */
export function comparison(own: number, other: number, digits = 1): string {
  const size = points(Math.abs(own - other), digits).replace(/^\+/, "");
  if (size === points(0, digits)) return "as good as";
  return `${size} ${own < other ? "better" : "worse"} than`;
}

/** Of data that the validation refused. */
function causes({ diagnosis = [] }: RunDocument): Block[] {
  if (diagnosis.length === 0) return [];
  const findings: Finding[] = diagnosis.map(findingOf);
  return [
    {
      kind: "call",
      label: capital("likely causes"),
      tone: "warn",
      blocks: [
        { kind: "heading", text: "Likely causes" },
        { kind: "findings", findings },
      ],
    },
  ];
}
