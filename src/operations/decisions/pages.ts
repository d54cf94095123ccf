import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunStore, StoredRun } from "../../engine/run-store.js";
import { decisionOfRun } from "../../history/decision.js";
import { isRecord } from "../../history/left-behind.js";
import { decisionsAbout, readWordsOfPeople } from "../../history/person-decisions.js";
import { readIfThere } from "../../history/read-if-there.js";
import { missingChampion } from "../../kit/artifacts/decision.js";
import type { DurableFiles } from "../../kit/files.js";
import type { ModelRegistry, RegistryFile, RegistryRun } from "../../kit/registry.js";
import { type DecisionsNow, withDecisions, withRunDecisions } from "../../report/decisions.js";
import { Escalation } from "../../report/escalation/escalation.js";
import { escalationPage } from "../../report/escalation/page.js";
import { pageHtml, withTop } from "../../report/page/html.js";
import { pageMarkdown } from "../../report/page/markdown.js";
import { quarterTop } from "../../report/quarter/top.js";
import { RunDocument } from "../../report/run-document.js";

type PageName = "escalation" | "markdown" | "page" | "document" | "report" | "published";

/** Where the pages of a run are: in its folder, and in the registry's run; null: only here. */
const PAGES: Readonly<Record<PageName, { readonly file: string; readonly path: string | null }>> = {
  escalation: { file: "escalation/escalation.json", path: "escalation/escalation.json" },
  markdown: { file: "escalation/escalation.md", path: "escalation/escalation.md" },
  page: { file: "escalation/escalation.html", path: "escalation/escalation.html" },
  document: { file: "document.json", path: "report/document.json" },
  report: { file: "report.html", path: null },
  published: { file: "published/report.html", path: "report/report.html" },
};

type Texts = ReadonlyMap<PageName, string>;

/**
 * Makes the pages of runs anew with what people decided: in the registry's run, where everybody finds them, and in the folders of the runs here
 * that came to the same decision. Again is fine.
 * @param ids of registry runs
 * @param here runs of this state directory
 */
export async function remakePages(
  registry: ModelRegistry,
  { model, alias, ids }: { readonly model: string; readonly alias: string; readonly ids: readonly string[] },
  here: { readonly runs: RunStore; readonly files: DurableFiles },
): Promise<void> {
  const words = await readWordsOfPeople(registry, model);
  const live = await registry.getAlias(model, alias);
  for (const id of new Set(ids)) {
    const run = words.runs.find(({ runId }) => runId === id);
    const decision = run === undefined ? null : await decisionOfRun(registry, id);
    if (run === undefined || decision === null) continue;
    const isMissing = missingChampion(decision).length > 0;
    const about = { alias, registryRun: id, decision: decision.digest, isMissing };
    const decisions = decisionsAbout(words, about);
    if (decisions.length > 0) await remakeOf(registry, run, decision.digest, { decisions, live }, here);
  }
}

async function remakeOf(
  registry: ModelRegistry,
  run: RegistryRun,
  digest: string,
  now: DecisionsNow,
  here: { readonly runs: RunStore; readonly files: DurableFiles },
): Promise<void> {
  const there = await remade(async (name) => {
    const { path } = PAGES[name];
    const bytes = path === null ? null : await readIfThere(registry, run.runId, path);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }, now);
  await publish(registry, run.runId, there);
  for (const { folder } of await runsOf(here.runs, run)) {
    const read = (name: PageName) => here.files.readText(join(folder, PAGES[name].file));
    const document = parsed(RunDocument, await read("document"));
    if (document?.decision?.digest !== digest) continue;
    for (const [name, text] of await remade(read, now))
      await here.files.writeAtomic(join(folder, PAGES[name].file), text);
  }
}

/** New texts of those that are there. A report of a program that did not mark its first screen stays as it is. */
async function remade(read: (name: PageName) => Promise<string | null>, now: DecisionsNow): Promise<Texts> {
  const texts = new Map<PageName, string>();
  const written = parsed(Escalation, await read("escalation"));
  const escalation = written === null ? null : withDecisions(written, now.decisions);
  if (escalation !== null) {
    const page = escalationPage(escalation);
    texts.set("escalation", `${JSON.stringify(escalation, null, 2)}\n`);
    texts.set("markdown", pageMarkdown(page));
    texts.set("page", pageHtml(page));
  }
  const left = parsed(RunDocument, await read("document"));
  if (left === null) return texts;
  const document = withRunDecisions(left, now);
  texts.set("document", `${JSON.stringify(document, null, 2)}\n`);
  const top = quarterTop(document, escalation);
  for (const name of ["report", "published"] as const) {
    const page = await read(name);
    const other = page === null ? null : withTop(page, top);
    if (other !== null) texts.set(name, other);
  }
  return texts;
}

async function publish(registry: ModelRegistry, runId: string, texts: Texts): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-pages-"));
  try {
    const files: RegistryFile[] = [];
    for (const [name, text] of texts) {
      const { path } = PAGES[name];
      if (path === null) continue;
      const source = join(folder, name);
      await writeFile(source, text);
      files.push({ path, source });
    }
    if (files.length > 0) await registry.putArtifacts(runId, files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs of this state directory that may have come to the decision. */
async function runsOf(runs: RunStore, { model, quarter }: RegistryRun): Promise<StoredRun[]> {
  const { readable } = await runs.listAll();
  return readable.filter(
    ({ header }) => header.model === model && header.quarter === quarter && !header.dryRun,
  );
}

/** Null for what is not there, or is of another program. */
function parsed<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  text: string | null,
): T | null {
  if (text === null) return null;
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

/** The registry runs of versions that are there. */
export async function runsOfVersions(
  registry: ModelRegistry,
  model: string,
  versions: readonly (string | null)[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const version of versions) {
    const found = version === null ? null : await registry.getVersion(model, version);
    if (found !== null) ids.push(found.runId);
  }
  return ids;
}

/** The registry runs that an adoption is about: the latest one, which asked what is live, and that of the version that is. */
export async function adoptionRuns(
  registry: ModelRegistry,
  model: string,
  live: string | null,
): Promise<string[]> {
  const latest = (await registry.listRuns(model)).findLast((run) => !isRecord(run));
  return [
    ...(latest === undefined ? [] : [latest.runId]),
    ...(await runsOfVersions(registry, model, [live])),
  ];
}
