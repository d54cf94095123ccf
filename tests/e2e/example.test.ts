import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY, retrain, tempFolder } from "../support/cli.js";

const EXAMPLE = join(REPOSITORY, "examples", "us-unemployment");

test("the two quarters of the unemployment example print what its README shows", async () => {
  const readme = readFileSync(join(EXAMPLE, "README.md"), "utf8");
  const shown = [...readme.matchAll(/^```text\n(.*?)\n```$/gms)].map(([, text]) => withoutTimes(text!));
  expect(shown).toHaveLength(2);

  const cwd = tempFolder();
  for (const name of ["runbook.yaml", "data.csv"]) cpSync(join(EXAMPLE, name), join(cwd, name));
  const first = await retrain(["quarter", "2008Q3"], { cwd });
  expect(withoutTimes(first.stderr.trimEnd())).toBe(shown[0]);
  expect(first.exitCode).toBe(0);

  const second = await retrain(["quarter", "2008Q4"], { cwd });
  expect(withoutTimes(second.stderr.trimEnd())).toBe(shown[1]);
  expect(second.exitCode).toBe(3);

  const models = JSON.parse((await retrain(["models", "--json"], { cwd })).stdout) as unknown;
  expect(models).toMatchObject({ aliases: { best: "1", candidate: "2" } });
  const { stdout } = await retrain(["escalation", "2008Q4-1"], { cwd });
  expect(stdout).toContain("Construction");
});

/** Durations, and the sixth figure of a parity that the last bit decides. */
const withoutTimes = (text: string): string =>
  text.replace(/\d+\.\d s\b/g, "N s").replace(/to \d\.\de-\d+/g, "to N");
