import { access, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { isCommand, type LearnerSpec } from "../../forecast/learners/spec.js";
import type { ImportParams } from "../../history/import-params.js";
import { imported } from "../../history/live-forecasts.js";
import { type Failure, FailureError } from "../../kit/failure.js";
import { isProgram } from "../../kit/find-program.js";
import type { DataSpec } from "../../kit/specs.js";
import { calendarOf } from "../../panel/calendar.js";
import { sourceFiles } from "../../panel/source-files.js";
import { explainFailure } from "../../report/failures/explain.js";
import { NO_CONTEXT } from "../../report/failures/text.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import type { RunbookPath } from "../../runbook/source.js";
import { type Foresight, type PlacedStep, placeOfParameter, severityOf, stepsOf } from "./finding.js";
import { MOST_BYTES } from "./look-at-source.js";

/** Files of forecasts that an earlier process made: read as the steps that score them do. */
export async function lookAtImports(runbook: LegibleRunbook, data: DataSpec): Promise<Foresight[]> {
  const found: Foresight[] = [];
  for (const placed of stepsOf(runbook, "accuracy-report", "compare-checkpoints")) {
    const params = placed.step.params as ImportParams;
    const isList = typeof params.importSnapshots !== "string";
    for (const [at, pattern] of [params.importSnapshots].flat().entries()) {
      const failure = await failureOf(async () => {
        if (await isLarge(pattern).catch(() => false)) return;
        const calendar = calendarOf(data, runbook.fiscalYearStart);
        await imported({ scope: { data }, params: { ...params, importSnapshots: pattern } }, calendar);
      });
      if (failure === null) continue;
      const { title, where, details } = explainFailure(failure, NO_CONTEXT);
      found.push({
        severity: severityOf(placed),
        step: placed.step.id,
        code: failure.code,
        message: [title, where, ...(failure.code === "snapshot.unreadable" ? details : [])]
          .filter((text) => text !== null)
          .join(": "),
        ...placeOfParameter(runbook, placed, isList ? ["importSnapshots", at] : ["importSnapshots"]),
        suggestion: mendOf(failure),
      });
    }
  }
  return found;
}

function mendOf(failure: Failure): string {
  switch (failure.code) {
    case "data.source-missing":
      return "correct `importSnapshots`, a path or pattern that starts at the runbook's folder, put the files there, or leave it out";
    case "snapshot.unreadable":
      return /^no column/.test(failure.detail)
        ? "name the columns in `importColumns`, e.g. `importColumns: { forecast: yhat }`"
        : "correct the file, or leave it out of `importSnapshots`";
    default:
      return "correct the file, or leave it out of `importSnapshots`";
  }
}

async function isLarge(pattern: string): Promise<boolean> {
  let bytes = 0;
  for (const file of await sourceFiles({ sources: [pattern] })) bytes += (await stat(file)).size;
  return bytes > MOST_BYTES;
}

async function failureOf(look: () => Promise<void>): Promise<Failure | null> {
  try {
    await look();
    return null;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}

interface Program {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of the words of the command line, inside `with:`. */
  readonly path: RunbookPath;
  /** Of what holds `cwd` and `files`. */
  readonly base: RunbookPath;
}

/** Programs that read the file that their first argument names. */
const INTERPRETERS = /^(python[\d.]*|node|Rscript|julia|ruby|perl|bash|sh|zsh|deno|bun)$/;

/** Programs of command steps and of learners: the program, the folder that it runs in, and the files that it is made of. */
export async function lookAtPrograms(runbook: LegibleRunbook): Promise<Foresight[]> {
  const found: Foresight[] = [];
  for (const placed of stepsOf(runbook, "command", "train-pooled-cv")) {
    for (const program of programsOf(placed)) {
      const add = (keys: RunbookPath, message: string, suggestion: string): void => {
        const place = placeOfParameter(runbook, placed, keys);
        const about = { severity: severityOf(placed), step: placed.step.id, code: "command.not-found" };
        found.push({ ...about, message, ...place, suggestion });
      };
      await lookAtProgram(program, add);
    }
  }
  return found;
}

function programsOf({ step }: PlacedStep): Program[] {
  if (step.type.type === "command") {
    const { run, cwd, files, env } = step.params as Omit<Program, "argv"> & {
      readonly run: readonly string[];
    };
    return [{ argv: run, cwd, files, env, path: ["run"], base: [] }];
  }
  const { learners = [] } = step.params as { readonly learners?: readonly LearnerSpec[] };
  return learners.flatMap((learner, index): Program[] => {
    if (!isCommand(learner)) return [];
    const { command, cwd, files, env } = learner;
    const base = ["learners", index];
    return [{ argv: command, cwd, files, env, path: [...base, "command"], base }];
  });
}

async function lookAtProgram(
  { argv, cwd, files, env, path, base }: Program,
  add: (keys: RunbookPath, message: string, suggestion: string) => void,
): Promise<void> {
  const [program = "", script] = argv;
  const isFolder = await stat(cwd).then(
    (one) => one.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    add(
      [...base, "cwd"],
      `there is no folder ${cwd} to run ${program} in`,
      "correct `cwd`, which starts at the runbook's folder",
    );
    return;
  }
  if (!isProgram(program, cwd, env.PATH)) {
    add(
      [...path, 0],
      `there is no program ${program} that this user may run`,
      "install it, or name it by its path; one in the runbook's folder is `./NAME`",
    );
  } else if (INTERPRETERS.test(basename(program)) && script !== undefined && !script.startsWith("-")) {
    const isSubcommand = /^(deno|bun)$/.test(basename(program)) && !/[./]/.test(script);
    const file = resolve(cwd, script);
    if (!isSubcommand && !(await isThere(file)))
      add(
        [...path, 1],
        `there is no file ${file} for ${program} to run`,
        "correct the name, which starts at `cwd`, the runbook's folder unless it is given",
      );
  }
  for (const [index, file] of files.entries()) {
    if (!(await isThere(file)))
      add(
        [...base, "files", index],
        `there is no file ${file}`,
        "correct `files`, whose paths start at the runbook's folder",
      );
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
