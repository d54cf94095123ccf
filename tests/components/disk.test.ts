import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CliResult, REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { simpleProject, trainSimply } from "../support/project.js";
import { chosen } from "../support/thorough.js";

const BINARY = join(REPOSITORY, "bin", "retrain.js");
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
const KB = 1024;

/** A file system of its own at `folder`, or null where this user may not mount one. */
function tmpfs(folder: string, size: string): { remount(options: string): void } | null {
  mkdirSync(folder, { recursive: true });
  const mount = (...args: string[]) => execFileSync("mount", args, { stdio: "pipe" });
  try {
    mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
  } catch (error) {
    if (process.env.CI) throw error;
    console.warn("SKIPPED: this user may not mount a tmpfs, so no disk can be filled or made read-only");
    return null;
  }
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return { remount: (options) => void mount("-o", `remount,${options}`, folder) };
}

/** A checkout below a private folder cannot be run by another user. */
function isReadableByNobody(): boolean {
  try {
    execFileSync("cat", [BINARY], { uid: NOBODY, gid: NOBODY, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface Limits {
  /** `ulimit -n` */
  readonly openFiles?: number;
  readonly uid?: number;
}

/** The binary under limits of the operating system. */
function limited(args: readonly string[], cwd: string, { openFiles, uid }: Limits): Promise<CliResult> {
  const limit = openFiles === undefined ? "" : `ulimit -n ${openFiles}; `;
  const child = spawn("sh", ["-c", `${limit}exec "$0" "$@"`, process.execPath, BINARY, ...args], {
    cwd,
    env: { PATH: process.env.PATH, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** Exit 1, with what was wrong, where, and what to do; never a stack trace or a claim that it is our bug. */
function expectClear(result: CliResult, what: string, where: string): void {
  expect(result.exitCode, result.stderr).toBe(1);
  // Long lines are wrapped.
  const joined = result.stderr.replace(/\n {12}/g, " ");
  expect(joined.replace(/\s+/g, " ")).toContain(what);
  expect(result.stderr.replace(/\n {12}/g, "")).toContain(where);
  expect(result.stderr).toMatch(/^ {2}next {6}/m);
  expect(result.stderr).not.toMatch(/^\s*(│ )?\s*at .*:\d+:\d+/m);
  expect(result.stderr).not.toContain("internal.bug");
}

/** The same command goes on and promotes: one version, one alias move, whatever went before. */
async function expectPromoted(cwd: string, stateDir: string): Promise<void> {
  const { exitCode, document } = await retrainJson(["quarter", "2025Q2", "--state-dir", stateDir], { cwd });
  expect({ exitCode, verdict: document.verdict }).toEqual({ exitCode: 0, verdict: "promoted" });
  const models = await retrain(["models", "--json", "--state-dir", stateDir], { cwd });
  const { versions, history } = JSON.parse(models.stdout) as {
    versions: unknown[];
    history: { alias: string }[];
  };
  const moves = history.filter(({ alias }) => alias === "best");
  expect([versions.length, moves.length]).toEqual([1, 1]);
}

describe("a full disk", () => {
  test.each(chosen([0, 8, 40, 100, 300, 700], (free) => [0, 40, 700].includes(free)))(
    "with %i kB left",
    async (free) => {
      const cwd = simpleProject();
      const state = join(cwd, "state");
      const disk = tmpfs(state, "2m");
      if (disk === null) return;
      writeFileSync(join(state, "filler"), Buffer.alloc((2048 - free) * KB));
      const failed = await retrain(["quarter", "2025Q2", "--state-dir", "state"], { cwd });
      expectClear(failed, "no space left on the disk (ENOSPC)", state);
      rmSync(join(state, "filler"));
      disk.remount("size=64m");
      await expectPromoted(cwd, "state");
    },
  );
});

describe("a state directory that cannot be written", () => {
  test("a read-only file system, before the first run and after it", async () => {
    const cwd = simpleProject();
    const state = join(cwd, "state");
    const disk = tmpfs(state, "64m");
    if (disk === null) return;
    for (const _round of ["empty", "used"]) {
      disk.remount("ro");
      const failed = await retrain(["quarter", "2025Q2", "--state-dir", "state"], { cwd });
      expectClear(failed, "the file system is read-only (EROFS)", state);
      disk.remount("rw");
      await expectPromoted(cwd, "state");
    }
    disk.remount("ro");
    expect((await retrain(["status", "--state-dir", "state"], { cwd })).exitCode).toBe(0);
  });

  test.each(
    chosen(["objects", "records", "runs", "locks", "registry"], (name) =>
      ["runs", "registry"].includes(name),
    ),
  )("no permission on %s", async (name) => {
    // Root may write anywhere, so the program runs as somebody else there.
    const user = isRoot ? { uid: NOBODY } : {};
    if (isRoot && !isReadableByNobody()) {
      console.warn(`SKIPPED: only root can read ${REPOSITORY}, and root is never denied permission`);
      return;
    }
    const cwd = tempFolder();
    cpSync(join(REPOSITORY, "runbook.yaml"), join(cwd, "runbook.yaml"));
    trainSimply(cwd);
    symlinkSync(join(REPOSITORY, "fixtures"), join(cwd, "fixtures"));
    const state = join(cwd, ".retrain");
    const denied = join(state, name);
    for (const folder of [state, denied]) mkdirSync(folder);
    if (isRoot) for (const folder of [cwd, state]) chownSync(folder, NOBODY, NOBODY);
    chmodSync(denied, 0o555);
    const failed = await limited(["quarter", "2025Q2"], cwd, user);
    expectClear(failed, "permission denied (EACCES)", denied);
    expect(failed.stderr).toContain("--state-dir");
    if (isRoot) chownSync(denied, NOBODY, NOBODY);
    chmodSync(denied, 0o755);
    const again = await limited(["quarter", "2025Q2"], cwd, user);
    expect(again.exitCode, again.stderr).toBe(0);
    await expectPromoted(cwd, ".retrain");
  });

  test("a file where the folder should be", async () => {
    const cwd = simpleProject();
    writeFileSync(join(cwd, "state"), "");
    for (const command of [["quarter", "2025Q2"], ["plan", "2025Q2"], ["runs"], ["clean"]]) {
      const failed = await retrain([...command, "--state-dir", "state"], { cwd });
      expect(failed).toMatchObject({ exitCode: 2, stdout: "" });
      expect(failed.stderr).toContain("--state-dir state is not a folder");
    }
    rmSync(join(cwd, "state"));
    await expectPromoted(cwd, "state");
  });
});

test.each(chosen([24, 40, 64, 96, 128, 160], (files) => [24, 64].includes(files)))(
  "%i open files: it works, or says how to raise the limit",
  async (openFiles) => {
    const cwd = simpleProject();
    const result = await limited(["quarter", "2025Q2"], cwd, { openFiles });
    if (result.exitCode !== 0) {
      expectClear(result, "too many open files", "/");
      expect(result.stderr).toContain("ulimit -n");
    }
    await expectPromoted(cwd, ".retrain");
  },
);

test("a state directory with spaces and letters of all kinds in its path", async () => {
  const cwd = simpleProject();
  const state = join("staat der läufe", "四半期 'q' \"2\" #1 %41 🧪");
  await expectPromoted(cwd, state);
  const { document } = await retrainJson(["quarter", "2025Q2", "--state-dir", state], { cwd });
  expect(document.steps.map(({ status }) => status)).toEqual(document.steps.map(() => "reused"));
});

test("temp files that cannot be written are no obstacle until they are needed, and then said", async () => {
  const cwd = simpleProject();
  const env = { TMPDIR: join(cwd, "nowhere", "at all") };
  const first = await retrain(["quarter", "2025Q1"], { cwd, env });
  expect([0, 3], first.stderr).toContain(first.exitCode);
  // With a champion its graph is unpacked to a temp folder.
  const second = await retrain(["quarter", "2025Q2"], { cwd, env });
  if (second.exitCode === 1) expectClear(second, "no such file or folder (ENOENT)", env.TMPDIR);
  const again = await retrain(["quarter", "2025Q2"], { cwd });
  expect([0, 3], again.stderr).toContain(again.exitCode);
});
