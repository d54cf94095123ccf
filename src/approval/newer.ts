import { isRecord } from "../history/left-behind.js";
import { RUN_TAGS } from "../history/run-tags.js";
import type { ModelRegistry } from "../kit/registry.js";
import type { Subject } from "./subject.js";

/** A run of a quarter after the one that somebody decides about. */
export interface NewerRun {
  readonly run: string;
  readonly quarter: string;
  /** `promoted` or `escalated`; null while it has none. */
  readonly verdict: string | null;
}

/** The last run of each quarter after the subject's, oldest quarter first: what it was trained on is not the latest that there is. */
export async function newerRuns(
  registry: ModelRegistry,
  { decision }: Subject,
): Promise<readonly NewerRun[]> {
  const later = (await registry.listRuns(decision.model)).filter(
    (run) => !isRecord(run) && run.cutoff > decision.cutoff,
  );
  const byQuarter = new Map(later.map((run) => [run.quarter, run]));
  return [...byQuarter.values()]
    .sort((a, b) => (a.cutoff < b.cutoff ? -1 : 1))
    .map(({ name, quarter, tags }) => ({
      run: tags[RUN_TAGS.run] ?? name,
      quarter,
      verdict: tags[RUN_TAGS.verdict] ?? null,
    }));
}
