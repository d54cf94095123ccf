import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { programsOf } from "../../src/command/programs.js";
import type { TrainingReport } from "../../src/kit/artifacts/training.js";
import { type CliResult, retrain, tempFolder } from "../support/cli.js";
import { NO_WORKSPACE } from "../support/workspace.js";

const SERIES = Array.from({ length: 6 }, (_, s) => `s${s}`);
const month = (t: number) => `${2022 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
const value = (s: number, t: number) => 100 + 10 * s + 7 * ((t * (s + 3)) % 11);
const ROWS = SERIES.flatMap((id, s) =>
  Array.from({ length: 42 }, (_, t) => `${id},${month(t)},${value(s, t)}`),
);
const DATA = `id,month,y\n${ROWS.join("\n")}\n`;

/** Forecasts a part of the last value, or what its option `how` says: `seen(id, month)` is the value that the panel's file has. */
const PROGRAM = `
import { openSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
const folder = process.env.RETRAIN_LEARNER_DIR;
const { series, horizon, origin, options } = JSON.parse(readFileSync(join(folder, "request.json"), "utf8"));
const npy = readFileSync(join(folder, "history.npy"));
const start = 10 + npy.readUInt16LE(8);
const context = (npy.length - start) / 4 / series.length;
// So poor that it is given no weight: then there is no model to export.
const last = (row) => npy.readFloatLE(start + 4 * (row * context + context - 1)) / 100;
const table = (path, unzip = false) => {
  const text = unzip ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, "utf8");
  return new Map(text.trim().split("\\n").slice(1).map((line) => line.split(",")).map(([id, month, y]) => [id + month, Number(y)]));
};
const at = (lead) => { const p = origin.period + lead; return Math.floor(p / 12) + "-" + String((p % 12) + 1).padStart(2, "0"); };
const answer = { last: (row) => last(row), ...(await import(options.how)).default({ table, at, last, series, readdirSync, openSync, folder, join }) };
const lines = series.flatMap((id, row) => Array.from({ length: horizon }, (_, h) => id + "," + (h + 1) + "," + answer.forecast(row, h + 1, id)));
writeFileSync(join(folder, "forecasts.csv"), "series,lead,forecast\\n" + lines.join("\\n") + "\\n");
if (answer.wait) await new Promise((resolve) => setTimeout(resolve, answer.wait));
`;

function project(how: string, file: string, content: string | Buffer = DATA): string {
  const cwd = tempFolder();
  mkdirSync(dirname(join(cwd, file)), { recursive: true });
  writeFileSync(join(cwd, file), content);
  writeFileSync(join(cwd, "learner.mjs"), PROGRAM);
  writeFileSync(
    join(cwd, "how.mjs"),
    `export default ({ table, at, last, series, readdirSync, openSync, folder, join }) => (${how});\n`,
  );
  const learner = { id: "mine", command: [process.execPath, "learner.mjs"], options: { how: "./how.mjs" } };
  writeFileSync(
    join(cwd, "runbook.yaml"),
    `version: 1
name: t
data: { source: ${file}, frequency: month, columns: { series: id, time: month, target: y } }
model: { name: t, horizon: 3 }
steps:
  - { id: validate, uses: validate-data }
  - { id: train, uses: train-pooled-cv, with: ${JSON.stringify({ folds: 2, ensemble: "single", learners: ["seasonal-naive", learner] })} }
