import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fencedFiles, fenceOf } from "../../../src/durable/fenced-files.js";
import { acquireLock, type HeldLock } from "../../../src/durable/file-lock.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { breakLock } from "../../../src/durable/unlock.js";
import type { DurableFiles } from "../../../src/kit/files.js";
import { compileSource } from "../../contract/registry/support/compiled-source.js";
import { hashTree } from "../../support/project.js";
import { tempFolder } from "./temp-folder.js";

const files = nodeFiles();
const me = (run = "run-1") => ({ ...thisProcess(), since: "2025-07-01T00:00:00Z", run });

async function held(path: string, through = files): Promise<HeldLock> {
  const lock = await acquireLock(through, path, me());
  if (!lock.held) throw new Error("not held");
  return lock;
}

/** Every method of `DurableFiles` that changes something, on files that are there for it. */
const CHANGES: readonly [string, (given: DurableFiles, data: string) => Promise<unknown>][] = [
  ["writeAtomic", (given, data) => given.writeAtomic(join(data, "old"), "new")],
  ["createExclusive", (given, data) => given.createExclusive(join(data, "new", "deep"), "new")],
  ["appendLine", (given, data) => given.appendLine(join(data, "old"), "more")],
  ["copyInto", (given, data) => given.copyInto(join(data, "old"), join(data, "copy"))],
  ["renameExclusive of a file", (given, data) => given.renameExclusive(join(data, "old"), join(data, "b"))],
  ["renameExclusive of a folder", (given, data) => given.renameExclusive(join(data, "sub"), join(data, "b"))],
  ["makeFolder", (given, data) => given.makeFolder(join(data, "folder"))],
  ["remove of a file", (given, data) => given.remove(join(data, "old"))],
  ["remove of a folder", (given, data) => given.remove(join(data, "sub"))],
];

async function project() {
  const root = await tempFolder();
  const data = join(root, "data");
  await mkdir(join(data, "sub"), { recursive: true });
  await writeFile(join(data, "old"), "old\n");
  await writeFile(join(data, "sub", "inside"), "inside\n");
  return { root, data, path: join(root, "lock") };
}

const LOSSES: readonly [string, (path: string) => Promise<unknown>, string | null][] = [
  ["gone", (path) => rm(path), null],
  ["another's", (path) => writeFile(path, JSON.stringify({ ...me("heir"), token: "other" })), "heir"],
  ["no lock record", (path) => writeFile(path, "{"), null],
];

describe.each(CHANGES)("%s", (_name, change) => {
  test("passes while the lock is held", async () => {
    const { data, path } = await project();
    const fenced = fencedFiles(files, (await held(path)).fence);
    const before = hashTree(data);
    const entries = await readdir(data);
    await change(fenced, data);
    expect([hashTree(data), await readdir(data)]).not.toEqual([before, entries]);
  });

  test.each(LOSSES)("is refused once the lock is %s", async (_how, lose, run) => {
    const { data, path } = await project();
    const fenced = fencedFiles(files, (await held(path)).fence);
    const before = hashTree(data);
    await lose(path);
    const holder = run === null ? null : { run, pid: process.pid };
    await expect(change(fenced, data)).rejects.toMatchObject({
      failure: { code: "run.lock-lost", path, retryable: false, ...(holder === null ? { holder } : {}) },
    });
    expect(hashTree(data)).toEqual(before);
    expect(await readdir(data)).toEqual(["old", "sub"]);
  });

  test("is refused when the lock is lost while the call is under way", async () => {
    const { data, path } = await project();
    const { fence } = await held(path);
    const before = hashTree(data);
    // The first look passes; the one right before the change comes into effect finds the lock gone.
    let looks = 0;
    const check = () => {
      if (++looks === 1) return;
      throw new Error("lost meanwhile");
    };
    const call = change(fencedFiles(files, { ...fence, check }), data);
    if (_name === "makeFolder") return void (await call);
    await expect(call).rejects.toThrow("lost meanwhile");
    expect(hashTree(data)).toEqual(before);
  });
});

describe("fences", () => {
  test("stand inside each other: losing either one is enough", async () => {
    for (const lost of ["outer", "inner"]) {
      const { root, data } = await project();
      const paths = { outer: join(root, "outer"), inner: join(root, "inner") };
      const outer = fencedFiles(files, (await held(paths.outer)).fence);
      const inner = fencedFiles(outer, (await held(paths.inner, outer)).fence);
      await inner.writeAtomic(join(data, "a"), "a");
      const path = paths[lost as keyof typeof paths];
      await rm(path);
      await expect(inner.writeAtomic(join(data, "a"), "b")).rejects.toMatchObject({ failure: { path } });
      expect(await readFile(join(data, "a"), "utf8")).toBe("a");
    }
  });

  test("reads go on after the loss", async () => {
    const { data, path } = await project();
    const lock = await held(path);
    const fenced = fencedFiles(files, lock.fence);
    await lock.release();
    expect(await fenced.readText(join(data, "old"))).toBe("old\n");
    expect(fenceOf(fenced)).toBe(lock.fence);
    expect(fenceOf(files)).toBeNull();
  });

  test("the holder's words in the lock file change, its lock does not; a lost lock is not described", async () => {
    const { path } = await project();
    const lock = await held(path);
    await lock.describe("2025Q2-1");
    lock.fence.check();
    expect(await acquireLock(files, path, me("second"))).toEqual({ held: false, by: me("2025Q2-1") });
    await writeFile(path, JSON.stringify({ ...me("heir"), token: "other" }));
    await expect(lock.describe("2025Q2-2")).rejects.toMatchObject({ failure: { code: "run.lock-lost" } });
    await lock.release();
    expect(await acquireLock(files, path, me("third"))).toEqual({ held: false, by: me("heir") });
  });
});

