import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../durable/hash.js";
import type { StoredRun } from "../../engine/run-store.js";
import { stateFolder } from "../../engine/state-folder.js";
import { RUN_TAGS } from "../../history/run-tags.js";
import { trailDamage } from "../../history/trail-marks.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import { endInTags } from "../../kit/trail.js";
import type { RunDocument } from "../../report/run-document.js";
import { NOTIFIED_TAG } from "../conclude/notification-ledger.js";
import { PUBLISHED } from "../conclude/publish.js";
import { openRuns, registryOf } from "../setup.js";
import { DRILL_MODEL } from "./project.js";

/**
 * What a quarter left behind, as facts by name: flat, so that two of them can be compared line by line, and without clock times, process
 * ids and durations.
 */
export type Facts = Readonly<Record<string, string>>;

/** What `quarter --json` said. */
export interface Answer {
  readonly exitCode: number | null;
  readonly document: RunDocument | null;
}

/** Facts about verdict, decision, every output of every step, and the registry with every file in it. */
export async function endState(project: string, answer: Answer): Promise<Facts> {
  const { document } = answer;
  const facts: Record<string, string> = { "exit code": String(answer.exitCode) };
  if (document !== null) {
    facts.verdict = document.verdict;
    facts["decision digest"] = document.decision?.digest ?? "none";
    facts.candidate = document.candidate?.version ?? "none";
    facts["live version"] = document.champion.after ?? "none";
    for (const [name, value] of Object.entries(document.metrics)) facts[`metric ${name}`] = String(value);
    const state = stateFolder(join(project, ".retrain"));
    const run = await openRuns(state).runs.get(document.run);
    Object.assign(facts, outputFacts(project, run, document), await trailFacts(project, run));
  }
  return { ...facts, ...(await registryFacts(project)) };
}

function outputFacts(project: string, run: StoredRun, document: RunDocument): Facts {
  const facts: Record<string, string> = {};
  for (const { id } of document.steps) {
    const folder = join(run.folder, "steps", id);
    for (const path of filesBelow(folder)) {
      // Records hold durations; what they point to is what counts.
      if (path !== "record.json")
        facts[`output ${id}/${path}`] = hashAnywhere(readFileSync(join(folder, path)), project);
    }
  }
  return facts;
}

/** The record of moves has every end that runs have seen, and the journal says what the registry's run says. */
async function trailFacts(project: string, { entries }: StoredRun): Promise<Facts> {
  const registry = await openDrillRegistry(project);
  const last = entries.at(-1);
  const left = last?.type === "run-finished" ? last.trail : undefined;
  const tags = left === undefined ? {} : ((await registry.getRun(left.registryRun))?.tags ?? {});
  const said = endInTags(tags);
  const isSame = typeof said === "object" && said?.length === left?.length && said?.hash === left?.hash;
  return {
    "record of moves": (await trailDamage(registry, DRILL_MODEL, undefined))?.detail ?? "whole",
    "end of it in the journal": isSame ? "as in the registry" : JSON.stringify(left ?? null),
  };
}

/** The registry's address in an output names the project's folder, which is another one in every attempt. */
function hashAnywhere(content: Buffer, project: string): string {
  return sha256(Buffer.from(content.toString("latin1").replaceAll(project, "PROJECT"), "latin1"));
}

export const openDrillRegistry = (project: string): Promise<ModelRegistry> =>
  registryOf("file:.retrain/registry", stateFolder(join(project, ".retrain")), project);

/** Versions with their files, alias moves in order, and runs with their parts, measurements and artifacts. */
export async function registryFacts(project: string): Promise<Facts> {
  const registry = await openDrillRegistry(project);
  return {
    ...(await versionFacts(project, registry)),
    ...(await moveFacts(registry)),
    ...(await runFacts(project, registry)),
  };
}

async function versionFacts(project: string, registry: ModelRegistry): Promise<Facts> {
  const facts: Record<string, string> = {};
  const versions = await registry.listVersions(DRILL_MODEL);
  facts["registered versions"] = String(versions.length);
  for (const { createdAt: _, ...version } of versions)
    facts[`version ${version.version}`] = JSON.stringify(version);
  const models = join(project, ".retrain", "registry", "models", DRILL_MODEL, "versions");
  for (const path of filesBelow(models)) {
    if (!path.endsWith("version.json"))
      facts[`model file ${path}`] = sha256(readFileSync(join(models, path)));
  }
  return facts;
}

