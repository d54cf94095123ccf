import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { TransferReport } from "../../src/kit/transfer.js";
import { retrain, retrainJson } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";

const registryOf = (cwd: string) => join(cwd, ".retrain", "registry");

test("a laptop's trial becomes the team's, and the next quarter goes on from it elsewhere", async () => {
  const [laptop, office] = [simpleProject(), simpleProject()];
  const team = `file:${join(laptop, "team")}`;
  await retrainJson(["quarter", "2025Q1"], { cwd: laptop });

  const would = await retrain(["registry", "push", "--to", team, "--dry-run"], { cwd: laptop });
  expect(would).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("would be copied") });
  expect(hashTree(join(laptop, "team"))).toEqual({});

  const pushed = await retrain(["registry", "push", "--to", team, "--json"], { cwd: laptop });
  const report = JSON.parse(pushed.stdout) as TransferReport;
  expect(pushed.exitCode).toBe(0);
  expect(report).toMatchObject({
    model: "room-demand",
    dryRun: false,
    runs: [{ quarter: "2025Q1", action: "copied", closed: true }],
    versions: [{ from: "1", to: "1", action: "copied", status: "ready" }],
    aliases: [
      { alias: "best", outcome: "moved" },
      { alias: "candidate", outcome: "moved" },
    ],
  });
  const before = hashTree(join(laptop, "team"));
  const again = await retrain(["registry", "push", "--to", team], { cwd: laptop });
  expect(again.stdout).toContain("Nothing to copy: 1 run and 1 version are there already.");
  expect(hashTree(join(laptop, "team"))).toEqual(before);

  const pulled = await retrain(["registry", "pull"], { cwd: office, env: { MLFLOW_TRACKING_URI: team } });
  expect(pulled).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Copied 1 run") });
  const model = "models/room-demand/versions/1/model/model.onnx";
  expect(readFileSync(join(registryOf(office), model))).toEqual(
    readFileSync(join(registryOf(laptop), model)),
  );
  const [there, here] = await Promise.all(
    [laptop, office].map(async (cwd) => JSON.parse((await retrain(["models", "--json"], { cwd })).stdout)),
  );
  expect(here.history).toEqual(there.history);
  expect(here.aliases).toEqual({ best: "1", candidate: "1" });

  const next = await retrainJson(["quarter", "2025Q2"], { cwd: office });
  expect(next.document).toMatchObject({ champion: { before: "1" }, candidate: { version: "2" } });
  expect(next.document.metrics["accuracy.wmape"]).toBeGreaterThan(0);
});

test("histories that diverged: versions go along, the alias stays, exit code 3 and what to type", async () => {
  const [one, two] = [simpleProject(), simpleProject()];
  const team = `file:${join(one, "team")}`;
  await retrainJson(["quarter", "2025Q1"], { cwd: one });
  await retrainJson(["quarter", "2025Q2"], { cwd: two });
  expect((await retrain(["registry", "push", "--to", team], { cwd: one })).exitCode).toBe(0);
  const refused = await retrain(["registry", "push", "--to", team], { cwd: two });
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain("best and candidate of room-demand were not moved");
  expect(refused.stderr).toContain("retrain registry push --no-aliases");
  expect(refused.stdout).toContain("not moved: diverged");
  const left = await retrain(["registry", "push", "--to", team, "--no-aliases"], { cwd: two });
  expect(left).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Nothing to copy") });
  const models = await retrain(["models", "--set", `registry.uri=${team}`, "--json"], { cwd: two });
  const document = JSON.parse(models.stdout) as { versions: { version: string }[]; aliases: object };
  expect(document.versions.map(({ version }) => version)).toEqual(["1", "2"]);
  expect(document.aliases).toEqual({ best: "1", candidate: "1" });
});

test.each([
  [["push"], "source and target are the same registry"],
  [["push", "--to", "file:x", "--alias", "best", "--no-aliases"], "exclude each other"],
  [["pull", "--from", "file:x", "--version", "1", "--alias", "best"], "--version copies versions only"],
  [["push", "--to", "file:x", "--runbook", "none.yaml"], "cannot read the runbook none.yaml"],
])("bad usage: registry %j", async (args, message) => {
  const result = await retrain(["registry", ...args], { cwd: simpleProject() });
  expect(result).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(message) });
});
