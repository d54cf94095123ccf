import { join, relative } from "node:path";
import type { Engine, RunRequest } from "../../engine/engine.js";
import type { RunResult } from "../../engine/run.js";
import type { Verdict } from "../../kit/events.js";
import { mapStrings } from "../../kit/json.js";
import type { CommandFlags } from "../../report/commands.js";
import { buildEscalation } from "../../report/escalation/build.js";
import type { Escalation } from "../../report/escalation/escalation.js";
import { escalationMarkdown } from "../../report/escalation/markdown.js";
import { failureContext } from "../../report/failures/text.js";
import { renderReport } from "../../report/html/report.js";
import { buildRunDocument, type RunDocument } from "../../report/run-document.js";
import { isEscalated } from "../../report/verdict.js";
import type { Runbook } from "../../runbook/runbook.js";
import type { Adapters } from "../adapters.js";
import { exitCodeOfVerdict } from "../exit-codes.js";
import { ISSUES } from "../links.js";
import type { Terminal } from "../terminal.js";
import { type RunArtifacts, readArtifacts } from "./artifacts.js";
import { deadlineDay } from "./deadline.js";
import { keepDrawings, keptTotals } from "./derived.js";
import { notificationLedger } from "./notification-ledger.js";
import { publishForPeople } from "./publish.js";

export interface ConcludeInput {
  readonly engine: Engine;
  readonly request: RunRequest;
  readonly result: RunResult;
  readonly runbook: Runbook;
  readonly flags: CommandFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly notify: Adapters["notify"];
}

/**
 * Turns a result into the verdict and writes what people read: escalation first, since someone may wait for it, then the report and the
 * document. Then the registry's run gets them too, and only then people are told. Running it again gives the same files.
 */
export async function concludeRun(input: ConcludeInput): Promise<RunDocument> {
  const { engine, request, result, terminal } = input;
  const artifacts = await readArtifacts(engine.objects, result.steps);
  const verdict = verdictOf(result, request, artifacts);
  const folder = result.run.folder;
  const save = (name: string, text: string) =>
    engine.files.writeAtomic(join(folder, name), terminal.mask(text));

  const document = await makeDocument(input, artifacts, verdict);
  const escalation = isEscalated(verdict) ? makeEscalation(input, artifacts, document) : null;
  if (escalation !== null) {
    await save("escalation/escalation.json", `${JSON.stringify(escalation, null, 2)}\n`);
    await save("escalation/escalation.md", escalationMarkdown(escalation));
  }
  await save("report.html", await makeReport(input, artifacts, document, escalation));
  await save("document.json", `${JSON.stringify(document, null, 2)}\n`);
  if (artifacts.promotion !== null) {
    await publishForPeople(engine, request, artifacts.promotion.registryRun, { folder, document });
  }
  if (escalation !== null && !request.dryRun) {
    await notifyPeople(input, artifacts, escalation);
  }
  return document;
}

/** Who could not be told is told by the next run that comes to the same decision. */
async function notifyPeople(
  { engine, request, result, runbook, terminal, notify, signal }: ConcludeInput,
  { decision, promotion }: RunArtifacts,
  escalation: Escalation,
): Promise<void> {
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
  const failed = await notify(runbook.escalation.webhooks, mapStrings(escalation, terminal.mask), {
    decision: decision!.digest,
    ledger: notificationLedger(engine, result.run, registry, promotion!.registryRun),
    wait: engine.wait,
    signal,
  });
  for (const { target, problem } of failed) {
    const message = `${target} was not told: ${problem}; the next run of this quarter tries again`;
    engine.emit({ type: "step-warned", step: "escalation", message });
  }
}

function verdictOf(result: RunResult, request: RunRequest, { promotion }: RunArtifacts): Verdict {
  if (result.state === "failed") return "failed";
  if (result.state === "interrupted") return "interrupted";
  if (result.state === "stopped" || promotion === null) return "completed";
  if (promotion.outcome === "promoted") return request.dryRun ? "would-promote" : "promoted";
  return request.dryRun ? "would-escalate" : "escalated";
}

