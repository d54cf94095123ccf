import { readdirSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { FailureError } from "../../kit/failure.js";
import { runbookAbove, stateOfRuns } from "../state/find.js";
import { ofPrefix, type Typed, type Values } from "./complete.js";
import type { Completion } from "./model.js";

/** A shell does not wait for a larger file. */
const MOST_BYTES = 1_000_000;

/** Values as this machine has them: quarters and runs of the state directory, steps of the runbook, files. What cannot be read completes to nothing. */
export const valuesHere =
  (cwd = process.cwd(), env: Readonly<Record<string, string | undefined>> = process.env): Values =>
  (name, typed) => {
    switch (name) {
      case "quarter":
      case "quarters":
        return words(withNext(quarters(runs(typed, cwd, env))), typed);
      case "run": {
        const known = runs(typed, cwd, env);
        return words([...known.toReversed(), ...quarters(known)], typed);
      }
      case "step":
        return words(steps(typed, cwd), typed);
      case "file":
      case "runbook":
      case "data":
        return paths(typed.word, cwd, true);
      case "dir":
        return paths(typed.word, cwd, false);
      default:
        return { candidates: [], isOpen: false };
    }
  };

const words = (values: readonly string[], { word }: Typed): Completion =>
  ofPrefix(
    [...new Set(values)].map((value) => ({ value, description: "" })),
    word,
  );

/** Ids of the runs of the state directory that is meant, oldest first. */
function runs({ options }: Typed, cwd: string, env: Readonly<Record<string, string | undefined>>): string[] {
  try {
    const stateDir = options.get("--state-dir") ?? env.RETRAIN_STATE_DIR;
    const { state } = stateOfRuns({ stateDir, runbook: options.get("--runbook") }, cwd);
    return readdirSync(state.runs)
      .filter((name) => /-\d+$/.test(name))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch (error) {
    return nothingOf(error);
  }
}

/** The quarters of these runs, the latest first. */
const quarters = (ids: readonly string[]): string[] =>
  [...new Set(ids.map((id) => id.replace(/-\d+$/, "")))].reverse();

/** With the quarter after the latest one before them: it is the next to be run. */
function withNext(known: readonly string[]): readonly string[] {
  const latest = /^(\d{4})Q([1-4])$/.exec(known[0] ?? "");
  if (latest === null) return known;
  const [year, quarter] = [Number(latest[1]), Number(latest[2])];
  return [quarter === 4 ? `${year + 1}Q1` : `${year}Q${quarter + 1}`, ...known];
}

/** Ids of the steps of the runbook, as far as it can be read. */
function steps({ options }: Typed, cwd: string): string[] {
  const named = options.get("--runbook") ?? "runbook.yaml";
  try {
    const text =
      readRunbook(resolve(cwd, named)) ?? readRunbook(resolve(cwd, runbookAbove(cwd) ?? named)) ?? "";
    const runbook: unknown = parse(text, { logLevel: "silent" });
    const listed = (runbook as { readonly steps?: unknown } | null)?.steps;
    if (!Array.isArray(listed)) return [];
    return listed.flatMap((step: { readonly id?: unknown } | null) =>
      typeof step?.id === "string" ? [step.id] : [],
    );
  } catch (error) {
    return nothingOf(error);
  }
}

function readRunbook(path: string): string | null {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > MOST_BYTES ? "" : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Entries of a folder that begin like the word; a folder ends with a slash, behind which more is to come. */
function paths(word: string, cwd: string, withFiles: boolean): Completion {
  const at = word.lastIndexOf("/") + 1;
  const [folder, begun] = [word.slice(0, at), word.slice(at)];
  try {
    const isFolder = (name: string) =>
      statSync(resolve(cwd, folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
    const entries = readdirSync(resolve(cwd, folder))
      .filter((name) => name.startsWith(begun) && (begun !== "" || !name.startsWith(".")))
      .map((name) => ({ path: folder + name, isFolder: isFolder(name) }))
      .filter((entry) => withFiles || entry.isFolder)
      .map((entry) => entry.path + (entry.isFolder ? "/" : ""))
      .sort();
    return {
      candidates: entries.map((value) => ({ value, description: "" })),
      isOpen: entries.length === 1 && entries[0]!.endsWith("/"),
    };
  } catch (error) {
    return { candidates: nothingOf(error), isOpen: false };
  }
}

/** A folder that is not there, a runbook that is no YAML, a state directory that is refused: there is nothing to offer. A bug is none of these. */
function nothingOf(error: unknown): [] {
  const isKnown =
    error instanceof FailureError ||
    (error instanceof Error && ("syscall" in error || error.name === "YAMLParseError"));
  if (isKnown) return [];
  throw error;
}