async function moveFacts(registry: ModelRegistry): Promise<Facts> {
  const facts: Record<string, string> = {};
  const moves = await registry.aliasHistory(DRILL_MODEL);
  for (const alias of new Set(moves.map((move) => move.alias))) {
    const own = moves.filter((move) => move.alias === alias);
    facts[`moves of ${alias}`] = String(own.length);
    for (const [index, { at: _, ...move }] of own.entries())
      facts[`move ${index + 1} of ${alias}`] = JSON.stringify(move);
  }
  return facts;
}

async function runFacts(project: string, registry: ModelRegistry): Promise<Facts> {
  const facts: Record<string, string> = {};
  const runs = await registry.listRuns(DRILL_MODEL);
  facts["registry runs"] = String(runs.length);
  for (const run of runs) {
    const name = `registry run ${run.quarter} ${run.runId}`;
    facts[name] = timeless(run);
    const { points, inputs, parts } = await registry.runDetails(run.runId);
    facts[`points of ${name}`] = JSON.stringify(points);
    facts[`inputs of ${name}`] = JSON.stringify(inputs);
    for (const [index, part] of parts.entries()) {
      const { points: partPoints } = await registry.runDetails(part.runId);
      facts[`part ${index + 1} of ${name}`] = `${timeless(part)} ${JSON.stringify(partPoints)}`;
    }
    for (const path of await registry.listArtifacts(run.runId)) {
      const content = await registry.readArtifact(run.runId, path);
      const written = await writtenForPeople(project, run.quarter, path);
      facts[`artifact ${run.quarter} ${run.runId} ${path}`] = written?.equals(content)
        ? AS_WRITTEN
        : sha256(content);
    }
  }
  return facts;
}

const timeless = ({ createdAt: _, ...run }: RegistryRun): string =>
  JSON.stringify({ ...run, tags: withoutInstants(run.tags) });

const AS_WRITTEN = "the file in the folder of the quarter's last run";

/** What is written for people holds times and durations: it has to be, byte by byte, what the run left in its folder. */
async function writtenForPeople(project: string, quarter: string, path: string): Promise<Buffer | null> {
  const file = PUBLISHED.find((published) => published.path === path)?.file;
  const run = (await openRuns(stateFolder(join(project, ".retrain"))).runs.ofQuarter(quarter)).at(-1);
  if (file === undefined || run === undefined) return null;
  const written = join(run.folder, file);
  return existsSync(written) ? readFileSync(written) : null;
}

/**
 * The tag of a delivered notification holds the instant, as the record of moves does whose hash is in another, and that of the runbook tells its folder: that
 * they are there once is what counts.
 */
const withoutInstants = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags)
      .map(([name, value]) => [name, isOfThisRun(name) ? "there" : value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const isOfThisRun = (tag: string): boolean =>
  tag.startsWith(NOTIFIED_TAG) || tag === RUN_TAGS.runbookId || tag === RUN_TAGS.trail;

/** Relative paths in order; hidden temp files, which no reader of ours ever sees, are left out. */
export function filesBelow(folder: string): string[] {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .flatMap((entry) => {
      if (entry.name.startsWith(".tmp-")) return [];
      if (!entry.isDirectory()) return [entry.name];
      return filesBelow(join(folder, entry.name)).map((path) => `${entry.name}/${path}`);
    })
    .sort();
}

const entriesOf = (folder: string) => readdirSync(folder, { withFileTypes: true });

/** One line a difference. */
export function differences(expected: Facts, actual: Facts): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  return names
    .filter((name) => expected[name] !== actual[name])
    .map((name) => `${name}: expected ${shown(expected[name])}, found ${shown(actual[name])}`);
}

const shown = (value: string | undefined): string =>
  value === undefined ? "nothing" : value.length > 160 ? `${value.slice(0, 160)}…` : value;
