import { isAnswered } from "../../kit/artifacts/person-decision.js";
import { decisionBlocks, decisionTitle, standingDecision } from "../decisions.js";
import { percent, plural } from "../format.js";
import { files, fold, note, paragraph, pill, section } from "../page/make.js";
import type { Block, Fact, Page, Section, Top } from "../page/model.js";
import { VERDICT_WORDS } from "../verdict.js";
import { findingOf, strengthOf } from "./cause-words.js";
import { driftDrawings } from "./distributions.js";
import type { Escalation } from "./escalation.js";
import {
  checksTable,
  driftTable,
  errorTable,
  loosenedTable,
  overridesTable,
  revisedTable,
  ruleTable,
  TOP as SHOWN,
  unknownTable,
  weakTable,
} from "./tables.js";

/** Heading of the causes, and what stands there when there are none. */
const CAUSES_TITLE = "Likely causes";
const NO_CAUSE = "Nothing stands out in the data: no cause that is looked for fits this quarter.";

/** Why nothing was changed, for a phone first: the first screen answers "do I have to do something now?". */
export function escalationPage(escalation: Escalation): Page {
  const { run, cutoff, candidate, decision, runbook } = escalation;
  return {
    title: `${VERDICT_WORDS[escalation.verdict].title}: ${escalation.model} ${escalation.quarter}`,
    top: escalationTop(escalation),
    blocks: [],
    hasContents: false,
    sections: [
      section("causes", CAUSES_TITLE, causes(escalation)),
      ...unlessEmpty(
        "rules-failed",
        "Rules that failed",
        ruleTable("What was measured, and what is allowed", escalation.rules.failed),
      ),
      ...unlessEmpty(
        "rules-unknown",
        "Rules that could not be checked",
        unknownTable(escalation.rules.unknown),
      ),
      ...unlessEmpty("where", "Where it comes from", where(escalation)),
      ...unlessEmpty("drift", "Features that drifted", [
        ...driftDrawings(escalation),
        ...driftTable(escalation),
      ]),
      section("next", "What to type next", { kind: "commands", commands: escalation.next }),
      ...unlessEmpty("figures", "More figures", more(escalation)),
      ...unlessEmpty("files", "Files", files(fileLinks(escalation))),
    ],
    footer: `Run ${run}, cutoff ${cutoff}, candidate version ${candidate}, decision ${decision}, runbook ${runbook}.`,
  };
}

function escalationTop(escalation: Escalation): Top {
  const { verdict, model, quarter, now, answer, diagnosis, decisions = [] } = escalation;
  const standing = standingDecision(decisions);
  const { title, tone } = VERDICT_WORDS[verdict];
  const word = answer === "" ? now.replace(/\.$/, "") : answer;
  const cause = diagnosis[0];
  return {
    head: {
      eyebrow: [
        pill(tone, title),
        ...(standing === null ? [] : [pill("quiet", decisionTitle(standing))]),
        `${model} ${quarter}`,
      ],
      question: QUESTION,
      word,
      tone: "quiet",
      rest: answer === "" ? "" : now.slice(answer.length),
      lead: [],
      facts: [
        ...facts(escalation),
        ...(cause === undefined
          ? []
          : [{ term: `Likeliest cause (${strengthOf(cause.score)} evidence)`, text: `${cause.title}.` }]),
      ],
    },
    blocks: decisionBlocks(decisions),
  };
}

const QUESTION = "Do I have to do something now?";

function facts({ stays, why, owner, deadline, decisions = [] }: Escalation): Fact[] {
  const who = owner ?? "No owner is named in the runbook";
  return [
    { term: "What stays live?", text: stays },
    ...(!isAnswered(decisions)
      ? [
          {
            term: "Who decides, until when?",
            text: `${who}, ${deadline === null ? "no deadline is set" : `by ${deadline}`}.`,
          },
        ]
      : []),
    { term: "Why?", text: why },
  ];
}

/** The box that the report of an escalated run starts with. */
export function callBlocks(escalation: Escalation): Block[] {
  const { now, decisions = [], next } = escalation;
  return [
    ...decisionBlocks(decisions),
    {
      kind: "call",
      label: "Escalation",
      tone: isAnswered(decisions) ? "quiet" : "warn",
      blocks: [
        { kind: "facts", facts: [{ term: QUESTION, text: now }, ...facts(escalation)] },
        { kind: "heading", text: CAUSES_TITLE },
        ...causes(escalation),
        { kind: "heading", text: "What to type next" },
        { kind: "commands", commands: next },
      ],
    },
  ];
}

const causes = ({ diagnosis }: Escalation): Block[] =>
  diagnosis.length === 0
    ? [paragraph(NO_CAUSE)]
    : [{ kind: "findings", findings: diagnosis.slice(0, SHOWN).map(findingOf) }];

function where(escalation: Escalation): Block[] {
  const { causes } = escalation;
  const tables = [
    ...errorTable("By segment", "Segment", causes.segments),
    ...errorTable("By series", "Series", causes.series),
    ...errorTable("By period", "Period", causes.periods),
  ];
  if (tables.length === 0) return [];
  const hasExcess = [...causes.segments, ...causes.series, ...causes.periods].some(
    ({ excessShare }) => excessShare !== null,
  );
  return [
    note(
      hasExcess
        ? `Excess is the error above the limit of ${percent(causes.wmapeLimit)}; of the series, shared among the worst. Bias: + is a forecast above the actual.`
        : "Shares of the quarter's error; no group is above a limit on it. Bias: + is a forecast above the actual.",
    ),
    ...tables,
  ];
}

function more({ rules, causes, loosened, overrides }: Escalation): Block[] {
  const parts = [
    ...ruleTable("Rules that only warn", rules.warnings),
    ...loosenedTable(loosened),
    ...overridesTable(overrides),
    ...revisedTable(causes.revised),
    ...checksTable(causes),
    ...weakTable(causes.weakSegments),
  ];
  const tables = parts.filter(({ kind }) => kind === "table").length;
  return parts.length === 0 ? [] : [fold(plural(tables, "table"), parts)];
}

/** No section at all where there is nothing to say: the page must be read in a minute. */
const unlessEmpty = (id: string, title: string, blocks: readonly Block[]): Section[] =>
  blocks.length === 0 ? [] : [section(id, title, blocks)];

const fileLinks = ({ files }: Escalation) =>
  files.map(({ label, path, link }) => ({ label, path, to: link }));
