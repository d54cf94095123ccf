import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { digest } from "../durable/hash.js";
import type { EarlierRelease, EarlierRuns, EarlierTrail } from "../kit/earlier.js";
import type { DurableFiles } from "../kit/files.js";
import { canonicalJson } from "../kit/json.js";
import type { Engine, RunRequest } from "./engine.js";
import type { RunHeader } from "./run-records.js";
import { readRelease } from "./run-release.js";
import type { StoredRun } from "./run-store.js";
import { readTrails } from "./run-trails.js";

/** What the runs of this state directory put into registries. They are read when somebody asks, which is when nothing is live. */
export async function earlierRuns(
  engine: Pick<Engine, "files" | "runs" | "objects">,
  { runbook }: { readonly runbook: Pick<RunRequest["runbook"], "name" | "path"> },
): Promise<EarlierRuns> {
  let known: Promise<readonly EarlierRelease[]> | undefined;
  let trails: Promise<readonly EarlierTrail[]> | undefined;
  const runbookId = await idOf(engine.files, runbook);
  return {
    runbookId,
    releases() {
      known ??= readReleases(engine, runbook.path);
      return known;
    },
    trails() {
      trails ??= readTrails(engine);
      return trails;
    },
  };
}

/** Of the runbook's name and its place: in the working tree of git, the same for every clone of it; outside of one, on this machine. */
async function idOf(
  files: DurableFiles,
  { path, name }: Pick<RunRequest["runbook"], "name" | "path">,
): Promise<string> {
  let root = dirname(path);
  while (!(await files.exists(join(root, ".git")))) {
    const above = dirname(root);
    if (above === root) break;
    root = above;
  }
  const isInTree = await files.exists(join(root, ".git"));
  const place = isInTree ? relative(root, path).split(sep).join("/") : realPath(path);
  return digest(canonicalJson({ name: name ?? "", place }))
    .replace("sha256:", "")
    .slice(0, 32);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

async function readReleases(
  engine: Pick<Engine, "files" | "runs" | "objects">,
  runbook: string,
): Promise<readonly EarlierRelease[]> {
  const releases: EarlierRelease[] = [];
  for (const run of await engine.runs.list()) {
    if (run.header.dryRun) continue;
    const release = await releaseOf(engine, run);
    if (release === null) continue;
    const isOfThisRunbook = await isSame(engine.files, run.header, runbook);
    releases.push({ ...release, isOfThisRunbook });
  }
  return releases;
}

/** Another file that is still there is another runbook; one that is gone may be this one, before the project was moved or renamed. */
async function isSame(
  files: DurableFiles,
  { runbook: before }: RunHeader,
  runbook: string,
): Promise<boolean> {
  return before === runbook || (basename(before) === basename(runbook) && !(await files.exists(before)));
}

async function releaseOf(
  engine: Pick<Engine, "files" | "runs" | "objects">,
  run: StoredRun,
): Promise<Omit<EarlierRelease, "isOfThisRunbook"> | null> {
  const { header } = run;
  const { registered, promotion } = await readRelease(engine, run);
  if (registered === null) return null;
  const live = promotion?.after ?? null;
  return {
    run: header.run,
    at: header.startedAt,
    model: registered.name,
    alias: promotion?.alias ?? header.alias,
    version: live ?? registered.version,
    isLive: live !== null,
    registry: registered.registry,
    registryRun: registered.runId,
  };
}
