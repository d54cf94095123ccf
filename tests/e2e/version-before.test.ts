import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";

/** Projects as the version before left them (`version-before/make.sh`): 2025Q1 was promoted, and 2025Q2 got as far as its name says. */
type Left = "stopped" | "killed" | "escalated";

let archive: string;
beforeAll(() => {
  archive = tempFolder(afterAll);
  const tar = brotliDecompressSync(readFileSync(join(REPOSITORY, "tests/e2e/version-before/states.tar.br")));
  execFileSync("tar", ["xf", "-", "-C", archive], { input: tar });
});

function projectLeft(left: Left): string {
  const folder = tempFolder();
  cpSync(join(archive, left), folder, { recursive: true });
  return folder;
}

const LOG = ".retrain/registry/models/demand/alias-log.jsonl";
const ADA = ["--by", "Ada", "--reason", "as agreed"];
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const says = async (cwd: string, ...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await retrain(args, { cwd });
  expect(exitCode, `${args.join(" ")}: ${stderr}`).toBe(0);
  return stdout + stderr;
};

const verdictOf = async (cwd: string, ...args: string[]) => {
  const { document } = await retrainJson(args, { cwd });
  return [document.run, document.verdict, document.champion.before, document.champion.after];
};

/** Nothing is wrong with it, and every file of every version is what was registered. */
async function isHealthy(cwd: string): Promise<void> {
  expect(await says(cwd, "doctor", "--verify")).toContain("healthy");
  expect(await says(cwd, "models", "--verify")).toMatch(/Every file of \d versions? is as it was registered/);
}

/** The first line that this version wrote says what stood there before, and each one after it what that left. */
function isAnchored(cwd: string, before: string): void {
  const text = readFileSync(join(cwd, LOG), "utf8");
  expect(text.slice(0, before.length)).toBe(before);
  expect(before).not.toContain('"hash"');
  let last = sha256(before);
  for (const line of text.slice(before.length).split("\n").slice(0, -1)) {
    const { hash } = JSON.parse(line) as { hash: string };
    expect(hash).toBe(sha256(last + line.slice(0, line.lastIndexOf(',"hash":'))));
    last = hash;
  }
  expect(last).not.toBe(sha256(before));
}

describe("a state directory and a registry of the version before", () => {
  test("stopped before the registration: it goes on, is gone back from, and what was live can be lost and named", async () => {
    const cwd = projectLeft("stopped");
    const before = readFileSync(join(cwd, LOG), "utf8");
    await isHealthy(cwd);
    expect(await says(cwd, "runs")).toMatch(/2025Q1-1[\s\S]*2025Q2-1/);
    expect(await says(cwd, "status")).toMatch(/train .*CV WMAPE[\s\S]*register .*after --until train/);
    expect(await verdictOf(cwd, "resume")).toEqual(["2025Q2-1", "promoted", "1", "2"]);
    isAnchored(cwd, before);
    await isHealthy(cwd);
    expect(await says(cwd, "status")).toContain("PROMOTED");
    expect(await says(cwd, "status", "2025Q1")).toContain("PROMOTED");

    expect(await verdictOf(cwd, "quarter", "2025Q3")).toEqual(["2025Q3-1", "promoted", "2", "3"]);
    expect(await says(cwd, "rollback", ...ADA)).toContain("names version 2 now");
    rmSync(join(cwd, ".retrain/registry/models/demand/versions/2"), { recursive: true });
    expect((await verdictOf(cwd, "quarter", "2025Q4"))[1]).toBe("escalated");
    expect(await says(cwd, "adopt", "1", ...ADA)).toContain("names version 1 now");
    expect((await verdictOf(cwd, "quarter", "2025Q4")).slice(1, 3)).toEqual(["promoted", "1"]);
    isAnchored(cwd, before);
    await isHealthy(cwd);

    // What the version before wrote without a hash is vouched for now.
    writeFileSync(join(cwd, LOG), readFileSync(join(cwd, LOG), "utf8").replace('"retrain"', '"retrein"'));
    const { exitCode, stderr } = await retrain(["models"], { cwd });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("is not what was written")]);
  }, 400_000);

  test("killed after the registration, on another machine and where the command was typed", async () => {
    const project = projectLeft("killed");
    const cwd = join(project, "typed-here");
    mkdirSync(cwd);
    renameSync(join(project, ".retrain"), join(cwd, ".retrain"));
    const lock = join(cwd, ".retrain/locks/demand.lock");
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, "utf8")), host: "elsewhere" }));
    const resume = ["resume", "--runbook", "../runbook.yaml"];
    const elsewhere = await retrain(resume, { cwd });
    expect(elsewhere.exitCode).toBe(2);
    expect(elsewhere.stderr).toContain("`mv .retrain ../.retrain`");
    execFileSync("mv", [".retrain", "../.retrain"], { cwd });

    expect(await says(project, "status")).toMatch(/artifacts[\s\S]*step 6, outlook/);
    const held = await retrain(resume, { cwd });
    expect(held.exitCode).toBe(4);
    expect(held.stderr).toContain("unlock");
    await says(project, "unlock", "--model", "demand", "--i-know-it-is-dead");
    const before = readFileSync(join(project, LOG), "utf8");
    const { document } = await retrainJson(resume, { cwd });
    expect(document).toMatchObject({ run: "2025Q2-1", verdict: "promoted", champion: { before: "1" } });
    isAnchored(project, before);
    await isHealthy(project);
    expect((await verdictOf(project, "quarter", "2025Q3")).slice(1, 3)).toEqual([
      "promoted",
      document.champion.after,
    ]);
  }, 400_000);

  test("escalated, and approved now: the candidate is what the next quarter is compared with", async () => {
    const cwd = projectLeft("escalated");
    const before = readFileSync(join(cwd, LOG), "utf8");
    await isHealthy(cwd);
    expect(await says(cwd, "status")).toMatch(/ESCALATED[\s\S]*validate.rowsThisQuarter is 11/);
    expect(await says(cwd, "escalation")).toContain("validate.rowsThisQuarter is 11");
    const expires = new Date().toISOString().slice(0, 10);
    expect(await says(cwd, "approve", ...ADA, "--expires", expires)).toContain("names version 2 now");
    isAnchored(cwd, before);
    expect(await verdictOf(cwd, "quarter", "2025Q3")).toEqual(["2025Q3-1", "promoted", "2", "3"]);
    expect(await says(cwd, "rollback", ...ADA)).toContain("names version 2 now");
    isAnchored(cwd, before);
    await isHealthy(cwd);
  }, 400_000);

  test("escalated, and rejected now: the candidate stays out, and the next quarter promotes", async () => {
    const cwd = projectLeft("escalated");
    const before = readFileSync(join(cwd, LOG), "utf8");
    expect(await says(cwd, "reject", ...ADA)).toContain("version 2 will not go live");
    isAnchored(cwd, before);
    expect((await verdictOf(cwd, "quarter", "2025Q2")).slice(1)).toEqual(["escalated", "1", "1"]);
    expect((await verdictOf(cwd, "quarter", "2025Q3")).slice(1, 3)).toEqual(["promoted", "1"]);
    await isHealthy(cwd);
  }, 400_000);
});
