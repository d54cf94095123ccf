import { resolve } from "node:path";
import { findSubject, type Subject } from "../../approval/subject.js";
import { earlierRuns } from "../../engine/earlier-runs.js";
import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import type { EarlierRuns } from "../../kit/earlier.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { stateOfRunbook } from "../../operations/state/find.js";
import { failureContext } from "../../report/failures/text.js";
import type { RunDocument } from "../../report/run-document.js";
import type { Runbook } from "../../runbook/runbook.js";
import { flagsToRepeat } from "../flags.js";
import { ISSUES } from "../links.js";
import { openDocument } from "../read-document.js";
import { reportError } from "../report-error.js";
import { requireRunbook } from "../require-runbook.js";
import { openRuns, registryOf } from "../setup.js";
import type { Terminal } from "../terminal.js";

/** Flags that every command has by which a person decides. */
export interface PersonOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly set: readonly string[];
  readonly by?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export interface OpenedForPeople {
  readonly runbook: Runbook;
  readonly registry: ModelRegistry;
  /** Of the state directory: it knows the runs here. */
  readonly engine: Engine;
  readonly earlier: EarlierRuns;
}

export interface OpenedSubject extends OpenedForPeople {
  readonly subject: Subject;
}

/** Runs a command, and puts what it fails with into words that repeat its flags. */
export async function speaking(options: PersonOptions, run: string | null, body: () => Promise<void>) {
  try {
    await body();
  } catch (error) {
    const flags = flagsToRepeat({ ...options, overrides: options.set, dryRun: false });
    const quarter = /^(.*)-\d+$/.exec(run ?? "")?.[1] ?? null;
    const context = failureContext({ run, quarter, reportTo: ISSUES, ...flags });
    process.exitCode = reportError(error, context, options.json);
  }
}

/**
 * The registry of the runbook.
 * @param overrides of the run that is asked about
 * @throws FailureError `usage.invalid` for a `--set` that would change who may approve
 */
export async function openForPeople(
  options: PersonOptions,
  overrides: readonly string[],
  terminal: Terminal,
): Promise<OpenedForPeople> {
  const isPolicy = (override: string) => /^escalation\b/.test(override);
  if (options.set.some(isPolicy))
    fail({
      code: "usage.invalid",
      retryable: false,
      message: "who may approve stands in the runbook; --set cannot change `escalation` here",
      next: null,
    });
  const set = [
    ...overrides.filter((override) => !isPolicy(override) && !override.includes("***")),
    ...options.set,
  ];
  const { runbook, path } = await requireRunbook(options.runbook, set, terminal);
  const { state } = stateOfRunbook(options, { path, model: runbook.model.name });
  const registry = await registryOf(runbook.registryUri, state, runbook.folder, undefined, runbook.name);
  const engine = openRuns(state);
  const earlier = await earlierRuns(engine, { runbook: { path, name: runbook.name } });
  return { runbook, registry, engine, earlier };
}

/**
 * The escalated run that is asked for: of this state directory, where the person has read its page, or else of the registry, for people on other machines.
 * @param name a run, a quarter for its latest run, or undefined for the latest of all
 */
export async function openSubject(
  action: "approve" | "reject",
  name: string | undefined,
  options: PersonOptions & { readonly decision?: string },
  terminal: Terminal,
): Promise<OpenedSubject> {
  const engine = openRuns(stateOfRunbook(options, { path: resolve(options.runbook), model: null }).state);
  const local = await orUnknown(engine.runs.get(name));
  const isHere = !(local instanceof FailureError);
  const seen = isHere
    ? await decisionOf(action, local, await openDocument(engine, local, options.stateDir, terminal))
    : null;
  const opened = await openForPeople(options, isHere ? local.header.overrides : [], terminal);
  const { model } = opened.runbook;
  if (isHere && local.header.model !== model.name)
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `run ${local.header.run} is of model ${local.header.model}, and ${options.runbook} is about ${model.name}`,
      next: "--runbook FILE, with the runbook of that run",
    });
  if (seen !== null && options.decision !== undefined && options.decision !== seen)
    fail({
      code: "approval.refused",
      retryable: false,
      action,
      run: isHere ? local.header.run : (name ?? ""),
      refusal: { kind: "decision-changed", seen: options.decision, actual: seen },
    });
  const subject = await findSubject(opened.registry, {
    action,
    model: model.name,
    run: isHere ? local.header.run : (name ?? null),
    decision: seen ?? options.decision ?? null,
    earlier: opened.earlier,
  });
  if (subject !== null) return { ...opened, subject };
  if (!isHere) throw local;
  const detail = `${opened.registry.uri} has no run of it`;
  return fail({
    code: "approval.refused",
    retryable: false,
    action,
    run: local.header.run,
    refusal: { kind: "no-decision", detail },
  });
}

/** Digest of the decision on the page of a run of this state directory. */
async function decisionOf(
  action: "approve" | "reject",
  { header, verdict }: StoredRun,
  document: RunDocument | null,
): Promise<string> {
  const refuse = (refusal: Parameters<typeof refusedRun>[2]) => refusedRun(action, header.run, refusal);
  if (header.dryRun) return refuse({ kind: "dry-run" });
  if (verdict === null || document === null) return refuse({ kind: "unfinished" });
  if (verdict !== "escalated" || document.decision === null)
    return refuse({ kind: "not-escalated", verdict });
  return document.decision.digest;
}

const refusedRun = (
  action: "approve" | "reject",
  run: string,
  refusal: Extract<Parameters<typeof fail>[0], { readonly code: "approval.refused" }>["refusal"],
): never => fail({ code: "approval.refused", retryable: false, action, run, refusal });

/** A run that this state directory does not have may be one of another machine. */
async function orUnknown(reading: Promise<StoredRun>): Promise<StoredRun | FailureError> {
  return reading.catch((error: unknown) => {
    if (error instanceof FailureError && error.failure.code === "run.unknown") return error;
    throw error;
  });
}
