import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acquireLock } from "../../../src/durable/file-lock.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { breakLock, UNLOCK_LOG } from "../../../src/durable/unlock.js";
import { tempFolder } from "./temp-folder.js";

const files = nodeFiles();
const { host } = thisProcess();
const alive = { ...thisProcess(), since: "2025-07-01T00:00:00Z", run: "2025Q2-1" };
const dead = { ...alive, pid: 4_999_999, processStart: null };
const away = { ...dead, host: "another-host" };
const request = { host, by: "ann@here", at: "2025-07-02T00:00:00Z", force: false, declaredDead: false };

async function lockFile(content: string | object): Promise<string> {
  const path = join(await tempFolder(), "lock");
  const text = typeof content === "string" ? content : JSON.stringify({ ...content, token: "t" });
  await writeFile(path, text);
  return path;
}

const log = async (path: string) =>
  (await readFile(join(path, "..", UNLOCK_LOG), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("what it takes to remove a lock", () => {
  const cases: [string, string | object, "force" | "declaredDead" | null, string][] = [
    ["a dead process of this host", dead, null, "dead"],
    ["a running process of this host", alive, "force", "running"],
    ["a process id that was reused", { ...alive, processStart: "another-boot/1" }, null, "dead"],
    ["a process of another host", away, "declaredDead", "elsewhere"],
    ["a file that is no lock record", "not json", "declaredDead", "unreadable"],
    ["an empty file", "", "declaredDead", "unreadable"],
  ];
  test.each(cases)("%s", async (_name, content, flag, was) => {
    const path = await lockFile(content);
    const before = await readFile(path, "utf8");
    if (flag !== null) {
      const other = flag === "force" ? "declaredDead" : "force";
      for (const given of [request, { ...request, [other]: true }]) {
        expect(await breakLock(files, path, given)).toMatchObject({ outcome: "refused", why: was });
        expect(await readFile(path, "utf8")).toBe(before);
        expect(existsSync(join(path, "..", UNLOCK_LOG))).toBe(false);
      }
    }
    const holder = typeof content === "string" ? null : content;
    const enough = flag === null ? request : { ...request, [flag]: true };
    expect(await breakLock(files, path, enough)).toEqual({ outcome: "removed", holder });
    expect(existsSync(path)).toBe(false);
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(await log(path)).toEqual([
      { at: request.at, by: request.by, lock: "lock", was, holder, seq: 1, hash },
    ]);
  });
});

test("no lock is no error and leaves no trace", async () => {
  const folder = await tempFolder();
  expect(await breakLock(files, join(folder, "lock"), request)).toEqual({ outcome: "free" });
  expect(await readdir(folder)).toEqual([]);
});

test("a stopped heir goes with the lock that it was taking over", async () => {
  const path = await lockFile(dead);
  await writeFile(`${path}.after-t`, JSON.stringify({ ...alive, run: "heir", token: "t2" }));
  expect(await breakLock(files, path, request)).toMatchObject({ why: "running", holder: { run: "heir" } });
  expect((await breakLock(files, path, { ...request, force: true })).outcome).toBe("removed");
  expect(await readdir(join(path, ".."))).toEqual([UNLOCK_LOG, "unlocks.seal.json"]);
});

test("a lock that somebody else took meanwhile stays", async () => {
  const path = await lockFile(dead);
  const slow = {
    ...files,
    appendLine: async (target: string, line: string) => {
      await files.appendLine(target, line);
      await acquireLock(files, path, alive);
    },
  };
  await breakLock(slow, path, request);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject(alive);
});

describe("the log of locks that were removed", () => {
  const breakAgain = async (path: string) => {
    await writeFile(path, JSON.stringify({ ...dead, token: "t" }));
    return breakLock(nodeFiles(), path, request);
  };

  test("goes on with one that was not chained yet, and vouches for it", async () => {
    const path = await lockFile(dead);
    const log = join(path, "..", UNLOCK_LOG);
    const old = `${JSON.stringify({ at: "t", by: "bob", lock: "lock", was: "dead", holder: dead })}\n`;
    await writeFile(log, old);
    await breakAgain(path);
    await breakAgain(path);
    const text = await readFile(log, "utf8");
    expect(text.startsWith(old)).toBe(true);
    expect(text.trimEnd().split("\n")).toHaveLength(3);
    await writeFile(log, text.replace("bob", "bop"));
    await expect(breakAgain(path)).rejects.toMatchObject({ failure: { code: "store.corrupt", path: log } });
    // The way out of the message.
    await rm(log);
    await rm(join(path, "..", "unlocks.seal.json"));
    expect((await breakAgain(path)).outcome).toBe("removed");
  });

  test("has a line for each of several people at once", async () => {
    const paths = await Promise.all([lockFile(dead), lockFile(dead), lockFile(dead)]);
    const folder = join(paths[0]!, "..");
    const locks = ["a", "b", "c"].map((name) => join(folder, name));
    for (const path of locks) await writeFile(path, JSON.stringify({ ...dead, token: path }));
    await Promise.all(locks.map((path) => breakLock(nodeFiles(), path, request)));
    const lines = (await readFile(join(folder, UNLOCK_LOG), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).lock).sort()).toEqual(["a", "b", "c"]);
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([1, 2, 3]);
  });
});
