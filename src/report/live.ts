import { list } from "./format.js";
import type { LiveVersion, RunDocument, RunDocumentStep } from "./run-document.js";

/** What services load after this run, in one sentence: the first thing that on-call asks. */
export function liveSentence(document: RunDocument): string {
  const { model, champion, verdict } = document;
  const address = `${model.name}@${model.alias}`;
  const { version, source } = liveOf(document);
  if (document.damaged?.version === null && version === null)
    return `What ${address} serves is not known: the record of alias moves is damaged.`;
  if (source === "unknown") return `What ${address} serves is not known: the registry did not answer.`;
  const unasked = source === "run" ? " The registry did not answer when it was asked again." : "";
  const still = stillSentence(document, address, version);
  switch (verdict) {
    case "promoted":
      return `${promotedSentence(document, address, version)}${unasked}`;
    case "would-promote":
      return `${still} This was a dry run; a real one would move it to version ${champion.after ?? "?"}.${unasked}`;
    case "would-escalate":
      return `${still} This was a dry run; a real one would leave it there.${unasked}`;
    case "escalated":
    case "failed":
    case "completed":
    case "interrupted":
      return `${still}${unasked}`;
  }
}

/** What people's decision about the run put live, in one sentence; null where no decision changed it. */
export function liveSince({ model, decisions = [] }: RunDocument): string | null {
  const last = decisions.findLast(({ effective, live }) => effective && live !== null);
  if (last === undefined) return null;
  return `${model.name}@${model.alias} was moved to version ${last.live} on ${last.at.slice(0, 10)}, by a person's decision.`;
}

/** Of a run that found its candidate live: `already live, nothing changed`, or `already live` where it made something anew. Null for any other. */
export function alreadyLive(document: RunDocument): string | null {
  const { verdict, steps, candidate, champion } = document;
  if (verdict !== "promoted" || candidate === null || liveOf(document).version !== candidate.version)
    return null;
  if (steps.every(({ status }) => status === "reused")) return "already live, nothing changed";
  return champion.before === candidate.version ? "already live" : null;
}

/** What the alias names, as far as the run could tell. Older programs did not ask: what their runs left is what there was. */
export const liveOf = ({ live, champion, verdict }: RunDocument): LiveVersion =>
  live ?? {
    version: verdict === "would-promote" ? champion.before : champion.after,
    source: "registry",
  };

/** Services were on `before` when the run began. */
function stillSentence(
  { champion: { before }, candidate, missing = [], damaged, decision }: RunDocument,
  address: string,
  version: string | null,
): string {
  if (missing.length > 0 && (version === null || version !== candidate?.version))
    return `What was live under ${address} is missing${version === null ? "" : `, and it still names version ${version}`}.`;
  if (version === before)
    return version === null
      ? // Whether something was live once is known when the gate has looked.
        `Nothing is live${decision === null ? "" : " yet"} under ${address}.`
      : `${address} still serves version ${version}${damaged?.version === version ? ", which is damaged" : ""}.`;
  if (version === null) return `Nothing is live under ${address} by now; it served version ${before} before.`;
  return `${address} serves version ${version} by now${before === null ? "" : `; it served version ${before} before`}.`;
}

function promotedSentence(document: RunDocument, address: string, version: string | null): string {
  const { candidate, champion } = document;
  const { before, after } = champion;
  const promoted = candidate?.version ?? after ?? version;
  if (version === promoted && alreadyLive(document) !== null)
    return `${address} serves version ${version ?? "?"} already.`;
  if (version === promoted) {
    const was = before === null ? ", its first" : before === version ? "" : ` (was version ${before})`;
    return `${address} now serves version ${version ?? "?"}${was}.`;
  }
  const now = version === null ? `Nothing is live under ${address}` : `${address} serves version ${version}`;
  return `${now}: this run promoted version ${promoted}, and the alias was moved since.`;
}

/** Steps that failed and that the run needed. */
export const brokenSteps = ({ steps }: RunDocument): RunDocumentStep[] =>
  steps.filter(({ failure, optional }) => failure !== null && optional !== true);

/**
 * Of a run that decided about the release and then broke: both in one line, since either alone would mislead. `version 2 is live; `export` failed`.
 * Null for any other run: there the verdict says it.
 */
export function headline(document: RunDocument): string | null {
  const { verdict, exitCode } = document;
  if (verdict === "failed" || verdict === "interrupted") return null;
  const broken = brokenSteps(document);
  const isInterrupted = exitCode === 130 || exitCode === 143;
  if (broken.length === 0 && !isInterrupted) return null;
  const names = list(broken.map(({ id }) => `\`${id}\``));
  const happened = !isInterrupted
    ? `${names} failed`
    : broken.length === 0
      ? "the run was interrupted"
      : `the run was interrupted during ${names}`;
  return `${liveWords(document)}; ${happened}`;
}

/** Of a step that failed, and may. */
export const optionalSentence = (id: string): string => `${id} failed; it is optional, so the run went on`;

/** `version 2 is live` */
export function liveWords(document: RunDocument): string {
  const { version, source } = liveOf(document);
  if (source === "unknown") return "what is live is not known";
  if (version === null && document.missing !== undefined) return "what was live is missing";
  return version === null ? "no version is live" : `version ${version} is live`;
}

/** A line as a sentence of its own. */
export const sentence = (line: string): string => `${line[0]!.toUpperCase()}${line.slice(1)}.`;
