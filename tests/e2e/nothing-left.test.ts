import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { retrain } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

test("a quarter writes into its project alone: nothing into the home folder, nothing that stays into the temp folder", async () => {
  const cwd = simpleProject();
  const [home, temp] = [join(cwd, "home"), join(cwd, "temp")];
  for (const folder of [home, temp]) mkdirSync(folder);
  // Two quarters: the second one runs the champion's graph too.
  for (const quarter of ["2025Q1", "2025Q2"]) {
    const { exitCode, stderr } = await retrain(["quarter", quarter], {
      cwd,
      env: { HOME: home, TMPDIR: temp },
    });
    expect([0, 3], stderr).toContain(exitCode);
  }
  expect(readdirSync(home, { recursive: true })).toEqual([]);
  expect(readdirSync(temp, { recursive: true })).toEqual([]);
});
