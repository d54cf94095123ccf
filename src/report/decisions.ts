import type { PersonDecision } from "../kit/artifacts/person-decision.js";

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
