import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";

test("clean removes what no run refers to, says how much, and leaves the rest reusable", async () => {
  const cwd = simpleProject();
  await retrainJson(["quarter", "2025Q2"], { cwd });
  const nothing = await retrain(["clean"], { cwd });
  expect(nothing).toMatchObject({ exitCode: 0, stdout: "" });
  expect(nothing.stderr).toContain("runs refer to everything");

  // The records and objects of two folds belong to a run of their own; the later run does not refer to them.
  await retrainJson(["quarter", "2025Q2", "--until", "train", "--set", "train.folds=2"], { cwd });
  await retrainJson(["quarter", "2025Q2"], { cwd });
  const state = join(cwd, ".retrain");
  const before = hashTree(state);
  const would = await retrain(["clean", "--dry-run", "--json"], { cwd });
  const plan = JSON.parse(would.stdout) as {
    dryRun: boolean;
    total: { count: number };
    files: { path: string }[];
  };
  expect(plan.dryRun).toBe(true);
  expect(plan.files.length).toBe(plan.total.count);
  expect(hashTree(state)).toEqual(before);

  const done = await retrain(["clean"], { cwd });
  expect(done.exitCode).toBe(0);
  for (const { path } of plan.files) expect(existsSync(join(state, path)), path).toBe(false);
  expect(Object.keys(hashTree(state)).length).toBe(Object.keys(before).length - plan.total.count);
  const again = await retrainJson(["quarter", "2025Q2"], { cwd });
  expect(new Set(again.document.steps.map(({ status }) => status))).toEqual(new Set(["reused"]));
});

test("clean refuses a folder that is no state directory", async () => {
  const cwd = simpleProject();
  const result = await retrain(["clean", "--state-dir", "fixtures"], { cwd });
  expect(result.exitCode).toBe(2);
  expect(result.stderr).toContain("is no state directory");
});
