import { isAnswered, type PersonDecision } from "../kit/artifacts/person-decision.js";
import type { Escalation } from "./escalation/escalation.js";
import { capital } from "./format.js";
import type { Block, Fact } from "./page/model.js";
import type { RunDocument } from "./run-document.js";
import type { Tone } from "./verdict.js";

/** What people decided, in words. */

const DONE: Readonly<Record<PersonDecision["kind"], string>> = {
  approved: "approved",
  rejected: "rejected",
  "rolled-back": "rolled back",
  restored: "put live again",
  adopted: "adopted as the baseline",
  "left-behind": "what was live was left behind",
};

/** `approved by Ada Lovelace`; of an approval that waits, or came too late: `approval by Ada Lovelace, not in effect` */
export const decisionWords = ({ kind, by, effective }: PersonDecision): string =>
  effective
    ? `${DONE[kind]} by ${by}`
    : `${kind === "approved" ? "approval" : "adoption"} by ${by}, not in effect`;

/** `approved by Ada Lovelace on 2025-07-02, until 2025-09-30: the outlier is explained` */
export const decisionSentence = (decision: PersonDecision): string => {
  const { at, expires, reason } = decision;
  const until = expires === null ? "" : `, until ${expires}`;
  return `${decisionWords(decision)} on ${at.slice(0, 10)}${until}: ${reason}`;
};

/** What stands of them: the last one that came into effect, else the last one; null where there is none. */
export const standingDecision = (decisions: readonly PersonDecision[]): PersonDecision | null =>
  decisions.findLast(({ effective }) => effective) ?? decisions.at(-1) ?? null;

/** That nobody knows what people decided: a line a registry on the console, empty where all of them answered. */
export const unaskedText = (
  unasked: readonly { readonly registry: string; readonly failure: { readonly code: string } }[],
): string =>
  unasked
    .map(
      ({ registry, failure }) =>
        `! What people decided is not known: the registry ${registry} could not be asked (${failure.code})\n`,
    )
    .join("");

/** What people decided, and what the alias names by now. */
export interface DecisionsNow {
  readonly decisions: readonly PersonDecision[];
  readonly live: string | null;
}

/** An escalation with what people decided about it. Of one that is answered nothing is left to decide. */
export function withDecisions(escalation: Escalation, decisions: readonly PersonDecision[]): Escalation {
  if (decisions.length === 0) return escalation;
  const told = { ...escalation, decisions: [...decisions] };
  const standing = standingDecision(decisions);
  if (standing === null || !isAnswered(decisions)) return told;
  const { model, alias, next } = escalation;
  const moved = decisions.findLast(({ effective, live }) => effective && live !== null);
  const live = moved === undefined ? escalation.live : moved.live;
  const isAnew = standing.kind === "adopted" || standing.kind === "left-behind";
  const answer = isAnew ? "Run the quarter again" : "No";
  return {
    ...told,
    live,
    answer,
    now: `${answer}: ${decisionWords(standing)} on ${standing.at.slice(0, 10)}.`,
    stays:
      live === null ? `Nothing is live under ${model}@${alias}.` : `${model}@${alias} names version ${live}.`,
    next: next.filter(({ command }) => !(isAnew ? DECIDES : DECIDES_OR_RUNS).test(command)),
  };
}

/** Commands by which people decide, and those that come to another decision. */
const DECIDES = /\bretrain (approve|reject|rollback|adopt)\b/;
const DECIDES_OR_RUNS = /\bretrain (approve|reject|rollback|adopt|quarter|registry)\b/;

export const withRunDecisions = (document: RunDocument, { decisions, live }: DecisionsNow): RunDocument => ({
  ...document,
  live: { version: live, source: "registry" },
  decisions: [...decisions],
});

const TONES: Readonly<Record<PersonDecision["kind"], Tone>> = {
  approved: "good",
  rejected: "quiet",
  "rolled-back": "warn",
  restored: "good",
  adopted: "good",
  "left-behind": "quiet",
};

/** `Approved`; of what did not come into effect yet: `Approved in part` */
export const decisionTitle = ({ kind, effective }: PersonDecision): string =>
  effective ? capital(kind.replace("-", " ")) : `${capital(kind.replace("-", " "))} in part`;

/** A box with everyone's words; none where nobody decided anything. */
export function decisionBlocks(decisions: readonly PersonDecision[]): Block[] {
  const standing = standingDecision(decisions);
  if (standing === null) return [];
  return [
    {
      kind: "call",
      label: "What people decided",
      tone: standing.effective ? TONES[standing.kind] : "warn",
      blocks: [
        { kind: "heading", text: decisionTitle(standing) },
        { kind: "facts", facts: decisions.map(factOf) },
      ],
    },
  ];
}

function factOf(decision: PersonDecision): Fact {
  const { at, expires, reason, live, effective } = decision;
  const end = /[.!?]$/.test(reason) ? "" : ".";
  const more = [
    ...(effective && live !== null ? [`Version ${live} is live since.`] : []),
    ...(expires === null ? [] : [`It counts until ${expires}.`]),
  ];
  return {
    term: `${capital(decisionWords(decision))}, ${at.slice(0, 16).replace("T", " ")} UTC`,
    text: [`${reason}${end}`, ...more].join(" "),
  };
}
