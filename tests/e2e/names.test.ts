import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { retrain, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

test("an address that is no address stops before anything is made, and says both readings", async () => {
  const cwd = simpleProject();
  const before = readdirSync(cwd);
  for (const [env, set, uri] of [
    [{ MLFLOW_TRACKING_URI: "mlflow:5000" }, [], "mlflow:5000"],
    [{}, ["--set", "registry.uri=localhost:5000"], "localhost:5000"],
    [{}, ["--set", "registry.uri=mlflow"], "mlflow"],
  ] as const)
    for (const command of [["check"], ["quarter", "2025Q2"], ["models"]]) {
      const { exitCode, stderr } = await retrain([...command, ...set], { cwd, env });
      expect(exitCode).toBe(2);
      expect(stderr.replaceAll(/\s+/g, " ")).toContain(
        `\`http://${uri}\` for an MLflow server, or \`file:${uri}\` for a folder`,
      );
    }
  const pushed = await retrain(["registry", "push", "--to", "mlflow:5000"], { cwd });
  expect([pushed.exitCode, pushed.stderr.replaceAll(/\s+/g, " ")]).toEqual([
    1,
    expect.stringContaining("`http://mlflow:5000` for an MLflow server, or `file:mlflow:5000` for a folder"),
  ]);
  expect(readdirSync(cwd)).toEqual(before);
});

test("the longest names in any script go through every file that has them in its name", async () => {
  const cwd = simpleProject();
  const name = `${"予".repeat(244)} 'é"*`;
  const set = [
    "--set",
    `model.name=${JSON.stringify(name)}`,
    "--set",
    `name=${JSON.stringify(`../${name.slice(3)}`)}`,
  ];
  const first = await retrainJson(["quarter", "2025Q1", ...set], { cwd });
  expect(first.document.verdict).toBe("promoted");
  const next = await retrainJson(["quarter", "2025Q2", ...set], { cwd });
  expect(next.document.verdict).toBe("promoted");
  const models = JSON.parse((await retrain(["models", "--json", ...set], { cwd })).stdout);
  expect(models).toMatchObject({ name, aliases: { best: "2" } });
  expect((await retrain(["rollback", "--by", "Ada", "--reason", "r", ...set], { cwd })).exitCode).toBe(0);
  for (const command of [["clean"], ["unlock", "--model", name], ["report", "--format", "junit"], ["status"]])
    expect((await retrain(command, { cwd })).exitCode).toBe(0);
  for (const path of readdirSync(join(cwd, ".retrain"), { recursive: true, encoding: "utf8" }))
    for (const part of path.split("/")) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255);
});
