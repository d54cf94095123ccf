import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunDocument } from "../../src/report/run-document.js";
import { retrain, retrainJson } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";

const ADA = ["--by", "Ada", "--reason", "r"];
const BOOK = ["--runbook", "../runbook.yaml"];

/** Steps that touch the registry look into it anew where its address is another one. */
const reusedBeforeRegistry = ({ steps }: RunDocument): boolean =>
  steps
    .slice(
      0,
      steps.findIndex(({ id }) => id === "register"),
    )
    .every(({ status }) => status === "reused");

test("a project has one state, wherever a command is typed, and an earlier one is moved to it", async () => {
  const project = simpleProject();
  const cwd = join(project, "sub");
  mkdirSync(cwd);
  writeFileSync(join(project, "tune.yaml"), "space: { minSegmentSeries: [5, 1000] }\n");
  // As the version before left it: the state where the command was typed.
  const before = await retrainJson(["quarter", "2025Q1", ...BOOK, "--state-dir", ".retrain"], { cwd });
  expect(before.document.verdict).toBe("promoted");
  const left = hashTree(join(cwd, ".retrain"));

  for (const command of [
    ["quarter", "2025Q2", ...BOOK],
    ["plan", "2025Q2", ...BOOK],
    ["explain", "2025Q2", "train", ...BOOK],
    ["tune", "2025Q2", ...BOOK, "--budget", "1"],
    ["backtest", "2025Q1", ...BOOK],
    ["models", ...BOOK],
    ["approve", "2025Q1", ...ADA, "--expires", "2026-01-01", ...BOOK],
    ["reject", "2025Q1", ...ADA, ...BOOK],
    ["rollback", ...ADA, ...BOOK],
    ["registry", "push", "--to", "file:other", ...BOOK],
    ["runs", ...BOOK],
    ["status", ...BOOK],
    ["report", ...BOOK],
    ["escalation", ...BOOK],
    ["resume", ...BOOK],
    ["clean", ...BOOK],
    ["unlock", "--model", "room-demand", ...BOOK],
  ]) {
    const { exitCode, stderr } = await retrain(command, { cwd });
    expect([command[0], exitCode, stderr]).toEqual([
      command[0],
      2,
      expect.stringContaining("An earlier state of"),
    ]);
    expect(stderr).toContain("`mv .retrain ../.retrain`");
  }
  expect(existsSync(join(project, ".retrain"))).toBe(false);
  expect(hashTree(join(cwd, ".retrain"))).toEqual(left);

  execFileSync("sh", ["-c", "mv .retrain ../.retrain"], { cwd });
  const again = await retrainJson(["quarter", "2025Q1", ...BOOK], { cwd });
  expect(again.document).toMatchObject({ verdict: "promoted" });
  expect(reusedBeforeRegistry(again.document)).toBe(true);
  const next = await retrainJson(["quarter", "2025Q2", ...BOOK, "--until", "segments"], { cwd });
  expect(next.exitCode).toBe(0);
  // Neither names a runbook; one is typed below the project, and the other says where it is.
  const resumed = await retrainJson(["resume"], { cwd });
  expect(resumed.document).toMatchObject({ run: next.document.run, verdict: "promoted" });
  expect((await retrain(["status", ...BOOK], { cwd })).stdout).toContain("2025Q2-1");
  const models = JSON.parse((await retrain(["models", "--json"], { cwd: project })).stdout);
  expect(models.aliases).toEqual({ best: "2", candidate: "2" });
  expect(existsSync(join(cwd, ".retrain"))).toBe(false);
  expect((await retrain(["quarter", "2025Q2"], { cwd })).stderr).toContain("--runbook ../runbook.yaml");

  // The whole project somewhere else: its runs name the runbook where it was, and its own state goes on.
  const moved = join(simpleProject(), "moved");
  renameSync(project, moved);
  const there = await retrainJson(["quarter", "2025Q2", ...BOOK], { cwd: join(moved, "sub") });
  expect(there.document).toMatchObject({ verdict: "promoted" });
  expect(reusedBeforeRegistry(there.document)).toBe(true);
  const after = JSON.parse((await retrain(["models", "--json"], { cwd: moved })).stdout);
  expect(after.versions.map(({ version }: { version: string }) => version)).toEqual(["1", "2"]);
});
