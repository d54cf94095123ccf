import { dirname } from "node:path";
import { programName } from "../kit/program-name.js";

/** The command lines that reports tell a reader to type, with the flags that this run was started with. */
export interface Commands {
  quarter(quarter: string, from?: string): string;
  /** Goes on with an unfinished run, as it was started. */
  resume(run: string): string;
  plan(quarter: string): string;
  check(): string;
  runs(): string;
  status(run: string): string;
  report(run: string): string;
  escalation(run: string): string;
  /** The quarter's rows that are furthest from what was to be expected. */
  rows(run: string): string;
  /** With placeholders in capitals for what only a person can say. */
  approve(run: string): string;
  reject(run: string): string;
  rollback(to?: string): string;
  /** Without a version: of the start anew. */
  adopt(version: string | null): string;
  /** Copies what another registry has into the runbook's. */
  push(from: string, to: string): string;
  models(): string;
  /** Removes the lock of a model, or the lock file at a path. */
  unlock(
    lock: { readonly model: string } | { readonly path: string },
    flag?: "force" | "i-know-it-is-dead",
  ): string;
}

export interface CommandFlags {
  /** Path of the runbook as the user wrote it, or null where the default `runbook.yaml` was read. */
  readonly runbook: string | null;
  /** State directory as the user wrote it, or null for the default. */
  readonly stateDir: string | null;
  /** `--set` values. */
  readonly overrides: readonly string[];
  readonly dryRun: boolean;
}

export function commandsFor({ runbook, stateDir, overrides, dryRun }: CommandFlags): Commands {
  const state = stateDir === null ? [] : ["--state-dir", stateDir];
  const set = overrides.flatMap((override) => ["--set", override]);
  const dry = dryRun ? ["--dry-run"] : [];
  const book = runbook === null ? [] : ["--runbook", runbook];
  // The state directory lies beside the runbook: only another folder's has to be named.
  const place = stateDir !== null ? state : runbook === null || dirname(runbook) === "." ? [] : book;
  const start = [...registryWords(), programName()];
  const line = (...words: readonly string[]) => [...start, ...words.map(shellWord)].join(" ");
  return {
    quarter: (quarter, from) =>
      line(
        "quarter",
        quarter,
        ...(from === undefined ? [] : ["--from", from]),
        ...dry,
        ...set,
        ...book,
        ...state,
      ),
    resume: (run) => line("resume", run, ...state),
    plan: (quarter) => line("plan", quarter, ...dry, ...set, ...book, ...state),
    check: () => line("check", ...(runbook === null ? [] : [runbook]), ...set),
    runs: () => line("runs", ...place),
    status: (run) => line("status", run, ...place),
    report: (run) => line("report", run, ...place),
    escalation: (run) => line("escalation", run, ...place),
    rows: (run) => line("escalation", run, "--rows", ...place),
    approve: (run) =>
      line("approve", run, "--by", "NAME", "--reason", "TEXT", "--expires", "DATE", ...book, ...state),
    reject: (run) => line("reject", run, "--by", "NAME", "--reason", "TEXT", ...book, ...state),
    rollback: (to) =>
      line(
        "rollback",
        ...(to === undefined ? [] : ["--to", to]),
        ...["--by", "NAME", "--reason", "TEXT"],
        ...book,
        ...state,
      ),
    adopt: (version) =>
      line("adopt", version ?? "--none", "--by", "NAME", "--reason", "TEXT", ...set, ...book, ...state),
    push: (from, to) => line("registry", "push", "--from", from, "--to", to, ...book, ...state),
    models: () => line("models", ...book, ...state),
    unlock: (lock, flag) =>
      line(
        "unlock",
        ...("model" in lock ? ["--model", lock.model, ...place] : ["--lock", lock.path]),
        ...(flag === undefined ? [] : [`--${flag}`]),
      ),
  };
}

/**
 * A registry that MLFLOW_TRACKING_URI named, perhaps for one command alone: without it the next one would look elsewhere. An address with a password is not
 * repeated, and PowerShell has no such prefix.
 */
function registryWords(): readonly string[] {
  const uri = process.env.MLFLOW_TRACKING_URI ?? "";
  if (process.platform === "win32" || !URL.canParse(uri)) return [];
  const { username, password } = new URL(uri);
  return username === "" && password === "" ? [`MLFLOW_TRACKING_URI=${shellWord(uri)}`] : [];
}

/** Quoted for a POSIX shell where it needs to be. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
