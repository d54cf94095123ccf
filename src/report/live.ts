import type { RunDocument } from "./run-document.js";

/** What services load after this run, in one sentence: the first thing that on-call asks. */
export function liveSentence({ model, champion, verdict }: RunDocument): string {
  const address = `${model.name}@${model.alias}`;
  const still =
    champion.before === null
      ? `nothing is live yet under ${address}`
      : `${address} still serves version ${champion.before}`;
  switch (verdict) {
    case "promoted":
      return `${address} now serves version ${champion.after ?? "?"}${was(champion.before, champion.after)}`;
    case "would-promote":
      return `nothing was changed: ${still}; this run would move it to version ${champion.after ?? "?"}`;
    case "would-escalate":
      return `nothing was changed: ${still}`;
    case "escalated":
    case "failed":
    case "completed":
    case "interrupted":
      return still;
  }
}

const was = (before: string | null, after: string | null): string => {
  if (before === null) return ", its first";
  return before === after ? "" : ` (was version ${before})`;
};
