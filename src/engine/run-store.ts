import { join } from "node:path";
import { z } from "zod";
import { digest } from "../durable/hash.js";
import { appendRecord, readRecords, sealJournal } from "../durable/journal.js";
import { VERDICTS, type Verdict } from "../kit/events.js";
import { type Failure, FailureError, fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { canonicalJson } from "../kit/json.js";
import { parseRecord, recordText, type StepRecord } from "./records.js";

/** Of `run.json` and `journal.jsonl` together. Bump it when an older program would misread either of them. */
const RUN_FORMAT = 1;

/** `run.json`: what the run was asked for. It never changes; what happened is in the journal. */
export const RunHeader = z.object({
  format: z.literal(RUN_FORMAT),
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
  /** Counts the runs of a state directory in the order in which they were made, whatever the clock said. Absent in runs of older programs, which come first. */
  order: z.number().int().exactOptional(),
  /** Version of the program that made the run. */
  retrain: z.string().exactOptional(),
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
    type: z.literal("step-retried"),
    step: z.string(),
    /** Number of the attempt that is to come, from 2. */
    attempt: z.number(),
    waitSeconds: z.number(),
    code: z.string(),
    detail: z.unknown(),
  }),
  z.object({
    ...at,
    type: z.literal("step-failed"),
    step: z.string(),
    code: z.string(),
    detail: z.unknown(),
    /** The run may do without it. */
    optional: z.boolean().exactOptional(),
  }),
  z.object({
    ...at,
    type: z.literal("run-finished"),
    verdict: z.enum(VERDICTS),
    exitCode: z.number(),
    /** Where the verdict alone does not say it: a step has no result yet, although the alias has moved, say. */
    unfinished: z.boolean().exactOptional(),
  }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
export type NewJournalEntry = WithoutTime<JournalEntry>;

export interface StoredRun {
  readonly header: RunHeader;
  readonly folder: string;
  readonly entries: readonly JournalEntry[];
  /** The last verdict, or null when the run was killed before it had one. */
  readonly verdict: Verdict | null;
  /** Of the same moment. */
  readonly exitCode: number | null;
  /** Whether the same command would go on with this run rather than start another. */
  readonly unfinished: boolean;
}

/** Verdicts of runs that are gone on with. One that promoted or escalated is finished, unless a step after that has no result. */
const OPEN_ENDED: readonly Verdict[] = ["failed", "interrupted", "completed"];

export const isOpenEnded = (verdict: Verdict): boolean => OPEN_ENDED.includes(verdict);

/** A run that this program cannot read, and why. */
export interface UnreadableRun {
  readonly run: string;
  readonly failure: Failure;
}

/** The runs of a state directory. Ids are `<quarter>-<n>`, so they sort and can be typed. */
export class RunStore {
  /** A header never changes, and every step asks for those of its quarter. */
  private readonly headers = new Map<string, RunHeader>();

  constructor(
    readonly folder: string,
    private readonly files: DurableFiles,
    private readonly now: () => string,
  ) {}

  folderOf(run: string): string {
    return join(this.folder, run);
  }

  /** Locks are by model, so another model's run of the same quarter may take a number at the same time: then the next one is free. */
  async create(header: Omit<RunHeader, "format" | "run" | "startedAt" | "order">): Promise<StoredRun> {
    const order = (await this.lastOrder()) + 1;
    // A kill may have left a folder without run.json: that is no run, and its number is still free.
    let last = 0;
    for (const number of await this.numbersOf(header.quarter))
      if (await this.files.exists(join(this.folderOf(`${header.quarter}-${number}`), "run.json")))
        last = number;
    for (let number = last + 1; ; number++) {
      const run = `${header.quarter}-${number}`;
      const full: RunHeader = { format: RUN_FORMAT, run, ...header, startedAt: this.now(), order };
      const folder = this.folderOf(run);
      const sealed = { ...full, sha256: digest(canonicalJson(full)) };
      if (await this.files.createExclusive(join(folder, "run.json"), `${JSON.stringify(sealed, null, 2)}\n`))
        return { header: full, folder, entries: [], verdict: null, exitCode: null, unfinished: true };
    }
  }

  async log(run: string, entry: NewJournalEntry): Promise<void> {
    const line = { at: this.now(), ...entry };
    const journal = join(this.folderOf(run), "journal.jsonl");
    await appendRecord(this.files, journal, line, "store.corrupt");
    // What comes before can be made again. The verdict cannot: that a line was cut off behind it must not pass for a run that was killed.
    if (entry.type === "run-finished") await sealJournal(this.files, journal, "store.corrupt");
  }

  /** Every run that can be read, oldest first. */
  async list(): Promise<StoredRun[]> {
    return (await this.listAll()).readable;
  }

  /** Every run: the readable ones, oldest first, and the others by name. */
  async listAll(): Promise<{ readable: StoredRun[]; unreadable: UnreadableRun[] }> {
    const readable: StoredRun[] = [];
    const unreadable: UnreadableRun[] = [];
    for (const name of await this.files.list(this.folder)) {
      const run = await orFailure(this.load(name));
      if (run instanceof FailureError) unreadable.push({ run: name, failure: run.failure });
      else if (run !== null) readable.push(run);
    }
    return { readable: readable.sort((a, b) => byMaking(a.header, b.header)), unreadable };
  }

  /** A run by its id, the latest one of a quarter by the quarter's label, or the latest readable one of all. */
  async get(run: string | undefined): Promise<StoredRun> {
    const found =
      run === undefined
        ? (await this.list()).at(-1)
        : ((await this.load(run)) ?? (await this.latestOf(run)) ?? undefined);
    if (found !== undefined) return found;
    const { readable, unreadable } = await this.listAll();
    const known = [...readable.map(({ header }) => header.run), ...unreadable.map((one) => one.run)];
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

  /** Headers of a quarter's readable runs, in the order in which they were made. */
  async headersOfQuarter(quarter: string): Promise<RunHeader[]> {
    const headers: RunHeader[] = [];
    for (const number of await this.numbersOf(quarter)) {
      const run = `${quarter}-${number}`;
      const header = this.headers.get(run) ?? (await orFailure(this.loadHeader(run)));
      if (header === null || header instanceof FailureError) continue;
      this.headers.set(run, header);
      headers.push(header);
    }
    return headers;
  }

  /**
   * The run that `quarter` would go on with: the latest of this quarter, model and mode, if it has not reached a verdict.
   * @throws FailureError when a later run of the quarter cannot be read: it may be the one
   */
  async unfinished(wanted: Pick<RunHeader, "quarter" | "model" | "dryRun">): Promise<StoredRun | null> {
    const latest = await this.latestOf(
      wanted.quarter,
      ({ header }) => header.model === wanted.model && header.dryRun === wanted.dryRun,
    );
    return latest?.unfinished ? latest : null;
  }

  /** The record of a step as this run left it, for browsing and for saying what changed since. */
  async stepRecord(run: string, step: string): Promise<StepRecord | null> {
    return parseRecord(await this.files.readText(this.recordPath(run, step)));
  }

  async keepStepRecord(run: string, step: string, record: StepRecord): Promise<void> {
    await this.files.writeUnsynced(this.recordPath(run, step), recordText(record));
  }

  stepFolder(run: string, step: string): string {
    return join(this.folderOf(run), "steps", step);
  }

  /** Beside the step's folder, so that it outlives an attempt. */
  stepLog(run: string, step: string): string {
    return `${this.stepFolder(run, step)}.log`;
  }

  private recordPath(run: string, step: string): string {
    return join(this.stepFolder(run, step), "record.json");
  }

  private async lastOrder(): Promise<number> {
    let last = 0;
    for (const run of await this.files.list(this.folder)) {
      const header = this.headers.get(run) ?? (await orFailure(this.loadHeader(run)));
      if (header !== null && !(header instanceof FailureError)) last = Math.max(last, header.order ?? 0);
    }
    return last;
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

  private async latestOf(
    quarter: string,
    isWanted: (run: StoredRun) => boolean = () => true,
  ): Promise<StoredRun | null> {
    for (const number of (await this.numbersOf(quarter)).reverse()) {
      const run = await this.load(`${quarter}-${number}`);
      if (run !== null && isWanted(run)) return run;
    }
    return null;
  }

  private async loadHeader(run: string): Promise<RunHeader | null> {
    const path = join(this.folderOf(run), "run.json");
    const text = await this.files.readText(path);
    return text === null ? null : parseHeader(text, path);
  }

  private async load(run: string): Promise<StoredRun | null> {
    const header = await this.loadHeader(run);
    if (header === null) return null;
    const journal = join(this.folderOf(run), "journal.jsonl");
    const entries = await readRecords(this.files, journal, JournalEntry, "store.corrupt");
    const last = entries.at(-1);
    const end = last?.type === "run-finished" ? last : null;
    return {
      header,
      folder: this.folderOf(run),
      entries,
      verdict: end?.verdict ?? null,
      exitCode: end?.exitCode ?? null,
      unfinished: end === null || (end.unfinished ?? isOpenEnded(end.verdict)),
    };
  }
}

/** Two models may take one place at the same time, and runs of older programs have none: then the start decides, and then the id. */
function byMaking(a: RunHeader, b: RunHeader): number {
  const place = (a.order ?? 0) - (b.order ?? 0);
  if (place !== 0) return place;
  const key = ({ startedAt, run }: RunHeader) => `${startedAt} ${run.padStart(40)}`;
  return key(a) < key(b) ? -1 : 1;
}

const AnyHeader = z.object({ format: z.number(), retrain: z.string().optional() });

function parseHeader(text: string, path: string): RunHeader {
  try {
    const json: unknown = JSON.parse(text);
    const any = AnyHeader.safeParse(json);
    if (any.success && any.data.format !== RUN_FORMAT) {
      const { format, retrain } = any.data;
      return fail({
        code: "store.format",
        retryable: false,
        path,
        expected: RUN_FORMAT,
        actual: format,
        writtenBy: retrain ?? null,
      });
    }
    // A program that knew of no hash wrote none.
    const { sha256, ...header } = z.looseObject({ sha256: z.string().optional() }).parse(json);
    if (sha256 !== undefined && sha256 !== digest(canonicalJson(header))) throw new Error("another hash");
    return RunHeader.parse(header);
  } catch (error) {
    if (error instanceof FailureError) throw error;
    return fail(
      {
        code: "store.corrupt",
        retryable: false,
        path,
        expected: `a run header of format ${RUN_FORMAT}`,
        actual: text.slice(0, 80),
      },
      error,
    );
  }
}

/** A failure as a value; anything else that is thrown passes through. */
async function orFailure<T>(reading: Promise<T>): Promise<T | FailureError> {
  return reading.catch((error: unknown) => {
    if (error instanceof FailureError) return error;
    throw error;
  });
}
