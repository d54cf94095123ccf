import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { stepTypes } from "../../../steps/index.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { validateSource } from "../../panel/checks/report.js";
import { withDuckDb } from "../../panel/duckdb.js";
import { readSource } from "../../panel/source.js";
import { sourceFiles } from "../../panel/source-files.js";
import { sheetNames } from "../../panel/workbook.js";
import { wireGraph } from "../../plan/graph.js";
import { readRunbook } from "../../runbook/parse.js";
import type { Runbook } from "../../runbook/runbook.js";
import type { Answers, Layout, Question } from "./answers.js";
import { checkAnswers } from "./check-answers.js";
import { dataFiles } from "./data-files.js";
import { findLayout } from "./layout.js";
import { latestQuarter, type Recipe, recipeFor } from "./recipe.js";
import { ofArgument, refuse } from "./refusals.js";
import { dataText, type RunbookInput, runbookText } from "./runbook-text.js";
import { ignoreText, packageText, workflowText } from "./side-files.js";
import { lookAtTable } from "./table-look.js";

export interface InitRequest {
  /** Path or glob as it was typed, from the working directory; null: look for it. */
  readonly data: string | null;
  /** Path of the runbook, from the working directory. */
  readonly runbook: string;
  readonly answers: Answers;
  /** Whether files that exist are written anew. */
  readonly force: boolean;
  /** Path of the JSON schema that this program brings. */
  readonly schema: string;
}

/** A file to write, or to leave. */
export interface PlannedFile {
  /** As it is shown, from the working directory. */
  readonly path: string;
  /** Null: it is left as it is. */
  readonly text: string | null;
  readonly why: "created" | "changed" | "kept";
}

/** What `init` found out and would write. */
export interface InitPlan {
  readonly data: string;
  readonly layout: Layout;
  readonly recipe: Recipe;
  readonly rows: number;
  /** Labels of the first and last period. */
  readonly span: readonly [string, string];
  readonly files: readonly PlannedFile[];
  /** Checks that a quarter would stop for, in words. */
  readonly problems: readonly {
    readonly check: string;
    readonly detail: string;
    readonly advice: string | null;
  }[];
  /** What only a person can know; the plan takes the first candidate of each. */
  readonly questions: readonly Question[];
}

/** Later than any row. */
const END_OF_TIME = "9999-12-31";

/**
 * Looks at the data and plans a runbook for it. Nothing is written.
 * @throws FailureError `usage.invalid` where there is no way to lay the data out, and what `readSource` throws
 */
export async function planInit(request: InitRequest): Promise<InitPlan> {
  const { answers } = request;
  const folder = dirname(request.runbook);
  checkAnswers(answers);
  refuseExisting(request);
  const { data, questions } = findData(request, folder);
  const { sheet, found } = await ofArgument(async () => {
    const [first] = await sourceFiles({ sources: [resolve(data)] });
    const sheet = await sheetOf(first!, answers, questions);
    const found = await withDuckDb(async (db) => {
      const look = await lookAtTable(db, first!, { ...answers, sheet });
      return { look, ...(await findLayout(db, look, answers)) };
    });
    return { sheet, found };
  });
  const input: RunbookInput = {
    name: answers.name ?? nameOf(data),
    schema: schemaPath(request.schema, folder),
    source: pathFrom(folder, data),
    layout: found.layout,
    sheet: sheet ?? null,
    encoding: found.look.encoding,
    delimiter: answers.delimiter ?? null,
    timeZone: answers.timeZone ?? null,
    fiscalStart: answers.fiscalStart === undefined || answers.fiscalStart === 1 ? null : answers.fiscalStart,
  };
  const panel = await recipeOf(input, request);
  return {
    data,
    layout: panel.input.layout,
    recipe: panel.recipe,
    rows: panel.rows,
    span: panel.span,
    files: filesFor(request, folder, runbookText(panel.input, panel.recipe)),
    problems: panel.problems,
    questions: [...questions, ...found.questions],
  };
}

async function recipeOf(input: RunbookInput, { runbook: file, answers }: InitRequest) {
  const read = (text: string) => parsedRunbook(text, file, answers);
  const outline = read(
    `version: 1\nname: outline\n${dataText(input)}\nmodel: { name: outline, horizon: 1 }\nsteps: [{ id: validate, uses: validate-data }]\n`,
  );
  const { data, fiscalYearStart } = outline;
  const all = await readSource(data, { cutoff: END_OF_TIME, fiscalYearStart });
  const latest = latestQuarter(all.panel);
  if (latest === null) {
    return refuse(`${input.source} ends before its first quarter does`);
  }
  const ahead = answers.horizon ?? 12;
  const source = await readSource(data, { cutoff: latest.cutoff, fiscalYearStart, ahead });
  const recipe = recipeFor(source.panel, latest.label, answers.horizon);
  const layout = {
    ...input.layout,
    known: input.layout.known.filter((name) => !recipe.demoted.includes(name)),
    observed: [...input.layout.observed, ...recipe.demoted],
  };
  const final = { ...input, layout };
  const runbook = read(runbookText(final, recipe));
  const validation = await validateSource(source, runbook.data, limitsOf(runbook), null);
  const { report } = validation;
  return {
    input: final,
    recipe,
    rows: report.rows,
    span: [report.firstPeriod, report.lastPeriod] as const,
    problems: report.checks
      .filter(({ status }) => status === "fail")
      .map((check) => ({
        check: check.id,
        detail: check.examples[0] ?? check.detail,
        advice: check.advice ?? null,
      })),
  };
}

