import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withDuckDb } from "../../src/panel/duckdb.js";
import { quoteText } from "../../src/panel/sql.js";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { describeWithMlflow } from "../support/mlflow/require.js";
import { simpleProject } from "../support/project.js";
import { chosen, FULL } from "../support/thorough.js";

const DEMAND = join(REPOSITORY, "fixtures", "demand.csv");
const [HEAD, ...ROWS] = readFileSync(DEMAND, "utf8").trimEnd().split("\n") as [string, ...string[]];
const TIGHT = ["--set", "gate.rules.1.max=0.0001"];
const WORDS = ["--by", "Ada", "--reason", "the outlier is not explained"];

const cells = (row: string) => row.split(",");
const isAfter = (row: string) => cells(row)[1]! > "2025-03";
const withTarget = (row: string, value: string) =>
  cells(row)
    .map((cell, i) => (i === 4 ? value : cell))
    .join(",");

/** Changes of runbook and data that make no other model, each with the arguments to run the quarter with. More of data in identity-of-sources.test.ts. */
const IRRELEVANT: Record<string, (cwd: string) => readonly string[] | Promise<readonly string[]>> = {
  "a longer accuracy report": () => ["--set", "accuracy.worst=7"],
  "everything anew": () => ["--fresh"],
  "other reports, outlook, checks, alias of the candidate, retries and comments": (cwd) => {
    const runbook = readFileSync(join(cwd, "runbook.yaml"), "utf8");
    const retried = runbook.replace("{ id: train,", "{ retry: { attempts: 3 }, timeout: 10m, id: train,");
    expect(retried).not.toBe(runbook);
    writeFileSync(join(cwd, "retried.yaml"), `${retried}\n# a comment\n`);
    const set = [
      "accuracy.by=[tier]",
      "outlook.levels=[0.5]",
      "validate.gaps=allow",
      "register.alias=challenger",
    ];
    return ["--runbook", "retried.yaml", ...set.flatMap((one) => ["--set", one])];
  },
  "a copy of the file in another folder, and a column that nobody uses": (cwd) => {
    mkdirSync(join(cwd, "copies"), { recursive: true });
    return file(cwd, "copies/Demand (copy)", [`${HEAD},note`, ...ROWS.map((row) => `${row},x`)]);
  },
  "actuals after the cutoff, and rows beyond the horizon": (cwd) =>
    file(cwd, "later", [
      HEAD,
      ...ROWS.map((row) => (isAfter(row) ? withTarget(row, "1") : row)),
      "H001,2026-03,north,budget,5,9,9",
    ]),
  "two files with rows in another order": (cwd) => {
    file(cwd, "part-1", [HEAD, ...ROWS.slice(1000).reverse()]);
    file(cwd, "part-2", [HEAD, ...ROWS.slice(0, 1000)]);
    return ["--set", "data.source=part-*.csv"];
  },
  "a Parquet file": async (cwd) => {
    const [csv, parquet] = [DEMAND, join(cwd, "demand.parquet")].map(quoteText);
    await withDuckDb((db) =>
      db.run(`COPY (FROM read_csv(${csv}, types={'month': 'VARCHAR'})) TO ${parquet}`),
    );
    return ["--set", "data.source=demand.parquet"];
  },
};

function file(cwd: string, name: string, lines: readonly string[]): readonly string[] {
  writeFileSync(join(cwd, `${name}.csv`), `${lines.join("\n")}\n`);
  return ["--set", `data.source=${name}.csv`];
}

/** One value that training, segments and state used. */
function otherRow(cwd: string): readonly string[] {
  const at = ROWS.findIndex((row) => cells(row)[1] === "2024-01");
  const rows = ROWS.map((row, i) => (i === at ? withTarget(row, "2497") : row));
  return file(cwd, "other", [HEAD, ...rows]);
}

interface Project {
  readonly cwd: string;
  run(quarter: string, ...args: readonly string[]): ReturnType<typeof retrainJson>;
  say(...args: readonly string[]): Promise<number | null>;
  trail(): Promise<string[]>;
}

/** 2024Q4 is live as version 1. */
async function begin(registry: readonly string[] = []): Promise<Project> {
  const cwd = simpleProject(() => undefined);
  const project: Project = {
    cwd,
    run: (quarter, ...args) => retrainJson(["quarter", quarter, ...registry, ...args], { cwd }),
    say: async (...args) => (await retrain([...args, ...registry, ...WORDS], { cwd })).exitCode,
    async trail() {
      const { stdout } = await retrain(["models", "--json", ...registry], { cwd });
      const moves: { alias: string; from: string | null; to: string }[] = JSON.parse(stdout).history;
      return moves.filter(({ alias }) => alias === "best").map(({ from, to }) => `${from}→${to}`);
    },
  };
  expect((await project.run("2024Q4")).exitCode).toBe(0);
  return project;
}

