import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { InitReport } from "../../src/report/init.js";
import { REPOSITORY, retrain, tempFolder } from "../support/cli.js";
import { realPanels } from "../support/panels.js";
import { seasonal } from "../support/small-panels.js";
import { chosen } from "../support/thorough.js";

if (realPanels === null) {
  console.warn("SKIPPED: init on real panels and cases. Set RETRAIN_PANELS to their folder.");
}

async function initIn(cwd: string, args: readonly string[]): Promise<InitReport> {
  const { exitCode, stdout, stderr } = await retrain(["init", ...args, "--json"], { cwd });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as InitReport;
}

/** `init`, `check` and the quarter that `init` names, with nothing between them. */
async function toVerdict(cwd: string, args: readonly string[]): Promise<InitReport> {
  const report = await initIn(cwd, args);
  const check = await retrain(["check"], { cwd });
  expect(check.exitCode, check.stderr).toBe(0);
  const quarter = await retrain(["quarter", report.quarter], { cwd });
  // Promoted, or escalated: a verdict.
  expect([0, 3], quarter.stderr).toContain(quarter.exitCode);
  expect(quarter.stderr).toMatch(/^(PROMOTED|ESCALATED) /m);
  return report;
}

function put(name: string, text: string): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, name), text);
  return cwd;
}

