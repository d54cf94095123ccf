import { join } from "node:path";
import { appendRecord, readRecords, sealJournal } from "../durable/journal.js";
import type { Verdict } from "../kit/events.js";
import { type Failure, FailureError, fail } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import { parseRecord, recordText, type StepRecord } from "./records.js";
import {
  byMaking,
  JournalEntry,
  type NewJournalEntry,
  parseHeader,
  RUN_FORMAT,
  type RunHeader,
  sealedHeader,
} from "./run-records.js";

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
      if (await this.files.createExclusive(join(folder, "run.json"), sealedHeader(full)))
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

  /**
   * A run by its id, the latest one of a quarter by the quarter's label, or the latest of all.
   * @throws FailureError when that one cannot be read: an earlier one is not what was meant
   */
  async get(run: string | undefined): Promise<StoredRun> {
    const found =
      run === undefined ? await this.latest() : ((await this.load(run)) ?? (await this.latestOf(run)));
    if (found !== null) return found;
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

  private async latest(): Promise<StoredRun | null> {
    const { readable, unreadable } = await this.listAll();
    const last = readable.at(-1) ?? null;
    for (const { run, failure } of unreadable)
      if (last === null || (await this.isLater(run, last.header))) throw new FailureError(failure);
    return last;
  }

  /** Where a run's header cannot be read either, its id tells: by quarter, then number. */
  private async isLater(run: string, than: RunHeader): Promise<boolean> {
    const header = await orFailure(this.loadHeader(run));
    if (header !== null && !(header instanceof FailureError)) return byMaking(than, header) < 0;
    const [quarter, number] = partsOf(run);
    const [quarterThan, numberThan] = partsOf(than.run);
    return quarter === quarterThan ? number > numberThan : quarter > quarterThan;
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

/** Quarter and number of an id. */
function partsOf(run: string): [quarter: string, number: number] {
  const dash = run.lastIndexOf("-");
  return [run.slice(0, dash), Number(run.slice(dash + 1))];
}

/** A failure as a value; anything else that is thrown passes through. */
async function orFailure<T>(reading: Promise<T>): Promise<T | FailureError> {
  return reading.catch((error: unknown) => {
    if (error instanceof FailureError) return error;
    throw error;
  });
}
