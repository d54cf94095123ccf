import { z } from "zod";
import { appendRecord, readRecords } from "../../durable/journal.js";
import type { Point } from "../../forecast/tune/space.js";
import { TrialScores } from "../../forecast/tune/trial.js";
import type { DurableFiles } from "../../kit/files.js";
import { wholeRecord } from "../../kit/whole-record.js";

/** One line of `trials.jsonl`. */
const TrialRecord = z.object({
  /** Digest of the parameters, which names the trial whatever its number. */
  config: z.string(),
  trial: z.number().int(),
  /** Values that differ from the runbook, for people. */
  values: wholeRecord(z.string(), z.unknown()),
  /** Null where its training failed, for the reason in `failure`. */
  scores: TrialScores.nullable(),
  failure: z.string().nullable(),
  seconds: z.number(),
});
export type TrialRecord = Omit<z.infer<typeof TrialRecord>, "values"> & { readonly values: Point };

/** What earlier processes found, by configuration, and how to add to it. */
export interface TrialJournal {
  readonly known: ReadonlyMap<string, TrialRecord>;
  append(record: TrialRecord): Promise<void>;
}

export async function openTrials(files: DurableFiles, path: string): Promise<TrialJournal> {
  const records = await readRecords(files, path, TrialRecord, "store.corrupt");
  return {
    known: new Map(records.map((record) => [record.config, record as TrialRecord])),
    append: async (record) => {
      await appendRecord(files, path, record, "store.corrupt", { seal: "quick" });
    },
  };
}