`,
  );
  return cwd;
}

/** @param env where it changes which programs the machine has, which a process asks once */
const run = (cwd: string, env?: Readonly<Record<string, string>>): Promise<CliResult> =>
  retrain(["quarter", "2025Q2", "--until", "train"], { cwd, env: env ?? {}, ownProcess: env !== undefined });
const said = ({ stderr }: CliResult) => stderr.replace(/\s+/g, " ");
const canariesIn = (cwd: string) =>
  (
    JSON.parse(
      readFileSync(join(cwd, ".retrain/runs/2025Q2-1/steps/train/model/training.json"), "utf8"),
    ) as TrainingReport
  ).canaries;

const cannot = await programsOf(NO_WORKSPACE, new AbortController().signal).cannotChangeFiles();
if (cannot !== null) process.stderr.write(`SKIPPED: learners among changed files: ${cannot}\n`);
if (cannot !== null && process.env.CI !== undefined) throw new Error(cannot);

describe.skipIf(cannot !== null)("a learner that is a program", () => {
  test("is clean when it uses its folder alone", async () => {
    const cwd = project("{ forecast: (row) => last(row) }", "data.csv");
    const before = statSync(join(cwd, "data.csv"));
    const result = await run(cwd);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(canariesIn(cwd)).toEqual([{ learner: "mine", verdict: "clean", why: null }]);
    expect(readFileSync(join(cwd, "data.csv"), "utf8")).toBe(DATA);
    const after = statSync(join(cwd, "data.csv"));
    expect([after.mtimeMs, after.ctimeMs]).toEqual([before.mtimeMs, before.ctimeMs]);
  }, 60_000);

  test("is clean when it looks up rows that its fold may see", async () => {
    const how = `{ forecast: (row, lead, id) => (table("data.csv").get(id + at(0)) ?? 1) / 100 }`;
    const cwd = project(how, "data.csv");
    expect((await run(cwd)).exitCode).toBe(0);
    expect(canariesIn(cwd)![0]!.verdict).toBe("clean");
  }, 60_000);

  test.each<[string, (cwd: string) => string, string?, (string | Buffer)?]>([
    ["by its absolute path", (cwd) => `table(${JSON.stringify(join(cwd, "data.csv"))})`],
    ["by a path of its working folder", () => `table("data.csv")`],
    ["through /proc/self/cwd", () => `table("/proc/self/cwd/data.csv")`],
    ["through a link", () => `table("link.csv")`],
    ["packed, in a folder", () => `table("in/data.csv.gz", true)`, "in/data.csv.gz", gzipSync(DATA)],
  ])(
    "fails the step by name when it reads the panel %s",
    async (_, table, file = "data.csv", content = DATA) => {
      const cwd = project("", file, content);
      symlinkSync(join(cwd, file), join(cwd, "link.csv"));
      writeFileSync(
        join(cwd, "how.mjs"),
        `export default ({ table, at, last }) => { const seen = ${table(cwd)}; return { forecast: (row, lead, id) => seen.get(id + at(lead)) ?? last(row) }; };`,
      );
      const result = await run(cwd);
      expect(result.exitCode).toBe(1);
      expect(said(result)).toContain("The learner mine knows the rows after its fold");
      expect(said(result)).toContain("learner mine, fold 1 of 2");
    },
    60_000,
  );

  test.each([
    [
      "one forecast alone comes from there",
      `{ forecast: (row, lead, id) => row === 4 && lead === 2 ? table("data.csv").get(id + at(lead)) ?? last(row) : last(row) }`,
    ],
    [
      "it blends only a little of it",
      `{ forecast: (row, lead, id) => last(row) + 1e-9 * (table("data.csv").get(id + at(lead)) ?? 0) }`,
    ],
    [
      "it finds earlier panels in the state directory",
      `{ forecast: (row) => last(row) + readdirSync(".retrain/objects").length }`,
    ],
    [
      "it reads what other folds were given",
      `{ forecast: (row) => last(row) + readdirSync(".retrain/runs/2025Q2-1/steps/train").length }`,
    ],
    [
      "it adds noise to hide it",
      `{ forecast: (row, lead, id) => (table("data.csv").get(id + at(lead)) ?? last(row)) + Math.random() / 1e6 }`,
    ],
  ])(
    "fails the step when %s",
    async (_, how) => {
      const result = await run(project(how, "data.csv"));
      expect(result.exitCode, result.stderr).toBe(1);
      expect(said(result)).toContain("The learner mine knows the rows after its fold");
    },
    60_000,
  );

  test("is not proven when it answers otherwise each time", async () => {
    const cwd = project("{ forecast: (row) => last(row) + Math.random() }", "data.csv");
    const result = await run(cwd);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(said(result)).toContain("it is not proven that the learner mine knows its folds alone");
    expect(canariesIn(cwd)![0]!.verdict).toBe("not-proven");
  }, 60_000);

  test("finds nothing of another fold beside its own", async () => {
    const cwd = project(
      `(readdirSync(join(folder, "..")).filter((name) => name.startsWith(".tmp-work-") && join(folder, "..", name) !== folder).length > 0 ? process.exit(9) : { forecast: (row) => last(row) })`,
      "data.csv",
    );
    const result = await run(cwd);
    // The canary's own folder for its copies is there while it runs; folds before and after it find none.
    expect(result.exitCode, result.stderr).toBe(0);
  }, 60_000);
});

describe("where no program can be shown changed files", () => {
  let env: Readonly<Record<string, string>>;
  let tools: string;
  beforeAll(() => {
    tools = tempFolder((remove) => void removals.push(remove));
    for (const name of ["node"]) symlinkSync(process.execPath, join(tools, name));
    env = { PATH: tools };
    return () => {
      for (const remove of removals) remove();
    };
  });
  const removals: (() => void)[] = [];

  test("an honest program is not proven clean, and the run says so", async () => {
    const cwd = project("{ forecast: (row) => last(row) }", "data.csv");
    const result = await run(cwd, env);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(said(result)).toContain(
      "it is not proven that the learner mine knows its folds alone: this machine gives no program",
    );
    expect(canariesIn(cwd)![0]!.verdict).toBe("not-proven");
  }, 60_000);

  test.skipIf(process.platform !== "linux")(
    "one that has the panel's file open fails the step",
    async () => {
      const cwd = project(
        `{ open: openSync("data.csv"), forecast: (row) => last(row), wait: 500 }`,
        "data.csv",
      );
      const result = await run(cwd, env);
      expect(result.exitCode).toBe(1);
      expect(said(result)).toContain("The learner mine knows the rows after its fold");
      expect(said(result)).toContain("data.csv");
      rmSync(join(cwd, "data.csv"));
    },
    60_000,
  );
});
