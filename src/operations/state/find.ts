import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { RunHeader } from "../../engine/run-records.js";
import { type StateFolder, stateFolder } from "../../engine/state-folder.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { folderOfModel } from "../../registry/embedded/names.js";

/** What a state directory is called beside its runbook. */
const NAME = ".retrain";
const DEFAULT_RUNBOOK = "runbook.yaml";

export interface FoundState {
  readonly state: StateFolder;
  /** As a person would write it where they are. */
  readonly shown: string;
}

/** The runbook that a command is about. */
export interface RunbookOfState {
  /** Absolute path; links are not followed, as for `data.source`. */
  readonly path: string;
  /** Null where it was not read. */
  readonly model: string | null;
}

/** `stateDir` is what `--state-dir` or the variable says, undefined where neither does. */
export interface StateOptions {
  readonly stateDir?: string | undefined;
}

/**
 * The state directory of a runbook: `.retrain` beside it, wherever the command is typed, unless the person names another one.
 * @throws FailureError `usage.invalid` for something else than a folder, `state.elsewhere` when an earlier version kept runs of this runbook in
 * another folder
 */
export function stateOfRunbook(
  { stateDir }: StateOptions,
  book: RunbookOfState,
  cwd = process.cwd(),
): FoundState {
  const named = namedState(stateDir, cwd);
  if (named !== null) return named;
  const own = open(join(dirname(book.path), NAME), cwd);
  refuseOther(own, book, cwd);
  return own;
}

/**
 * The state directory of a command that needs no runbook: beside the one that is named, else in the working directory, else of the nearest folder above
 * that has a state directory or a `runbook.yaml`.
 * @throws as `stateOfRunbook`, and `usage.invalid` when the named runbook is not there
 */
export function stateOfRuns(
  { stateDir, runbook }: StateOptions & { readonly runbook?: string | undefined },
  cwd = process.cwd(),
): FoundState {
  const named = namedState(stateDir, cwd);
  if (named !== null) return named;
  if (runbook !== undefined) {
    const path = resolve(cwd, runbook);
    if (!existsSync(path)) missingRunbook(runbook);
    const own = open(join(dirname(path), NAME), cwd);
    refuseOther(own, { path, model: null }, cwd);
    return own;
  }
  return open(join(projectAbove(cwd) ?? cwd, NAME), cwd);
}

/** The nearest folder, from this one upwards, with a state directory or a `runbook.yaml`. */
function projectAbove(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if ([NAME, DEFAULT_RUNBOOK].some((name) => existsSync(join(folder, name)))) return folder;
    if (dirname(folder) === folder) return null;
  }
}

/** `runbook.yaml` of the nearest folder above, as `--runbook` would take it; null when there is none. */
export function runbookAbove(cwd = process.cwd()): string | null {
  for (let folder = cwd; dirname(folder) !== folder; ) {
    folder = dirname(folder);
    const path = join(folder, DEFAULT_RUNBOOK);
    if (existsSync(path)) return relative(cwd, path);
  }
  return null;
}

function namedState(stateDir: string | undefined, cwd: string): FoundState | null {
  if (stateDir === undefined) return null;
  if (stateDir === "") return process.env.RETRAIN_STATE_DIR === "" ? null : notAFolder(stateDir);
  return { ...open(resolve(cwd, stateDir), cwd), shown: stateDir };
}

function open(root: string, cwd: string): FoundState {
  const shown = relative(cwd, root) || ".";
  if (isOtherThanFolder(root)) notAFolder(shown);
  return { state: stateFolder(root), shown };
}

function isOtherThanFolder(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    // It is not there yet, or it cannot be looked at: whoever reads it says so.
    return false;
  }
}

function notAFolder(shown: string): never {
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `--state-dir ${shown === "" ? '""' : shown} is not a folder`,
    next: `${programName()} runs --state-dir ${NAME}`,
  });
}

function missingRunbook(runbook: string): never {
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `cannot read the runbook ${runbook}: there is no such file`,
    next: "--runbook FILE",
  });
}

/**
 * Earlier versions kept the state where the command was typed. Going on without it would start a second registry, with no champion and no history; with
 * two of them nobody but the person knows which one services follow.
 */
function refuseOther(own: FoundState, book: RunbookOfState, cwd: string): void {
  const isBegun = hasContent(own.state);
  const others = [join(cwd, NAME), join(dirname(real(book.path)), NAME)];
  for (const root of new Set(others)) {
    if (real(root) === real(own.state.root) || isOtherThanFolder(root)) continue;
    const other = stateFolder(root);
    if (!hasContent(other) || !isOf(other, book, isBegun)) continue;
    fail({
      code: "state.elsewhere",
      retryable: false,
      runbook: relative(cwd, book.path) || book.path,
      found: relative(cwd, root) || root,
      expected: own.shown,
      isBegun,
      aside: relative(cwd, freeName(isBegun ? root : own.state.root)),
      isThere: existsSync(own.state.root),
    });
  }
}

/** Whether runs or models are in it; searches and backtests alone start nothing. */
const hasContent = ({ runs, registry }: StateFolder): boolean =>
  names(runs).length > 0 || names(join(registry, "models")).length > 0;

/**
 * Whether a state directory holds runs of this runbook. Before the runbook's own state is begun, runs of its model count too, or where the runbook was not
 * read those of one of its name that is gone: the project may have been moved or copied since, and a question too many is better than a second registry.
 */
function isOf(
  { root, runs, registry }: StateFolder,
  { path, model }: RunbookOfState,
  isBegun: boolean,
): boolean {
  const headers = names(runs).flatMap((run) => readHeader(join(runs, run, "run.json")));
  if (headers.length === 0)
    return model !== null && !isBegun && names(join(registry, "models")).includes(folderOfModel(model));
  return headers.some((header) => {
    const isSameFile = real(header.runbook) === real(path);
    // The right place for the runbook that it was made by, which may be a link to this one.
    const isInPlace = real(dirname(header.runbook)) === real(dirname(root));
    if (isInPlace) return isSameFile && !isBegun;
    const isGone = basename(header.runbook) === basename(path) && !existsSync(header.runbook);
    return isSameFile || (!isBegun && (model === null ? isGone : header.model === model));
  });
}

function readHeader(path: string): RunHeader[] {
  try {
    const header = RunHeader.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return header.success ? [header.data] : [];
  } catch {
    // No run, or a damaged one: the command that reads it says so.
    return [];
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The path with links followed as far as it exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path
      ? path
      : `${real(parent)}${sep}${path.slice(parent.length).replace(/^[\\/]+/, "")}`;
  }
}

/** A name beside it that nothing has yet. */
function freeName(path: string): string {
  for (let n = 1; ; n++) {
    const name = `${path}.old${n === 1 ? "" : `-${n}`}`;
    if (!existsSync(name)) return name;
  }
}
