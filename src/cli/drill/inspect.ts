import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Engine } from "../../engine/engine.js";
import { parseRecord, type StepRecord } from "../../engine/records.js";
import type { JournalEntry } from "../../engine/run-records.js";
import type { StoredRun } from "../../engine/run-store.js";
import { stateFolder } from "../../engine/state-folder.js";
import { fingerprint } from "../../plan/fingerprint.js";
import { openRuns } from "../setup.js";
import { filesBelow } from "./end-state.js";

/**
 * What must hold in a state directory at every moment, also right after a kill: journals can be read, every record is what its name says
 * and has its outputs in the object store, and a step that the journal calls done has its record.
 * @returns one line a violation
 */
export async function violations(project: string): Promise<string[]> {
  const engine = openRuns(stateFolder(join(project, ".retrain")));
  const found: string[] = [];
  for (const path of filesBelow(engine.state.records)) {
    const record = parseRecord(readFileSync(join(engine.state.records, path), "utf8"));
    const problem = record === null ? "cannot be read" : await recordProblem(engine, record);
    if (problem !== null) found.push(`record ${path}: ${problem}`);
  }
  for (const { header, entries } of await engine.runs.list()) {
    for (const [index, entry] of entries.entries()) {
      if (entry.type !== "step-succeeded" && entry.type !== "step-reused") continue;
      // An external step forgets its record before it acts again; the journal says so by starting it again.
      const again = entries
        .slice(index + 1)
        .some((later) => later.type === "step-started" && later.step === entry.step);
      if (!again && (await engine.records.find(entry.fingerprint)) === null)
        found.push(`journal of ${header.run}: ${entry.type} ${entry.step}, and there is no record of it`);
    }
  }
  return found;
}

async function recordProblem(engine: Engine, record: StepRecord): Promise<string | null> {
  if (fingerprint(record.components) !== record.fingerprint)
    return "its fingerprint is not that of its components";
  for (const [port, artifact] of Object.entries(record.outputs)) {
    const damage = await engine.objects.damage(artifact);
    if (damage !== null) return `output ${port}: ${damage}`;
  }
  return null;
}

/**
 * What must hold besides once the quarter has come to its end: every run's journal tells a whole story, and no lock is left.
 * @param verdict of the last run
 */
export async function leftovers(project: string, quarter: string, verdict: string): Promise<string[]> {
  const state = stateFolder(join(project, ".retrain"));
  const found: string[] = [];
  const runs = await openRuns(state).runs.ofQuarter(quarter);
  for (const run of runs)
    found.push(...storyProblems(run).map((problem) => `journal of ${run.header.run}: ${problem}`));
  if (runs.at(-1)?.verdict !== verdict)
    found.push(`journal: the verdict is ${runs.at(-1)?.verdict ?? "none"}, the command said ${verdict}`);
  for (const folder of [state.locks, join(state.registry, "models")]) {
    for (const path of filesBelow(folder)) if (isLock(folder, path)) found.push(`lock left behind: ${path}`);
  }
  return found;
}

function isLock(folder: string, path: string): boolean {
  const name = basename(path);
  return folder.endsWith("locks") ? /\.lock(\.after-.*)?$/.test(name) : /^lock(\.after-.*)?$/.test(name);
}

/** Every session but the last was killed, in one step at most; the last one has an end for every step and the verdict. */
export function storyProblems({ entries }: Pick<StoredRun, "entries">): string[] {
  const found: string[] = [];
  const sessions = splitSessions(entries);
  const done = new Map<string, string>();
  for (const [number, session] of sessions.entries()) {
    const isLast = number === sessions.length - 1;
    for (const [index, entry] of session.entries()) {
      const next = session[index + 1];
      if (entry.type === "step-started") {
        if (done.get(entry.step) === entry.fingerprint)
          found.push(`${entry.step} was done and was done again`);
        const isEnd =
          next !== undefined && "step" in next && next.step === entry.step && next.type !== "step-started";
        if (!isEnd && (next !== undefined || isLast)) found.push(`${entry.step} started and has no end`);
      }
      if (entry.type === "step-failed") found.push(`${entry.step} failed: ${entry.code}`);
      if (entry.type === "step-succeeded" || entry.type === "step-reused") {
        if (entry.type === "step-succeeded" && session[index - 1]?.type !== "step-started")
          found.push(`${entry.step} has an end and no start`);
        done.set(entry.step, entry.fingerprint);
      }
    }
  }
  const ends = entries.filter(({ type }) => type === "run-finished").length;
  if (ends !== 1 || entries.at(-1)?.type !== "run-finished")
    found.push(`expected one run-finished as the last line, found ${ends}`);
  const last = sessions.at(-1) ?? [];
  const ended = last.filter(({ type }) => type === "step-succeeded" || type === "step-reused").length;
  if (ended !== done.size)
    found.push(`the last session has ${ended} steps with a result, the run has ${done.size}`);
  return found;
}

function splitSessions(entries: readonly JournalEntry[]): JournalEntry[][] {
  const sessions: JournalEntry[][] = [];
  for (const entry of entries) {
    if (entry.type === "session-started") sessions.push([]);
    sessions.at(-1)?.push(entry);
  }
  return sessions;
}
