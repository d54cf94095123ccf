import { hostname } from "node:os";
import { isOver, type LockRecord, readLock } from "../../durable/lock-record.js";
import type { Engine } from "../../engine/engine.js";
import { lockPath } from "../../engine/lock.js";
import type { JournalEntry } from "../../engine/run-records.js";
import type { StoredRun } from "../../engine/run-store.js";
import type { StepStatus } from "../../kit/events.js";
import { FailureError } from "../../kit/failure.js";
import type { RunProgress } from "../../report/console/progress-words.js";

/**
 * How far a run without a verdict is, and whether anybody works on it: by its journal, and by the lock of its model.
 * @param host this one
 */
export async function progressOf(
  engine: Pick<Engine, "files" | "state">,
  { header, entries }: StoredRun,
  host = hostname(),
): Promise<RunProgress> {
  const at = entries.findLastIndex(({ type }) => type === "session-started");
  const session = at < 0 ? null : (entries[at] as SessionStarted);
  const since = entries.slice(at + 1);
  const lock = await lockOf(engine, header.model);
  const isOurs = lock !== null && lock.run === header.run;
  const { step, done } = stepOf(since);
  return {
    state: !isOurs ? "killed" : lock.host !== host ? "elsewhere" : isOver(lock) ? "killed" : "running",
    process: session === null ? null : { pid: session.pid, host: session.host, since: session.at },
    step: step === null ? null : { id: step.step, number: done + 1, since: step.at },
    done,
    steps: session?.steps?.length ?? null,
  };
}

type SessionStarted = Extract<JournalEntry, { readonly type: "session-started" }>;
type StepStarted = Extract<JournalEntry, { readonly type: "step-started" }>;

/** The step that was begun last and has no end, and how many have one. */
function stepOf(session: readonly JournalEntry[]): { step: StepStarted | null; done: number } {
  let step: StepStarted | null = null;
  let done = 0;
  for (const entry of session) {
    if (entry.type === "step-started") step = entry;
    else if (entry.type !== "step-retried" && entry.type.startsWith("step-")) {
      step = null;
      done++;
    }
  }
  return { step, done };
}

/** Null where nobody holds the lock, or where the file tells nothing: `run.lock-unreadable` is for whoever wants to take it. */
async function lockOf(
  { files, state }: Pick<Engine, "files" | "state">,
  model: string,
): Promise<LockRecord | null> {
  try {
    return await readLock(files, lockPath(state, model));
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}

/** What the journal alone knows of the steps of a run that has no verdict. */
export function journalSteps({
  entries,
}: StoredRun): { readonly id: string; readonly status: StepStatus; readonly summary: string }[] {
  const session = entries.findLastIndex(({ type }) => type === "session-started");
  return entries.slice(session + 1).flatMap((entry): ReturnType<typeof journalSteps> => {
    switch (entry.type) {
      case "step-succeeded":
        return [{ id: entry.step, status: "succeeded", summary: "" }];
      case "step-reused":
        return [{ id: entry.step, status: "reused", summary: "nothing changed" }];
      case "step-failed":
        return [{ id: entry.step, status: "failed", summary: entry.code }];
      case "step-skipped":
        return [{ id: entry.step, status: "skipped", summary: entry.reason }];
      default:
        return [];
    }
  });
}
