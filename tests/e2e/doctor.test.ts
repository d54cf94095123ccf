import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CheckupDocument } from "../../src/report/checkup.js";
import { retrain, tempFolder } from "../support/cli.js";
import { hashTree, simpleProject } from "../support/project.js";

async function look(cwd: string, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await retrain(["doctor", ...args, "--json"], { cwd });
  if (stdout === "") throw new Error(stderr);
  const document = JSON.parse(stdout) as CheckupDocument;
  const wrong = document.checks.filter(({ state }) => state === "problem").map(({ id }) => id);
  return { exitCode, document, wrong };
}

describe("retrain doctor", () => {
  test("a project that works is healthy, and nothing is changed", async () => {
    const cwd = simpleProject();
    expect((await retrain(["quarter", "2025Q2"], { cwd })).exitCode).toBe(0);
    const before = hashTree(cwd);
    const { exitCode, document } = await look(cwd, "--verify");
    expect(document.checks.filter(({ state }) => state !== "ok")).toMatchObject([
      { id: "notify", state: "skipped" },
    ]);
    expect({ exitCode, healthy: document.healthy }).toEqual({ exitCode: 0, healthy: true });
    const { stdout } = await retrain(["doctor"], { cwd });
    expect(stdout).toContain("✔ room-demand@best names version 1\n");
    expect(stdout).toMatch(/\nhealthy\n$/);
    expect(hashTree(cwd)).toEqual(before);
  });

  test("without a runbook, and with a broken one, the rest is looked at", async () => {
    const cwd = tempFolder();
    const none = await look(cwd);
    expect(none).toMatchObject({ exitCode: 1, wrong: ["runbook"] });
    writeFileSync(join(cwd, "runbook.yaml"), "version: 2\n");
    const broken = await look(cwd);
    expect(broken).toMatchObject({ exitCode: 1, wrong: ["runbook"] });
    expect(broken.document.checks[0]!.details.join("\n")).toMatch(/runbook\.yaml:1:10: /);
    expect(existsSync(join(cwd, ".retrain"))).toBe(false);
  });

  test("a registry that does not answer is a finding", async () => {
    const cwd = simpleProject();
    const { exitCode, wrong } = await look(cwd, "--set", "registry.uri=http://127.0.0.1:1");
    expect({ exitCode, wrong }).toEqual({ exitCode: 1, wrong: ["registry"] });
  });
});
