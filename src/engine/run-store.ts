import { join } from "node:path";
import { z } from "zod";
import { appendRecord, readRecords } from "../durable/journal.js";
import { VERDICTS } from "../kit/events.js";
import { fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { parseRecord, type StepRecord } from "./records.js";

/** `run.json`: what the run was asked for. It never changes; what happened is in the journal. */
export const RunHeader = z.object({
  format: z.literal(1),
  run: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  alias: z.string(),
  dryRun: z.boolean(),
  /** Absolute path. */
  runbook: z.string(),
  /** `--set` values. */
  overrides: z.array(z.string()),
  startedAt: z.string(),
});
export type RunHeader = z.infer<typeof RunHeader>;

const at = { at: z.string() };

/** One line of `journal.jsonl`. */
export const JournalEntry = z.discriminatedUnion("type", [
  z.object({
    ...at,
    type: z.literal("session-started"),
    pid: z.number(),
    host: z.string(),
    runbook: z.string(),
  }),
  z.object({
    ...at,
    type: z.literal("step-started"),
    step: z.string(),
    fingerprint: z.string(),
    reason: z.string(),
  }),
  z.object({ ...at, type: z.literal("step-succeeded"), step: z.string(), fingerprint: z.string() }),
  z.object({ ...at, type: z.literal("step-reused"), step: z.string(), fingerprint: z.string() }),
  z.object({ ...at, type: z.literal("step-skipped"), step: z.string(), reason: z.string() }),
  z.object({
    ...at,
    type: z.literal("step-failed"),
    step: z.string(),
    code: z.string(),
    detail: z.unknown(),
  }),
  z.object({ ...at, type: z.literal("run-finished"), verdict: z.enum(VERDICTS), exitCode: z.number() }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
export type NewJournalEntry = WithoutTime<JournalEntry>;

export interface StoredRun {
  readonly header: RunHeader;
  readonly folder: string;
  readonly entries: readonly JournalEntry[];
  /** The last verdict, or null when the run was killed before it had one. */
  readonly verdict: (typeof VERDICTS)[number] | null;
  /** Whether the same command would go on with this run rather than start another. */
  readonly unfinished: boolean;
}

/** The runs of a state directory. Ids are `<quarter>-<n>`, so they sort and can be typed. */
export class RunStore {
  constructor(
    readonly folder: string,
    private readonly files: DurableFiles,
    private readonly now: () => string,
  ) {}

  folderOf(run: string): string {
    return join(this.folder, run);
  }

  /** Locks are by model, so another model's run of the same quarter may take a number at the same time: then the next one is free. */
  async create(header: Omit<RunHeader, "format" | "run" | "startedAt">): Promise<StoredRun> {
    const taken = await this.numbersOf(header.quarter);
    for (let number = (taken.at(-1) ?? 0) + 1; ; number++) {
      const run = `${header.quarter}-${number}`;
      const full: RunHeader = { format: 1, run, ...header, startedAt: this.now() };
      const folder = this.folderOf(run);
      if (await this.files.createExclusive(join(folder, "run.json"), `${JSON.stringify(full, null, 2)}\n`))
        return { header: full, folder, entries: [], verdict: null, unfinished: true };
    }
  }

  async log(run: string, entry: NewJournalEntry): Promise<void> {
    const line = { at: this.now(), ...entry };
    await appendRecord(this.files, join(this.folderOf(run), "journal.jsonl"), line, "store.corrupt");
  }

  /** Every run, oldest first by start, then id. */
  async list(): Promise<StoredRun[]> {
    const runs: StoredRun[] = [];
    for (const name of await this.files.list(this.folder)) {
      const run = await this.load(name);
      if (run !== null) runs.push(run);
    }
    const key = ({ header }: StoredRun) => `${header.startedAt} ${header.run.padStart(40)}`;
    return runs.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  /** A run by its id, the latest one of a quarter by the quarter's label, or the latest of all. */
  async get(run: string | undefined): Promise<StoredRun> {
    if (run === undefined) {
      const latest = (await this.list()).at(-1);
      if (latest) return latest;
    } else {
      const found =
        (await this.load(run)) ?? (await this.list()).findLast(({ header }) => header.quarter === run);
      if (found) return found;
    }
    const known = (await this.list()).map(({ header }) => header.run);
    return fail({ code: "run.unknown", retryable: false, run: run ?? "", known });
  }

  /** Runs of one quarter in the order in which they were made, whatever the clock said meanwhile. */
  async ofQuarter(quarter: string): Promise<StoredRun[]> {
    const runs: StoredRun[] = [];
    for (const number of await this.numbersOf(quarter)) {
      const run = await this.load(`${quarter}-${number}`);
      if (run !== null) runs.push(run);
    }
    return runs;
  }

  /** The run that `quarter` would go on with: the latest of this quarter, model and mode, if it has not reached a verdict. */
  async unfinished(wanted: Pick<RunHeader, "quarter" | "model" | "dryRun">): Promise<StoredRun | null> {
    const latest = (await this.ofQuarter(wanted.quarter)).findLast(
      ({ header }) => header.model === wanted.model && header.dryRun === wanted.dryRun,
    );
    return latest?.unfinished ? latest : null;
  }

  /** The record of a step as this run left it, for browsing and for saying what changed since. */
  async stepRecord(run: string, step: string): Promise<StepRecord | null> {
    return parseRecord(await this.files.readText(this.recordPath(run, step)));
  }

  async keepStepRecord(run: string, step: string, record: StepRecord): Promise<void> {
    await this.files.writeAtomic(this.recordPath(run, step), `${JSON.stringify(record, null, 2)}\n`);
  }

  stepFolder(run: string, step: string): string {
    return join(this.folderOf(run), "steps", step);
  }

  private recordPath(run: string, step: string): string {
    return join(this.stepFolder(run, step), "record.json");
  }

  /** Rising. */
  private async numbersOf(quarter: string): Promise<number[]> {
    return (await this.files.list(this.folder))
      .filter((name) => name.startsWith(`${quarter}-`))
      .map((name) => name.slice(quarter.length + 1))
      .filter((text) => /^[1-9][0-9]*$/.test(text))
      .map(Number)
      .sort((a, b) => a - b);
  }

  private async load(run: string): Promise<StoredRun | null> {
    const text = await this.files.readText(join(this.folderOf(run), "run.json"));
    if (text === null) return null;
    const path = join(this.folderOf(run), "run.json");
    const header = parseHeader(text, path);
    const journal = join(this.folderOf(run), "journal.jsonl");
    const entries = await readRecords(this.files, journal, JournalEntry, "store.corrupt");
    const last = entries.at(-1);
    const verdict = last?.type === "run-finished" ? last.verdict : null;
    const unfinished = verdict === null || ["failed", "interrupted", "completed"].includes(verdict);
    return { header, folder: this.folderOf(run), entries, verdict, unfinished };
  }
}

function parseHeader(text: string, path: string): RunHeader {
  try {
    return RunHeader.parse(JSON.parse(text));
  } catch (error) {
    return fail(
      {
        code: "store.corrupt",
        retryable: false,
        path,
        expected: "a run header of format 1",
        actual: text.slice(0, 80),
      },
      error,
    );
  }
}
