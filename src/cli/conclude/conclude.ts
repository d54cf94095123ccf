import { join, relative } from "node:path";
import type { Engine, RunRequest } from "../../engine/engine.js";
import type { RunResult } from "../../engine/run.js";
import { decisionsAbout, readWordsOfPeople } from "../../history/person-decisions.js";
import type { PersonDecision } from "../../kit/artifacts/person-decision.js";
import type { Delivery } from "../../kit/channels.js";
import type { Verdict } from "../../kit/events.js";
import { FailureError } from "../../kit/failure.js";
import { decidedRun } from "../../operations/decisions/of-runs.js";
import { type CommandFlags, commandsFor } from "../../report/commands.js";
import { withDecisions } from "../../report/decisions.js";
import { buildEscalation } from "../../report/escalation/build.js";
import { type CauseWords, causeWords } from "../../report/escalation/cause-words.js";
import type { Escalation } from "../../report/escalation/escalation.js";
import { escalationPage } from "../../report/escalation/page.js";
import { failureContext } from "../../report/failures/text.js";
import { jobSummary } from "../../report/job-summary.js";
import { junitReport } from "../../report/junit.js";
import { pageHtml } from "../../report/page/html.js";
import { pageMarkdown } from "../../report/page/markdown.js";
import type { QuarterInput } from "../../report/quarter/input.js";
import { quarterPage } from "../../report/quarter/report.js";
import { buildRunDocument, type RunDocument } from "../../report/run-document.js";
import type { SeriesNames } from "../../report/series-names.js";
import { isEscalated } from "../../report/verdict.js";
import type { Runbook } from "../../runbook/runbook.js";
import type { Adapters } from "../adapters.js";
import { exitCodeOfRun } from "../exit-codes.js";
import { ISSUES } from "../links.js";
import type { Terminal } from "../terminal.js";
import { type RunArtifacts, readArtifacts } from "./artifacts.js";
import { deadlineDay } from "./deadline.js";
import { keptNames, keptTotals } from "./derived.js";
import { type DataDiagnosis, diagnoseRun, diagnoseSource } from "./diagnosis.js";
import { filesBeside, filesInRegistry } from "./files.js";
import { addToJobSummary } from "./job-summary-page.js";
import { noticesOf } from "./notice.js";
import { noticeLinks } from "./notice-links.js";
import { notifyPeople } from "./notify-people.js";
import { PUBLISHED_REPORT, publishForPeople } from "./publish.js";
import { type Release, readRelease, verdictOf } from "./release.js";

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
  const release = await readRelease(engine, request, result, artifacts);
  const verdict = verdictOf(result, request, release);
  const folder = result.run.folder;
  const save = (name: string, text: string) =>
    engine.files.writeAtomic(join(folder, name), terminal.mask(text));

  const names = await keptNames(engine, artifacts, request.scope);
  const made = makeDocument(input, artifacts, release, verdict);
  const diagnosed = isEscalated(verdict) ? await diagnoseEscalated(input, artifacts) : null;
  const decisions = await decisionsSince(input, artifacts);
  const escalation = isEscalated(verdict)
    ? withDecisions(makeEscalation(input, artifacts, release, made, diagnosed, names), decisions)
    : null;
  const diagnosis = escalation?.diagnosis ?? (await causesOfInvalidData(input));
  const document = {
    ...made,
    ...(diagnosis === null ? {} : { diagnosis }),
    ...(decisions.length === 0 ? {} : { decisions }),
  };
  if (escalation !== null) {
    await save("escalation/rows.csv", diagnosed?.rows ?? "series,period,actual,year_ago,expected\n");
    await save("escalation/escalation.json", `${JSON.stringify(escalation, null, 2)}\n`);
    await save("escalation/escalation.md", pageMarkdown(escalationPage(escalation)));
    await save("escalation/escalation.html", pageHtml(escalationPage(escalation)));
  }
  const report = await reportInput(input, artifacts, document, escalation, names);
  await save("report.html", pageHtml(quarterPage({ ...report, files: filesBeside(document, result) })));
  await save(PUBLISHED_REPORT, pageHtml(quarterPage({ ...report, files: filesInRegistry(document) })));
  await save("junit.xml", junitReport(document));
  await save("job-summary.md", jobSummary(document));
  await save("document.json", `${JSON.stringify(document, null, 2)}\n`);
  let notifications: readonly Delivery[] = [];
  try {
    if (artifacts.promotion !== null) {
      await publishForPeople(engine, request, artifacts.promotion.registryRun, { folder, document });
    }
    notifications = await tellPeople(input, artifacts, document, escalation);
  } finally {
    await addToJobSummary(engine, join(folder, "job-summary.md"), terminal.jobSummary, notifications);
  }
  return { ...document, notifications };
}

/** What people decided about the run or its model before it came to its end: one that is run again may have been answered. */
async function decisionsSince(
  { engine, request, result }: ConcludeInput,
  { registered, decision }: RunArtifacts,
): Promise<readonly PersonDecision[]> {
  const run = decidedRun({ registered, decision });
  if (run === null || request.dryRun) return [];
  try {
    const registry = await engine.registryFor({ folder: result.run.folder, dryRun: false });
    return decisionsAbout(await readWordsOfPeople(registry, request.scope.model.name), run);
  } catch (error) {
    // What is damaged or does not answer was told by the steps, or is by what publishes.
    if (error instanceof FailureError) return [];
    throw error;
  }
}