function limitsOf({ steps }: Runbook) {
  return steps[0]!.params as Parameters<typeof validateSource>[2];
}

/** What we write is a runbook; where it is none, it is by what a person said, such as two roles for one column, or a bug. */
function parsedRunbook(text: string, file: string, answers: Answers): Runbook {
  const parsed = readRunbook(text, file, { stepTypes, env: {}, overrides: [] }).check(new Map());
  const wired = parsed.ok ? wireGraph(parsed.runbook, stepTypes) : null;
  if (parsed.ok && wired!.ok) return parsed.runbook;
  const diagnostics = parsed.ok ? (wired!.ok ? [] : wired!.diagnostics) : parsed.diagnostics;
  const problems = diagnostics.map(({ path, message }) => `${path}: ${message}`).join("; ");
  if (Object.values(answers).every((said) => said === undefined))
    throw new Error(`the runbook is not valid: ${problems}\n${text}`);
  return refuse(`what the flags say makes no valid runbook: ${problems}`);
}

function refuseExisting({ runbook, force }: InitRequest): void {
  if (force || !existsSync(runbook)) return;
  refuse(`${runbook} exists already; \`--force\` writes it anew, \`--runbook FILE\` writes another one`);
}

function findData(
  { data }: InitRequest,
  folder: string,
): { readonly data: string; readonly questions: Question[] } {
  if (data !== null) return { data, questions: [] };
  const found = dataFiles(folder);
  const [first, second] = found;
  if (first === undefined) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `no CSV, Parquet or Excel file is in ${folder === "." ? "this folder" : folder} or its data folder`,
      next: `${programName()} init DATA`,
    });
  }
  const questions: Question[] =
    second === undefined ? [] : [{ flag: "data", question: "Which file is the panel?", candidates: found }];
  return { data: join(folder, first), questions };
}

async function sheetOf(file: string, { sheet }: Answers, questions: Question[]): Promise<string | undefined> {
  const isWorkbook = /\.xlsx$/i.test(file);
  if (sheet !== undefined && !isWorkbook) {
    return refuse(`--sheet: ${file} is no Excel workbook (.xlsx)`);
  }
  if (sheet !== undefined || !isWorkbook) return sheet;
  const sheets = await sheetNames(file);
  if (sheets.length > 1)
    questions.push({ flag: "sheet", question: "Which sheet is the panel?", candidates: sheets });
  return sheets.length > 1 ? sheets[0] : undefined;
}

/** A name that the registry takes: `us-employment` for `data/US employment.csv.gz`. */
function nameOf(data: string): string {
  const plain = basename(data).replace(/\.(csv|tsv|parquet|xlsx|gz)/gi, "");
  const name = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "forecast" : name;
}

const pathFrom = (folder: string, path: string): string => {
  const own = relative(resolve(folder), resolve(path)).split(sep).join("/");
  return own === "" ? "." : own;
};

/** Where editors find the schema: in the `node_modules` above the runbook, or beside it in this program's own folder. */
function schemaPath(installed: string, folder: string): string {
  const inPackage = "node_modules/retrain/runbook.schema.json";
  for (let above = resolve(folder); ; above = dirname(above)) {
    if (existsSync(join(above, inPackage))) return dotted(pathFrom(folder, join(above, inPackage)));
    if (dirname(installed) === above) return dotted(pathFrom(folder, installed));
    if (dirname(above) === above) return `./${inPackage}`;
  }
}

const dotted = (path: string): string => (path.startsWith(".") ? path : `./${path}`);

function filesFor(request: InitRequest, folder: string, text: string): PlannedFile[] {
  const root = repositoryOf(folder);
  const at = (path: string) => join(folder, path);
  const before = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : null);
  const planned = (path: string, wanted: string | null): PlannedFile => {
    const old = before(path);
    return { path, text: wanted, why: wanted === null ? "kept" : old === null ? "created" : "changed" };
  };
  const book = basename(request.runbook);
  const workflow = join(root, ".github/workflows/retrain.yml");
  const isKept = existsSync(workflow) && !request.force;
  const command = `retrain quarter${book === "runbook.yaml" ? "" : ` --runbook ${book}`}`;
  return [
    planned(request.runbook, text),
    planned(at(".gitignore"), ignoreText(before(at(".gitignore")))),
    planned(workflow, isKept ? null : workflowText(pathFrom(root, folder), book)),
    planned(at("package.json"), packageText(before(at("package.json")), command)),
  ];
}

/** The folder of the repository that a folder is in; the folder itself outside of one. */
function repositoryOf(folder: string): string {
  for (let above = folder; ; above = join(above, "..")) {
    if (existsSync(join(above, ".git"))) return above;
    if (resolve(above) === resolve(above, "..")) return folder;
  }
}
