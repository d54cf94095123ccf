import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runInGroup } from "../../../src/command/process.js";
import { tempFolder } from "../durable/temp-folder.js";

const never = new AbortController().signal;
const env = { PATH: process.env.PATH! };

/** A zombie is gone: its parent has only not asked yet. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const sh = (script: string, cwd: string) => ({ program: "sh", args: ["-c", script], cwd, env });

describe.skipIf(process.platform === "win32")("a command", () => {
  test("gives every line of both streams, the last one without a line end too", async () => {
    const lines: string[] = [];
    const ending = await runInGroup(
      sh("echo one; echo two >&2; printf three", await tempFolder()),
      never,
      (line) => lines.push(line),
    );
    expect(ending).toEqual({ started: true, exitCode: 0, signal: null });
    expect(lines.sort()).toEqual(["one", "three", "two"]);
  });

  test("more output than a buffer holds", async () => {
    let bytes = 0;
    const cwd = await tempFolder();
    const script = 'process.stdout.write(("x".repeat(999) + "\\n").repeat(20000))';
    const command = { program: process.execPath, args: ["-e", script], cwd, env };
    await runInGroup(command, never, (line) => {
      bytes += line.length + 1;
    });
    expect(bytes).toBe(20_000_000);
  });

  test("tells exit code, signal, and that there is no such program", async () => {
    const cwd = await tempFolder();
    expect(await runInGroup(sh("exit 7", cwd), never, () => {})).toMatchObject({ exitCode: 7, signal: null });
    expect(await runInGroup(sh("kill -9 $$", cwd), never, () => {})).toMatchObject({
      exitCode: null,
      signal: "SIGKILL",
    });
    const none = { program: "no-such-program", args: [], cwd, env };
    expect(await runInGroup(none, never, () => {})).toEqual({ started: false, errno: "ENOENT" });
  });

  test("sees nothing of this process's environment", async () => {
    const lines: string[] = [];
    process.env.RETRAIN_TEST_LEAK = "leak";
    await runInGroup(sh("env", await tempFolder()), never, (line) => lines.push(line));
    delete process.env.RETRAIN_TEST_LEAK;
    expect(lines.join("\n")).not.toContain("leak");
  });

  test.each([
    ["", 3000],
    ["trap '' TERM; ", 9000],
  ])("an abort ends it and what it started (%s)", async (trap, limit) => {
    const cwd = await tempFolder();
    const stop = new AbortController();
    const script = `${trap}sleep 300 & echo $$ $! > pids; echo ready; while true; do sleep 0.2; done`;
    const started = performance.now();
    await runInGroup(sh(script, cwd), stop.signal, () => stop.abort());
    const pids = readFileSync(join(cwd, "pids"), "utf8").trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(performance.now() - started).toBeLessThan(limit);
  });

  test("what it leaves behind ends with it", async () => {
    const cwd = await tempFolder();
    await runInGroup(sh("sleep 300 & echo $! > pid", cwd), never, () => {});
    await delay(50);
    expect(isAlive(Number(readFileSync(join(cwd, "pid"), "utf8")))).toBe(false);
  });
});
