import type { RunDocument } from "./run-document.js";

/** What services load after this run, in one sentence: the first thing that on-call asks. */
export function liveSentence({ model, champion, verdict, missing = [] }: RunDocument): string {
  const address = `${model.name}@${model.alias}`;
  const still =
    missing.length > 0
      ? `What was live under ${address} is missing${champion.before === null ? "" : `, and it still names version ${champion.before}`}.`
      : champion.before === null
        ? `Nothing is live yet under ${address}.`
        : `${address} still serves version ${champion.before}.`;
  switch (verdict) {
    case "promoted":
      return `${address} now serves version ${champion.after ?? "?"}${was(champion.before, champion.after)}.`;
    case "would-promote":
      return `${still} This was a dry run; a real one would move it to version ${champion.after ?? "?"}.`;
    case "would-escalate":
      return `${still} This was a dry run; a real one would leave it there.`;
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