describe("a lock that was taken under another lock", () => {
  test("is taken over when the other one is lost, though its process runs", async () => {
    const { root } = await project();
    const [outer, inner] = [join(root, "outer"), join(root, "inner")];
    const outerLock = await held(outer);
    await held(inner, fencedFiles(files, outerLock.fence));
    expect((await acquireLock(files, inner, me("other"))).held).toBe(false);
    await rm(outer);
    expect((await acquireLock(files, inner, me("other"))).held).toBe(true);
  });
});

/** A holder that comes to its end clears away its own temp file, which nobody else ever sees. */
const visible = (folder: string) =>
  Object.entries(hashTree(folder)).filter(([path]) => !path.includes(".tmp-"));

describe.runIf(process.platform !== "win32")("with real processes", () => {
  let compiled: Awaited<ReturnType<typeof compileSource>>;
  beforeAll(async () => {
    compiled = await compileSource(["kit", "durable"]);
  });
  afterAll(() => compiled.remove());

  const writer = `
    import { acquireLock } from "./src/durable/file-lock.js";
    import { fencedFiles } from "./src/durable/fenced-files.js";
    import { nodeFiles } from "./src/durable/node-files.js";
    import { thisProcess } from "./src/durable/process-identity.js";
    const [path, data] = process.argv.slice(2).map((arg) => JSON.parse(arg));
    const files = nodeFiles();
    const lock = await acquireLock(files, path, { ...thisProcess(), since: "2025-07-01T00:00:00Z", run: "child" });
    const fenced = fencedFiles(files, lock.fence);
    console.log("held");
    try {
      for (let n = 0; ; n++) {
        await fenced.appendLine(data + "/journal", String(n));
        await fenced.writeAtomic(data + "/state", String(n));
      }
    } catch (error) {
      console.log("ended " + error.failure?.code + " " + (error.failure?.holder?.run ?? error.message));
    }`;

  // A process that happens to be stopped between its last look at the lock and the system call after it makes that one change: see `fencedFiles`.
  test("a holder that is stopped, unlocked and wakes up late writes nothing, or the one change that it was about to make", async () => {
    let late = 0;
    const rounds = 8;
    for (let round = 1; round <= rounds; round++) {
      const { data, path } = await project();
      const child = compiled.start(writer, path, data);
      await child.said("held");
      await new Promise((done) => setTimeout(done, 5 * round));
      process.kill(await child.pid, "SIGSTOP");
      expect((await acquireLock(files, path, me())).held).toBe(false);

      const request = { host: thisProcess().host, by: "me", at: "2025-07-01T00:00:00Z", declaredDead: false };
      expect((await breakLock(files, path, { ...request, force: false })).outcome).toBe("refused");
      expect((await breakLock(files, path, { ...request, force: true })).outcome).toBe("removed");
      const lock = await held(path);
      const before = new Map(visible(data));
      process.kill(await child.pid, "SIGCONT");
      expect((await child.output).split("\n")).toContain("ended run.lock-lost run-1");
      const changed = visible(data).filter(([path, hash]) => before.get(path) !== hash);
      expect(changed.length, changed.join()).toBeLessThanOrEqual(1);
      late += changed.length;
      lock.fence.check();
    }
    // Whoever did not look would be late every time.
    expect(late).toBeLessThan(rounds / 2);
  });

  test("of many processes that want a dead holder's lock, one gets it", async () => {
    const path = join(await tempFolder(), "lock");
    const dead = { ...me(), pid: 4_999_999, processStart: null };
    for (let round = 0; round < 3; round++) {
      await writeFile(path, JSON.stringify({ ...dead, token: `dead-${round}` }));
      const go = Date.now() + 400;
      const taker = `
        import { existsSync } from "node:fs";
        import { acquireLock } from "./src/durable/file-lock.js";
        import { nodeFiles } from "./src/durable/node-files.js";
        import { thisProcess } from "./src/durable/process-identity.js";
        const [path, go] = process.argv.slice(2).map((arg) => JSON.parse(arg));
        while (Date.now() < go);
        const me = { ...thisProcess(), since: "2025-07-01T00:00:00Z", run: "child" };
        const lock = await acquireLock(nodeFiles(), path, me);
        console.log("answer: " + (lock.held ? "took" : "saw " + lock.by.pid));
        // Whoever took it lives until all have answered: of a dead one it would be taken again.
        const timer = setInterval(() => existsSync(path + ".end-" + go) && clearInterval(timer), 20);`;
      const children = [1, 2, 3].map(() => compiled.start(taker, path, go));
      await Promise.all(children.map((child) => child.said("answer: ")));
      await writeFile(`${path}.end-${go}`, "");
      const answers = await Promise.all(children.map((child) => child.output));
      expect(answers.filter((answer) => answer.startsWith("answer: took"))).toHaveLength(1);
    }
  });
});