/** A dry run tells nobody. */
async function tellPeople(
  { engine, request, result, runbook, flags, terminal, notify, signal }: ConcludeInput,
  { promotion }: RunArtifacts,
  document: RunDocument,
  escalation: Escalation | null,
): Promise<readonly Delivery[]> {
  const channels = runbook.escalation.notify;
  if (request.dryRun || channels.length === 0) return [];
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: false });
  const links = noticeLinks(registry, document.candidate, process.env);
  const notices = noticesOf({ document, escalation, commands: commandsFor(flags), links });
  if (notices.length === 0) return [];
  const published = promotion === null ? null : { registry, registryRun: promotion.registryRun };
  const { run } = result;
  return notifyPeople({ engine, run, channels, published, mask: terminal.mask, notify, signal }, notices);
}

function makeDocument(
  input: ConcludeInput,
  artifacts: RunArtifacts,
  release: Release,
  verdict: Verdict,
): RunDocument {
  const { request, result, flags, signal } = input;
  const { model } = request.scope;
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
      exitCode: exitCodeOfRun(result.state, verdict, signal.reason === "SIGTERM" ? "SIGTERM" : "SIGINT"),
      seconds: result.seconds,
      model: { name: model.name, alias: model.alias },
      champion: { before: release.before, after: release.after },
      live: release.live,
    },
    steps: result.steps.map(({ record, ...step }) => ({ ...step, metrics: record?.metrics ?? {} })),
    decision: artifacts.decision,
    registered: artifacts.registered,
    files: {
      report: shown("report.html"),
      outlook: stepFile("outlook", "outlook.csv"),
      snapshot: stepFile("snapshot", "snapshot.parquet"),
      escalation: isEscalated(verdict) ? shown("escalation/escalation.md") : null,
      escalationPage: isEscalated(verdict) ? shown("escalation/escalation.html") : null,
    },
    context: failureContext({
      run: result.run.header.run,
      quarter: request.quarter.label,
      reportTo: ISSUES,
      ...flags,
    }),
  });
}

async function diagnoseEscalated(
  { engine, request, result }: ConcludeInput,
  artifacts: RunArtifacts,
): Promise<DataDiagnosis | null> {
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
  return diagnoseRun(engine, request, artifacts, registry);
}

/** Of a run that its validation stopped; null for any other end. The failure itself is told whatever comes of this. */
async function causesOfInvalidData({
  engine,
  request,
  result,
}: ConcludeInput): Promise<readonly CauseWords[] | null> {
  const stopped = result.steps.find(({ failure }) => failure?.code === "data.invalid");
  if (stopped === undefined) return null;
  try {
    const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
    return (await diagnoseSource(request, registry)).findings.map(causeWords);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const message = `no likely cause was looked for: ${detail}`;
    engine.emit({ type: "step-warned", step: stopped.id, message });
    return null;
  }
}

function makeEscalation(
  { engine, request, result, runbook, flags }: ConcludeInput,
  artifacts: RunArtifacts,
  { after }: Release,
  document: RunDocument,
  diagnosed: DataDiagnosis | null,
  names: SeriesNames,
): Escalation {
  const { decision, promotion, accuracy, checkpoints, validation, training, registered } = artifacts;
  const files = [
    { label: "Report", path: document.files.report },
    { label: "Outlook", path: document.files.outlook },
  ];
  const suspects = {
    label: "Rows furthest from what was to be expected",
    path: relative(process.cwd(), join(result.run.folder, "escalation/rows.csv")),
    link: "rows.csv",
  };
  return buildEscalation({
    run: result.run.header.run,
    dryRun: request.dryRun,
    decision: decision!,
    promotion: { ...promotion!, before: after, after },
    accuracy,
    checkpoints,
    validation,
    training,
    names,
    diagnosis: diagnosed?.diagnosis ?? null,
    steps: request.graph.nodes.map(({ id, type }) => ({ id, type: type.type })),
    owner: runbook.escalation.owner,
    deadline: deadlineDay(runbook.escalation.deadline, engine.clock.now()),
    registry: registered?.registry ?? "",
    runbook: runbook.file,
    files: [
      ...files.flatMap(({ label, path }) => (path === null ? [] : [{ label, path }])),
      ...(diagnosed === null ? [] : [suspects]),
    ],
    flags,
  });
}

async function reportInput(
  { engine, request, result, runbook }: ConcludeInput,
  artifacts: RunArtifacts,
  document: RunDocument,
  escalation: Escalation | null,
  names: SeriesNames,
): Promise<Omit<QuarterInput, "files">> {
  const { validation, accuracy, segments, training, checkpoints } = artifacts;
  const registry = await engine.registryFor({ folder: result.run.folder, dryRun: request.dryRun });
  return {
    document,
    validation,
    accuracy,
    segments,
    training,
    outlook: await keptTotals(engine, artifacts, request.scope),
    checkpoints,
    escalation,
    names,
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
}