const month = (t: number) => `${2016 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
const MONTHS = Array.from({ length: 96 }, (_, t) => t);
const ONE = `Month,Passengers\n${seasonal(400, 96, 7)
  .map((y, t) => `${month(t)},${y.toFixed(1)}`)
  .join("\n")}\n`;

describe("from a file to a verdict without an edit", () => {
  test("the panel of the example", async () => {
    const cwd = tempFolder();
    copyFileSync(join(REPOSITORY, "fixtures/demand.csv"), join(cwd, "demand.csv"));
    const report = await toVerdict(cwd, ["--yes"]);
    expect(report).toMatchObject({
      quarter: "2025Q2",
      columns: {
        series: ["property_id"],
        time: ["month"],
        target: "room_nights",
        attributes: ["region", "tier"],
        known: ["holidays"],
        observed: ["price_index"],
      },
      guessed: [],
      next: ["retrain check", "retrain plan 2025Q2", "retrain quarter 2025Q2"],
    });
  });

  test("one series without an id", async () => {
    const report = await toVerdict(put("air passengers.csv", ONE), []);
    expect(report).toMatchObject({
      series: 1,
      quarter: "2023Q4",
      columns: { series: null, target: "Passengers" },
    });
  });

  test("a wide table of quarters in words", async () => {
    const values = [1, 2, 3, 4].map((s) => seasonal(100 * s, 64, s, 4));
    const rows = Array.from({ length: 64 }, (_, t) =>
      [`${2008 + Math.floor(t / 4)} Q${(t % 4) + 1}`, ...values.map((own) => own[t]!.toFixed(1))].join(","),
    );
    const cwd = put("wide.csv", `Quarter,a,b,c,d\n${rows.join("\n")}\n`);
    const report = await toVerdict(cwd, ["wide.csv", "--shape", "wide"]);
    expect(report).toMatchObject({ shape: "wide", frequency: "quarter", series: 4, quarter: "2023Q4" });
  });
});

describe("beside the runbook", () => {
  test("nothing that is there is overwritten, and the files work from where they are", async () => {
    const cwd = put("panel.csv", ONE);
    writeFileSync(join(cwd, ".gitignore"), "dist");
    writeFileSync(
      join(cwd, "package.json"),
      `{\n    "name": "ours",\n    "scripts": { "test": "true" }\n}\n`,
    );
    await initIn(cwd, []);
    const read = (path: string) => readFileSync(join(cwd, path), "utf8");
    expect(read(".gitignore")).toBe("dist\n.retrain/\nnode_modules/\n__pycache__/\n");
    expect(read("package.json")).toBe(
      `{\n    "name": "ours",\n    "scripts": {\n        "test": "true",\n        "quarter": "retrain quarter"\n    }\n}\n`,
    );
    expect(read("runbook.yaml").split("\n")[0]).toBe(
      "# yaml-language-server: $schema=./node_modules/retrain/runbook.schema.json",
    );
    const workflow = read(".github/workflows/retrain.yml");
    expect(workflow.match(/^ +- run: .*$/gm)!.map((line) => line.trim())).toEqual([
      "- run: npm ci",
      "- run: npx --no retrain check",
      '- run: npx --no retrain quarter "$QUARTER"',
    ]);

    const again = await retrain(["init", "panel.csv"], { cwd });
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("runbook.yaml exists already");
    writeFileSync(join(cwd, ".github/workflows/retrain.yml"), "mine\n");
    const forced = await retrain(["init", "panel.csv", "--runbook", "other.yaml", "--json"], { cwd });
    expect(forced.exitCode).toBe(0);
    expect((JSON.parse(forced.stdout) as InitReport).files).toEqual([
      { path: "other.yaml", why: "created" },
      { path: ".gitignore", why: "kept" },
      { path: ".github/workflows/retrain.yml", why: "kept" },
      { path: "package.json", why: "kept" },
    ]);
    expect(read(".github/workflows/retrain.yml")).toBe("mine\n");
  });

  test("without a terminal every open question is named with its flag and candidates, and nothing is written", async () => {
    const cwd = put(
      "panel.csv",
      `id,month,north,south\n${MONTHS.map((t) => `a,${month(t)},${t},${2 * t}`).join("\n")}\n`,
    );
    writeFileSync(join(cwd, "other.csv"), ONE);
    const { exitCode, stderr } = await retrain(["init"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("other.csv | panel.csv");
    const one = await retrain(["init", "panel.csv"], { cwd });
    expect(one.exitCode).toBe(2);
    expect(one.stderr).toContain("--target: Which column is to be forecast? north | south");
    expect(one.stderr).toContain("retrain init panel.csv --target north");
    expect(existsSync(join(cwd, "runbook.yaml"))).toBe(false);
  });

  test("data that a quarter would stop for is said with its option", async () => {
    const cwd = put(
      "panel.csv",
      `id,month,y\n${["A", "B"].flatMap((id) => MONTHS.map((t) => `${id}${id === "A" && t === 95 ? " " : ""},${month(t)},${t + 1}`)).join("\n")}\n`,
    );
    const { exitCode, stderr } = await retrain(["init", "panel.csv"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("id-spellings");
    expect(stderr).toContain("ids: { trim: true }");
  });
});

const CASES = [
  "champion-deleted-on-mlflow/data.csv",
  "column-called-target/tgt.csv",
  "few-series-and-relaunch/airline.csv",
  "few-series-and-relaunch/rel-x6.csv",
  "ids-that-are-numbers/data.csv",
  "ids-that-nearly-agree/store-clean.csv",
  "known-ahead-in-cents/el-cents.csv",
  "known-ahead-in-cents/el-ok.csv",
  "month-not-delivered/june-some.csv",
  "month-starts-in-utc/berlin.parquet",
  "month-starts-in-utc/naive.csv",
  "one-huge-constant-series/huge.csv",
  "parquet-names-and-nan/i-nan.parquet",
  "parquet-names-and-nan/o-case2.parquet",
  "parquet-names-and-nan/p-rownum.parquet",
  "restated-history/q2-restated.csv",
  "text-files-as-they-come/mixed-eol.csv",
  "text-files-as-they-come/point-thousands.csv",
  "text-files-as-they-come/sep.csv",
].map((path) => `../cases/${path}`);
const PANELS = ["aus_tourism_large_monthly", "aus_tourism_region_quarterly", "tourism_monthly"].map(
  (name) => `${name}.csv.gz`,
);

/** A quarter each, so one of each kind for every change, and all of them in `scripts/nightly.sh`. */
const FEW = /region_quarterly|ids-that-are-numbers|berlin\.parquet|sep\.csv|huge/;
const EVERY = [...PANELS, ...CASES];
const TRIED = chosen(EVERY, (path) => FEW.test(path));

describe.runIf(realPanels !== null)("real panels", () => {
  test.each(TRIED)("%s", async (path) => {
    const cwd = tempFolder();
    copyFileSync(join(realPanels!, path), join(cwd, basename(path)));
    await toVerdict(cwd, [basename(path), "--yes"]);
  });
});