describe("a model that was rejected", () => {
  let project: Project;
  beforeAll(async () => {
    project = await begin();
    expect((await project.run("2025Q1", ...TIGHT)).exitCode).toBe(3);
    expect(await project.say("reject")).toBe(0);
  }, 240_000);

  const TYPICAL = /everything anew|other reports|Parquet|state directory/;
  test.each(chosen(Object.keys(IRRELEVANT), (what) => TYPICAL.test(what)))(
    "is rejected with %s",
    async (name) => {
      const args = await IRRELEVANT[name]!(project.cwd);
      const { exitCode, document, stderr } = await project.run("2025Q1", ...args);
      expect(document).toMatchObject({
        verdict: "escalated",
        candidate: { version: "2" },
        champion: { before: "1", after: "1" },
      });
      expect(stderr).toContain("Ada rejected version 2 on ");
      expect(exitCode).toBe(3);
      expect(await project.trail()).toEqual(["null→1"]);
    },
    60_000,
  );

  test("is rejected from another state directory", async () => {
    const elsewhere = [
      ...["--state-dir", tempFolder()],
      ...["--set", `registry.uri=file:${join(project.cwd, ".retrain", "registry")}`],
      ...["--set", "accuracy.worst=3"],
    ];
    const { document } = await project.run("2025Q1", ...elsewhere);
    expect(document).toMatchObject({ verdict: "escalated", candidate: { version: "2" } });
  }, 60_000);

  test("is rejected in a dry run too, which says what would happen", async () => {
    const { document } = await project.run("2025Q1", "--dry-run", "--set", "accuracy.worst=4");
    expect(document).toMatchObject({ verdict: "would-escalate", candidate: { version: "2" } });
  }, 60_000);

  test("another recipe is free, then other data; back to the first data it is rejected again", async () => {
    const recipe = await project.run("2025Q1", "--set", "train.folds=2");
    expect(recipe).toMatchObject({ exitCode: 0, document: { candidate: { version: "3" } } });
    const data = await project.run("2025Q1", ...otherRow(project.cwd));
    expect(data).toMatchObject({ exitCode: 0, document: { candidate: { version: "4" } } });
    expect((await project.run("2025Q1")).document).toMatchObject({
      verdict: "escalated",
      candidate: { version: "2" },
      champion: { after: "4" },
    });
    expect(await project.trail()).toEqual(["null→1", "1→3", "3→4"]);
  }, 120_000);
});

test("a model that was rolled back stays so, and one that was approved is registered once", async () => {
  const project = await begin();
  expect((await project.run("2025Q1")).exitCode).toBe(0);
  expect(await project.say("rollback")).toBe(0);
  for (const name of ["a longer accuracy report", "two files with rows in another order"]) {
    const { document } = await project.run("2025Q1", ...(await IRRELEVANT[name]!(project.cwd)));
    expect(document, name).toMatchObject({ verdict: "escalated", candidate: { version: "2" } });
  }
  // A person may put it back, by an override of the decision about it that the gate took since.
  const expires = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
  expect(await project.say("approve", "--expires", expires)).toBe(0);
  const again = await project.run("2025Q1", "--set", "accuracy.worst=5");
  expect(again).toMatchObject({ exitCode: 0, document: { candidate: { version: "2" } } });
  expect(await project.trail()).toEqual(["null→1", "1→2", "2→1", "1→2", "2→2"]);
}, 240_000);

// For every change the contract of approvals has it on MLflow.
if (FULL) {
  describeWithMlflow("on MLflow", "sqlite", (uri) => {
    test("a rejected model stays rejected with a longer accuracy report, and other data is free", async () => {
      const name = `e2e-by-model-${process.pid}-${Date.now()}`;
      // A runbook of its own: one of the name room-demand may have served other models on this server.
      const settings = [`registry.uri=${uri}`, `model.name=${name}`, `name=${name}`];
      const project = await begin(settings.flatMap((one) => ["--set", one]));
      expect((await project.run("2025Q1", ...TIGHT)).exitCode).toBe(3);
      expect(await project.say("reject")).toBe(0);
      const again = await project.run("2025Q1", "--set", "accuracy.worst=7");
      expect(again).toMatchObject({
        exitCode: 3,
        document: { verdict: "escalated", candidate: { version: "2" }, champion: { after: "1" } },
      });
      const free = await project.run("2025Q1", ...otherRow(project.cwd));
      expect(free).toMatchObject({ exitCode: 0, document: { candidate: { version: "3" } } });
      expect(await project.trail()).toEqual(["null→1", "1→3"]);
    }, 240_000);
  });
}
