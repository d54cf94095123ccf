import { readFile } from "node:fs/promises";
import type { Engine } from "../engine/engine.js";
import { type ChangedInput, changedInput } from "../engine/explain.js";
import type { Artifact, ArtifactFile } from "../kit/artifact.js";
import type {
  Change,
  FileDifference,
  FileState,
  InputDifference,
  StepExplanation,
} from "../kit/explanation.js";
import type { Json } from "../kit/json.js";
import { ownValue } from "../kit/own-value.js";
import { PANEL_FILE } from "../panel/artifact.js";
import { comparePanels } from "../panel/compare.js";
import { KNOWN_AHEAD_FILE } from "../panel/known-ahead.js";
import { changesLine } from "../plan/changes.js";
import { differences } from "../plan/fingerprint.js";
import { rowsDiffer } from "../report/explain.js";

/** Opens both sides of a changed input and says what differs in them. */
export async function compareInput(engine: Engine, changed: ChangedInput): Promise<InputDifference | null> {
  const { port, before, after } = changed;
  const kind = (after ?? before)?.kind;
  if (kind === undefined) return null;
  const paths = [...new Set([...filesOf(before), ...filesOf(after)].map(({ path }) => path))].sort();
  const files: FileDifference[] = [];
  let lost = before === null || after === null;
  for (const path of paths) {
    const [from, to] = [fileOf(before, path), fileOf(after, path)];
    if (from?.sha256 === to?.sha256) continue;
    const isThere = (await isIntact(engine, from)) && (await isIntact(engine, to));
    lost ||= !isThere;
    files.push(await compareFile(engine, path, from, to, isThere));
  }
  return { port, kind, files, lost };
}

/** Adds to every changed input that is a panel how many rows differ, in the changes and in the reason made of them. */
export function rowCounter(engine: Engine) {
  const counts = new Map<string, Promise<string>>();
  const countOf = async (change: Change): Promise<string> => {
    const difference = await compareInput(engine, await changedInput(engine, change));
    const rows = (difference?.files ?? []).flatMap((file) =>
      file.compared === "panel"
        ? [rowsDiffer(file.panel, file.path === KNOWN_AHEAD_FILE ? " after the cutoff" : "")]
        : [],
    );
    return rows.length === 0 ? "" : `: ${rows.reverse().join(", ")}`;
  };
  return async <T extends Pick<StepExplanation, "changes" | "reason">>(step: T): Promise<T> => {
    const changes: Change[] = [];
    for (const change of step.changes) {
      const key = `${change.before} ${change.after}`;
      if (change.area === "input" && !counts.has(key)) counts.set(key, countOf(change));
      const text = `${change.text}${(await counts.get(key)) ?? ""}`;
      changes.push(change.area === "input" ? { ...change, text } : change);
    }
    const [before, after] = [changesLine(step.changes), changesLine(changes)];
    return {
      ...step,
      changes,
      reason: before === "" ? step.reason : step.reason.replace(before, () => after),
    };
  };
}

async function compareFile(
  engine: Engine,
  path: string,
  from: ArtifactFile | null,
  to: ArtifactFile | null,
  isThere: boolean,
): Promise<FileDifference> {
  const base = { path, before: stateOf(from), after: stateOf(to) };
  if (from !== null && to !== null && isThere) {
    const objects = [engine.objects.pathOf(from.sha256), engine.objects.pathOf(to.sha256)] as const;
    if (path === PANEL_FILE || path === KNOWN_AHEAD_FILE)
      return { ...base, compared: "panel", panel: await comparePanels(...objects) };
    if (path.endsWith(".json")) {
      const [a, b] = [await readObject(objects[0]), await readObject(objects[1])];
      if (a !== null && b !== null) return { ...base, compared: "fields", fields: fieldsOf(a, b) };
    }
  }
  return { ...base, compared: "bytes" };
}

type Fields = Readonly<Record<string, Json>>;

/** The JSON object in a file; null when it holds something else. */
async function readObject(path: string): Promise<Fields | null> {
  let value: Json;
  try {
    value = JSON.parse(await readFile(path, "utf8")) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function fieldsOf(before: Fields, after: Fields) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((field) => ({ field, before: ownValue(before, field), after: ownValue(after, field) }))
    .filter(({ before, after }) => differences(before, after).length > 0);
}

const filesOf = (artifact: Artifact | null): readonly ArtifactFile[] => artifact?.files ?? [];

const fileOf = (artifact: Artifact | null, path: string): ArtifactFile | null =>
  filesOf(artifact).find((file) => file.path === path) ?? null;

const stateOf = (file: ArtifactFile | null): FileState | null =>
  file === null ? null : { sha256: file.sha256, bytes: file.bytes };

const isIntact = async (engine: Engine, file: ArtifactFile | null): Promise<boolean> =>
  file === null || (await engine.files.sha256(engine.objects.pathOf(file.sha256))) === file.sha256;
