import type { PersonDecision } from "../../kit/artifacts/person-decision.js";
import type { Verdict } from "../../kit/events.js";
import { decisionWords, standingDecision } from "../decisions.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";
import { VERDICT_WORDS } from "../verdict.js";

/** A run of a list. */
export type ListedRun =
  | {
      readonly run: string;
      readonly model: string;
      /** ISO instant. */
      readonly startedAt: string;
      readonly dryRun: boolean;
      readonly verdict: Verdict | null;
      /** The verdict is there, and a step has no result yet. */
      readonly isCutShort: boolean;
      readonly decisions: readonly PersonDecision[];
    }
  | { readonly run: string; readonly unreadable: string };

export function runsTable(runs: readonly ListedRun[], style: Style): string {
  const columns = ["run", "model", "started", "verdict"].map((label) => ({ label, numeric: false }));
  return textTable(columns, runs.map(row), style);
}

function row(run: ListedRun): string[] {
  if ("unreadable" in run) return [run.run, "", "", `Unreadable: ${run.unreadable}`];
  const { verdict, isCutShort, dryRun, decisions } = run;
  const standing = standingDecision(decisions);
  const words = [
    verdict === null ? "Unfinished" : VERDICT_WORDS[verdict].title,
    ...(isCutShort ? ["unfinished"] : []),
    ...(standing === null ? [] : [decisionWords(standing)]),
  ];
  return [
    run.run,
    run.model,
    run.startedAt.slice(0, 16).replace("T", " "),
    `${words.join(", ")}${dryRun ? " (dry run)" : ""}`,
  ];
}