async function makeDocument(
  input: ConcludeInput,
  artifacts: RunArtifacts,
  verdict: Verdict,
): Promise<RunDocument> {
  const { engine, request, result, flags, signal } = input;
  const { model } = request.scope;
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
  const shown = (path: string) => relative(process.cwd(), join(result.run.folder, path)) || ".";
  const stepFile = (kind: string, file: string): string | null => {
    for (const { id, record } of result.steps) {
      for (const [port, artifact] of Object.entries(record?.outputs ?? {})) {
        if (artifact.kind === kind) return shown(join("steps", id, port, file));
      }
    }
    return null;
  };
  return buildRunDocument({
    run: {
      id: result.run.header.run,
      quarter: request.quarter.label,
      cutoff: request.quarter.cutoff,
      dryRun: request.dryRun,
      verdict,
      exitCode: exitCodeOfVerdict(verdict, signal.reason === "SIGTERM" ? "SIGTERM" : "SIGINT"),
      seconds: result.seconds,
      model: { name: model.name, alias: model.alias },
      live:
        artifacts.promotion === null
          ? await registry.getAlias(model.name, model.alias)
          : artifacts.promotion.after,
    },
    steps: result.steps.map(({ record, ...step }) => ({ ...step, metrics: record?.metrics ?? {} })),
    decision: artifacts.decision,
    promotion: artifacts.promotion,
    registered: artifacts.registered,
    files: {
      report: shown("report.html"),
      outlook: stepFile("outlook", "outlook.csv"),
      snapshot: stepFile("snapshot", "snapshot.parquet"),
      escalation: isEscalated(verdict) ? shown("escalation/escalation.md") : null,
    },
    context: failureContext({
      run: result.run.header.run,
      quarter: request.quarter.label,
      reportTo: ISSUES,
      ...flags,
    }),
  });
}

function makeEscalation(
  { engine, request, result, runbook, flags }: ConcludeInput,
  artifacts: RunArtifacts,
  document: RunDocument,
): Escalation {
  const { decision, promotion, accuracy, checkpoints, validation, training } = artifacts;
  const files = [
    { label: "Report", path: document.files.report },
    { label: "Outlook", path: document.files.outlook },
  ];
  return buildEscalation({
    run: result.run.header.run,
    dryRun: request.dryRun,
    decision: decision!,
    promotion: promotion!,
    accuracy,
    checkpoints,
    validation,
    training,
    steps: request.graph.nodes.map(({ id, type }) => ({ id, type: type.type })),
    owner: runbook.escalation.owner,
    deadline: deadlineDay(runbook.escalation.deadline, engine.clock.now()),
    runbook: runbook.file,
    files: files.flatMap(({ label, path }) => (path === null ? [] : [{ label, path }])),
    flags,
  });
}

async function makeReport(
  { engine, request, result, runbook }: ConcludeInput,
  artifacts: RunArtifacts,
  document: RunDocument,
  escalation: Escalation | null,
): Promise<string> {
  const { validation, accuracy, segments, training, checkpoints, panel, outlook } = artifacts;
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
  const input = {
    document,
    validation,
    accuracy,
    segments,
    training,
    outlook: await keptTotals(engine, panel, outlook, request.scope),
    checkpoints,
    escalation,
    lineage: {
      startedAt: result.run.header.startedAt,
      retrain: engine.code.retrain,
      git: engine.code.git,
      runbook: { path: runbook.file, hash: runbook.digest },
      registry: registry.uri,
      sources: runbook.data.sources.map((source) => relative(runbook.folder, source)),
      artifacts: result.steps.flatMap(({ id, record }) =>
        Object.values(record?.outputs ?? {}).map(({ kind, hash }) => ({ step: id, kind, hash })),
      ),
    },
  };
  return renderReport(input, keepDrawings(engine, result.steps));
}
