import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";

const RUNBOOKS = "fixtures/broken/runbooks";
const MESSAGES = "fixtures/broken/data-messages";
const DATA = join(REPOSITORY, "fixtures", "broken", "data");

const filesIn = (folder: string, extension: string) =>
  readdirSync(join(REPOSITORY, folder)).filter((name) => name.endsWith(extension));

describe("a broken runbook", () => {
  const runbooks = filesIn(RUNBOOKS, ".yaml");

  test("every one has its expected text, and every text its runbook", () => {
    expect(filesIn(RUNBOOKS, ".txt").map((name) => name.replace(".txt", ".yaml"))).toEqual(runbooks);
  });

  test.each(runbooks)("%s is refused with its text and exit code 2", async (name) => {
    const result = await retrain(["check", `${RUNBOOKS}/${name}`], { cwd: REPOSITORY });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    await expect(result.stderr).toMatchFileSnapshot(
      join(REPOSITORY, RUNBOOKS, name.replace(".yaml", ".txt")),
    );
  });

  test("nothing runs on it, and --json lists the same errors", async () => {
    const cwd = tempFolder();
    const runbook = join(REPOSITORY, RUNBOOKS, "many-errors.yaml");
    const run = await retrain(["quarter", "2025Q2", "--runbook", runbook], { cwd });
    expect(run.exitCode).toBe(2);
    expect(readdirSync(cwd)).toEqual([]);

    const check = await retrain(["check", runbook, "--json"], { cwd });
    const { valid, errors } = JSON.parse(check.stdout) as { valid: boolean; errors: { line: number }[] };
    expect(check.exitCode).toBe(2);
    expect(valid).toBe(false);
    expect(errors.length).toBeGreaterThan(10);
    expect(run.stderr).toContain(`${errors.length} errors in`);
  });
});

describe("broken data", () => {
  const cwd = tempFolder(afterAll);
  writeFileSync(
    join(cwd, "runbook.yaml"),
    `version: 1
name: broken-data
data:
  source: data.csv
  frequency: month
  columns: { series: property_id, time: month, target: rooms, attributes: [region], observed: [price] }
model: { name: room-demand, horizon: 3 }
steps:
  - { id: validate, uses: validate-data, with: { ranges: { rooms: { min: 0 } } } }
  - { id: train, uses: train-pooled-cv }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - id: gate
    uses: gate
    with: { rules: [{ id: candidate, metric: train.cv.wmape, max: 1000 }] }
  - { id: promote, uses: promote }
`,
  );
  const runOn = (name: string, ...args: string[]) => {
    copyFileSync(join(DATA, name), join(cwd, "data.csv"));
    return retrainJson(["quarter", "2025Q2", ...args], { cwd });
  };

  interface Expectation {
    readonly file: string;
    /** The third column of the README's table. */
    readonly text: string;
    readonly code: string | null;
    readonly checks: readonly string[];
  }
  const expectations = readFileSync(join(DATA, "README.md"), "utf8")
    .split("\n")
    .flatMap((line): Expectation[] => {
      const [, file, , text] = line.split("|").map((cell) => cell.trim());
      if (file === undefined || text === undefined || !/\.csv$/.test(file)) return [];
      const found = /^`([a-z.-]+)`(?: \(([^)]*)\))?$/.exec(text);
      return [{ file, text, code: found?.[1] ?? null, checks: found?.[2]?.split(", ") ?? [] }];
    });
  const refused = expectations.filter(({ code }) => code !== null);

  test("the README's table names every file", () => {
    expect(expectations.map(({ file }) => file)).toEqual(filesIn("fixtures/broken/data", ".csv"));
    expect(refused.length).toBeGreaterThan(15);
    expect(expectations.filter(({ code }) => code === null).map(({ text }) => text)).toEqual([
      "passes",
      "passes with a warning; `data.invalid` (gaps) with `gaps: fail`",
      "passes",
    ]);
  });

  test.each(refused)("$file: $text, exit code 1, nothing registered", async ({ file, code, checks }) => {
    const { exitCode, document, stderr } = await runOn(file);
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ verdict: "failed", exitCode: 1, candidate: null, decision: null });
    const [validate, ...others] = document.steps;
    expect(validate).toMatchObject({ id: "validate", status: "failed", failure: { code } });
    expect(others.every(({ status }) => status === "skipped")).toBe(true);
    for (const check of checks) {
      expect([validate!.failure!.expected, ...validate!.failure!.details].join("\n")).toContain(check);
    }
    expect(stderr).not.toMatch(/\n\s+at /);
    await expectNothingRegistered();
    const { code: _, ...message } = validate!.failure!;
    await expect(`${JSON.stringify(message, null, 2)}\n`.replaceAll(cwd, "FOLDER")).toMatchFileSnapshot(
      join(REPOSITORY, MESSAGES, file.replace(".csv", ".txt")),
    );
  });

  test.each(["bom-crlf.csv", "unicode-ids.csv", "gap.csv"])("%s passes validation", async (file) => {
    const { exitCode, document, stderr } = await runOn(file, "--until", "validate");
    expect(document.steps[0]).toMatchObject({ id: "validate", status: "succeeded" });
    expect(exitCode).toBe(0);
    expect(stderr.includes("! validate: gaps")).toBe(file === "gap.csv");
  });

  test("gap.csv is refused with `gaps: fail`", async () => {
    const { exitCode, document } = await runOn("gap.csv", "--set", "validate.gaps=fail");
    expect(exitCode).toBe(1);
    expect(document.steps[0]!.failure).toMatchObject({ code: "data.invalid" });
    expect(document.steps[0]!.failure!.details.join("\n")).toContain("gaps");
    await expectNothingRegistered();
  });

  test("after all of that the same state directory takes a healthy quarter", async () => {
    copyFileSync(join(REPOSITORY, "fixtures", "demand.csv"), join(cwd, "data.csv"));
    const columns = "{ series: property_id, time: month, target: room_nights, attributes: [region] }";
    const { exitCode, document } = await retrainJson(
      ["quarter", "2025Q2", "--set", `data.columns=${columns}`, "--set", "validate.ranges={}"],
      { cwd },
    );
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ verdict: "promoted", candidate: { version: "1" } });
  });

  async function expectNothingRegistered(): Promise<void> {
    const { stdout } = await retrain(["models", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ versions: [], aliases: {} });
  }
});
