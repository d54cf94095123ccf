import { expect, test } from "vitest";
import { retrain, tempFolder } from "../support/cli.js";

interface Result {
  readonly attempts: readonly {
    readonly scenario: string;
    readonly kind: string;
    readonly at: string;
    readonly problems: readonly string[];
  }[];
  readonly moments: number;
  readonly merged: number;
}

const KINDS = [
  "lock",
  "run file",
  "journal line",
  "step folder",
  "object",
  "step record",
  "registry lock",
  "registry file",
  "registry call",
  "alias move",
  "notification",
];

test("killed at every kind of boundary, a resumed run ends like one that nobody killed", async () => {
  const { exitCode, stdout, stderr } = await retrain(["drill", "--sample", "1", "--json"], {
    cwd: tempFolder(),
  });
  if (stdout === "") throw new Error(stderr);
  const { attempts, moments, merged } = JSON.parse(stdout) as Result;
  const failed = attempts.filter(({ problems }) => problems.length > 0);
  expect(failed).toEqual([]);
  expect(exitCode).toBe(0);
  expect([...new Set(attempts.map(({ kind }) => kind))]).toEqual(expect.arrayContaining(KINDS));
  for (const name of [
    "torn journal line: append session-started",
    "torn alias move:",
    "during notification: POST 2",
  ])
    expect(
      attempts.some(({ at }) => at.startsWith(name)),
      name,
    ).toBe(true);
  expect(moments).toBeGreaterThan(300);
  expect(merged).toBeLessThan(moments / 2);
}, 600_000);

test("a number of attempts that is none is refused", async () => {
  const { exitCode, stderr } = await retrain(["drill", "--jobs", "0"], { cwd: tempFolder() });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--jobs takes a whole number from 1 on");
});
