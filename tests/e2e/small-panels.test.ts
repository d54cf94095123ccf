import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { seasonal } from "../support/small-panels.js";

/** All steps on a monthly panel of one series. */
function oneSeries(months: number): string {
  const cwd = tempFolder();
  const rows = seasonal(400, months, 7).map((value, t) => {
    const month = `${2012 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
    return `only,${month},${value.toFixed(1)}`;
  });
  writeFileSync(join(cwd, "panel.csv"), `id,month,y\n${rows.join("\n")}\n`);
  writeFileSync(
    join(cwd, "runbook.yaml"),
    `version: 1
name: one
data: { source: panel.csv, frequency: month, columns: { series: id, time: month, target: y } }
model: { name: one, alias: best, horizon: 6, firstRelease: promote }
steps:
  - { id: validate, uses: validate-data }
  - { id: accuracy, uses: accuracy-report }
  - { id: segments, uses: refresh-segments }
  - { id: train, uses: train-pooled-cv, with: { folds: 3 } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook }
  - { id: checkpoints, uses: compare-checkpoints }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: coverage, metric: train.cv.coverage.80, min: 0.3 }
        - { id: accuracy, metric: accuracy.wmape, max: 0.3 }
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.05 }
  - { id: promote, uses: promote }
`,
  );
  return cwd;
}

const text = (cwd: string, run: string, path: string): string =>
  readFileSync(join(cwd, ".retrain/runs", run, path), "utf8");

test("one series has marked intervals, said by check and plan before, and next quarter is scored by them", async () => {
  const cwd = oneSeries(120);
  const said = "80%, 95% intervals from further origins: the folds of CV have too few residuals for them";
  const check = await retrain(["check"], { cwd });
  expect(check.exitCode).toBe(0);
  expect(check.stderr.split("\n")[0]).toBe(`! outlook: ${said}`);
  const plan = JSON.parse((await retrain(["plan", "2021Q3", "--json"], { cwd })).stdout);
  expect(plan.warnings).toMatchObject([
    { code: "level-from-further-origins", step: "outlook", message: said, file: "runbook.yaml", line: 12 },
  ]);
  expect(plan.warnings).toHaveLength(1);

  expect((await retrain(["quarter", "2021Q3"], { cwd })).exitCode).toBe(0);
  const { exitCode } = await retrain(["quarter", "2021Q4"], { cwd });
  expect(exitCode).toBe(0);
  const metrics = (id: string) => JSON.parse(text(cwd, "2021Q4-1", `steps/${id}/record.json`)).metrics;
  expect(metrics("outlook")).toMatchObject({ levelsFurther: { value: 2 }, levelsLeftOut: { value: 0 } });
  expect(metrics("train")).toMatchObject({ "cv.coverage.95": { n: 18 } });
  expect(metrics("accuracy")).toMatchObject({ "coverage.95": { n: 3 } });
  expect(text(cwd, "2021Q4-1", "steps/outlook/outlook/outlook.csv")).toMatch(
    /^series,period,lead,forecast,lo80,hi80,lo95,hi95,segment\n/,
  );
  const marked = { levels: [0.8, 0.95] };
  for (const path of ["steps/outlook/outlook/outlook.json", "steps/outlook/snapshot/snapshot.json"]) {
    expect(JSON.parse(text(cwd, "2021Q4-1", path)).further, path).toMatchObject(marked);
  }
  expect(
    JSON.parse(text(cwd, "2021Q4-1", "steps/artifacts/forecaster/forecaster.json")).further,
  ).toMatchObject({ levels: [0.8, 0.9, 0.95] });
  expect(text(cwd, "2021Q4-1", "report.html")).toContain("one a period, whose residuals count alike");
});

test("a level that nothing carries is left out, said before, and the next quarter copes", async () => {
  const cwd = oneSeries(36);
  const said =
    "no 95% interval: it takes 19 residuals for every lead, and there are 18; a lower level, a longer history or more series help";
  const check = JSON.parse((await retrain(["check", "--json"], { cwd })).stdout);
  expect(check).toMatchObject({ valid: true, errors: [] });
  expect(check.warnings).toContainEqual(
    expect.objectContaining({ code: "level-left-out", step: "outlook", message: said, line: 12 }),
  );
  const first = await retrainJson(["quarter", "2014Q3"], { cwd });
  expect(first.exitCode).toBe(0);
  const second = await retrainJson(["quarter", "2014Q4"], { cwd });
  expect([0, 3]).toContain(second.exitCode);
  const outlook = second.document.steps.find(({ id }) => id === "outlook");
  expect(outlook?.status).toBe("succeeded");
  expect(JSON.parse(text(cwd, "2014Q4-1", "steps/outlook/record.json")).metrics).toMatchObject({
    levelsLeftOut: { value: 1 },
    levelsFurther: { value: 1 },
  });
  expect(second.stderr).toContain(`! outlook: ${said}`);
  expect(text(cwd, "2014Q4-1", "steps/outlook/outlook/outlook.csv")).toMatch(
    /^series,period,lead,forecast,lo80,hi80,segment\n/,
  );
  expect(text(cwd, "2014Q4-1", "report.html")).toContain("No 95% interval");
});

test("a panel that is too short for one fold is known before it is run", async () => {
  const cwd = oneSeries(15);
  const check = await retrain(["check"], { cwd });
  expect(check.exitCode).toBe(2);
  expect(check.stderr).toContain("runbook.yaml:4:");
  expect(check.stderr).toContain("the history is too short to cross-validate");
  const plan = await retrain(["plan", "2013Q1", "--json"], { cwd });
  expect(plan.exitCode).toBe(2);
  expect(JSON.parse(plan.stdout)).toMatchObject({ errors: [{ code: "history-too-short", line: 4 }] });
  expect((await retrain(["quarter", "2013Q1"], { cwd })).exitCode).toBe(1);
});
