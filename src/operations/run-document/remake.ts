import { join, relative } from "node:path";
import type { z } from "zod";
import type { Engine } from "../../engine/engine.js";
import type { StepRecord } from "../../engine/records.js";
import type { JournalEntry } from "../../engine/run-records.js";
import type { StoredRun } from "../../engine/run-store.js";
import type { ArtifactKind } from "../../kit/artifact.js";
import { Decision } from "../../kit/artifacts/decision.js";
import { Promotion } from "../../kit/artifacts/promotion.js";
import { Registered } from "../../kit/artifacts/registered.js";
import type { StepStatus } from "../../kit/events.js";
import type { Failure } from "../../kit/failure.js";
import { explainFailure } from "../../report/failures/explain.js";
import type { FailureContext } from "../../report/failures/text.js";
import { buildRunDocument, type RunDocument } from "../../report/run-document.js";

interface StepLeft {
  readonly id: string;
  readonly status: StepStatus;
  readonly summary: string;
  readonly optional: boolean;
  readonly failure: { readonly code: string; readonly detail: unknown } | null;
  readonly record: StepRecord | null;
}

/**
 * The document of a finished run from what else there is of it: its journal, the records of its steps and the artifacts that they name. What only the
 * document had is left out: the causes that were looked for.
 * @throws FailureError where an artifact that decides is damaged too
 */
export async function remakeDocument(
  engine: Engine,
  run: StoredRun,
  context: FailureContext,
): Promise<RunDocument> {
  const { header, verdict, exitCode } = run;
  const session = run.entries.slice(run.entries.findLastIndex(({ type }) => type === "session-started"));
  const steps = await stepsOf(engine, run, session);
  const read = <S extends z.ZodType>(kind: ArtifactKind, file: string, schema: S) =>
    readLast(engine, steps, kind, file, schema);
  const decision = await read("decision", "decision.json", Decision);
  const promotion = await read("promotion", "promotion.json", Promotion);
  const registered = await read("registered-version", "registered.json", Registered);
  const isEscalated = verdict === "escalated" || verdict === "would-escalate";
  const existing = async (path: string) =>
    (await engine.files.exists(join(run.folder, path))) ? shown(run, path) : null;
  // An alias that moved in a step which failed after that is on record by the verdict alone.
  const moved = promotion?.after ?? (verdict === "promoted" ? (registered?.version ?? null) : null);
  const document = buildRunDocument({
    run: {
      id: header.run,
      quarter: header.quarter,
      cutoff: header.cutoff,
      dryRun: header.dryRun,
      verdict: verdict!,
      exitCode: exitCode!,
      seconds: secondsOf(session),
      model: { name: header.model, alias: header.alias },
      champion: { before: promotion?.before ?? null, after: moved },
      live:
        promotion === null && moved === null
          ? { version: null, source: "unknown" }
          : { version: header.dryRun ? (promotion?.before ?? null) : moved, source: "run" },
    },
    steps: steps.map(({ id, status, summary, optional, record }) => ({
      id,
      type: record?.components.step.type ?? "",
      optional,
      status,
      seconds: record?.seconds ?? 0,
      summary,
      metrics: record?.metrics ?? {},
      failure: null,
    })),
    decision,
    registered,
    files: {
      report: await existing("report.html"),
      outlook: fileOf(run, steps, "outlook", "outlook.csv"),
      snapshot: fileOf(run, steps, "snapshot", "snapshot.parquet"),
      escalation: isEscalated ? await existing("escalation/escalation.md") : null,
      escalationPage: isEscalated ? await existing("escalation/escalation.html") : null,
    },
    context,
  });
  const failures = new Map(steps.map(({ id, failure }) => [id, failure]));
  return {
    ...document,
    steps: document.steps.map((step) => ({ ...step, failure: failureText(failures.get(step.id), context) })),
  };
}

const shown = (run: StoredRun, path: string): string =>
  relative(process.cwd(), join(run.folder, path)) || ".";

async function stepsOf(
  engine: Engine,
  run: StoredRun,
  session: readonly JournalEntry[],
): Promise<StepLeft[]> {
  const left: StepLeft[] = [];
  for (const entry of session) {
    switch (entry.type) {
      case "step-succeeded":
      case "step-reused": {
        const kept = await engine.records.find(entry.fingerprint);
        const record =
          kept === null || kept === "damaged"
            ? await engine.runs.stepRecord(run.header.run, entry.step)
            : kept;
        const status = entry.type === "step-reused" ? "reused" : "succeeded";
        left.push({ ...END, id: entry.step, status, summary: record?.summary ?? "", record });
        break;
      }
      case "step-failed": {
        const { step, code, detail, optional = false } = entry;
        left.push({ ...END, id: step, status: "failed", summary: code, optional, failure: { code, detail } });
        break;
      }
      case "step-skipped":
        left.push({ ...END, id: entry.step, status: "skipped", summary: entry.reason });
        break;
      default:
    }
  }
  return left;
}

const END = { optional: false, failure: null, record: null } as const;

async function readLast<S extends z.ZodType>(
  engine: Engine,
  steps: readonly StepLeft[],
  kind: ArtifactKind,
  file: string,
  schema: S,
): Promise<z.output<S> | null> {
  const artifact = steps
    .flatMap(({ record }) => Object.values(record?.outputs ?? {}))
    .findLast((made) => made.kind === kind);
  return artifact === undefined ? null : engine.objects.reader(artifact).readJson(file, schema);
}

function fileOf(run: StoredRun, steps: readonly StepLeft[], kind: ArtifactKind, file: string): string | null {
  for (const { id, record } of steps) {
    for (const [port, artifact] of Object.entries(record?.outputs ?? {}))
      if (artifact.kind === kind) return shown(run, join("steps", id, port, file));
  }
  return null;
}

/** By the journal's times, so what the clock said. */
function secondsOf(session: readonly JournalEntry[]): number {
  const [first, last] = [session[0], session.at(-1)].map((entry) => Date.parse(entry?.at ?? ""));
  const seconds = (last! - first!) / 1000;
  return seconds > 0 ? seconds : 0;
}

/** A journal of another version may hold a failure that this one has no words for. */
function failureText(
  failure: StepLeft["failure"] | undefined,
  context: FailureContext,
): RunDocument["steps"][number]["failure"] {
  if (failure === null || failure === undefined) return null;
  const { code, detail } = failure;
  try {
    return { code, ...explainFailure(detail as Failure, context) };
  } catch {
    return { code, title: code, where: null, expected: null, details: [], next: [] };
  }
}
