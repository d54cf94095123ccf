import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acquireLock } from "../../../src/durable/file-lock.js";
import type { LockHolder } from "../../../src/durable/lock-record.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { thisProcess } from "../../../src/durable/process-identity.js";
import { compileSource } from "../../contract/registry/support/compiled-source.js";
import { tempFolder } from "./temp-folder.js";

const files = nodeFiles();
const me = (run = "run-1"): LockHolder => ({ ...thisProcess(), since: "2025-07-01T00:00:00Z", run });
/** Linux gives no process an id above 2^22. */
const DEAD = { pid: 4_999_999, host: hostname(), since: "2025-06-30T00:00:00Z", run: "dead" };

async function leaveLock(path: string, holder: LockHolder, token = "t1"): Promise<void> {
  await writeFile(path, `${JSON.stringify({ ...holder, token })}\n`);
}

describe("acquireLock", () => {
  test("a held lock names its holder; after release it is free", async () => {
    const path = join(await tempFolder(), "lock");
    const first = await acquireLock(files, path, me("first"));
    expect(await acquireLock(files, path, me("second"))).toEqual({ held: false, by: me("first") });
    if (!first.held) throw new Error("not held");
    await first.release();
    const second = await acquireLock(files, path, me("second"));
    expect(second.held).toBe(true);
    // A late second release of the first lock is not a release of the second.
    await first.release();
    expect(await acquireLock(files, path, me("third"))).toEqual({ held: false, by: me("second") });
  });

  test("waits for a holder that lets go in time, and no longer than asked", async () => {
    const path = join(await tempFolder(), "lock");
    const first = await acquireLock(files, path, me());
    expect((await acquireLock(files, path, me(), { waitMs: 60 })).held).toBe(false);
    if (first.held) setTimeout(() => void first.release(), 50);
    expect((await acquireLock(files, path, me(), { waitMs: 5000 })).held).toBe(true);
  });

  test("a dead holder of this host is taken over, and nothing is left beside the lock", async () => {
    const folder = await tempFolder();
    const path = join(folder, "lock");
    await leaveLock(path, { ...DEAD, processStart: null });
    expect((await acquireLock(files, path, me())).held).toBe(true);
    expect(await readdir(folder)).toEqual(["lock"]);
    expect(await acquireLock(files, path, me("late"))).toEqual({ held: false, by: me() });
  });

  test.runIf(process.platform === "linux")("a reused process id is not the holder", async () => {
    const path = join(await tempFolder(), "lock");
    await leaveLock(path, { ...me(), processStart: "another-boot/1" });
    expect((await acquireLock(files, path, me())).held).toBe(true);
  });

  test("a holder on another host is never taken over", async () => {
    const path = join(await tempFolder(), "lock");
    const away = { ...DEAD, host: "another-host", processStart: null };
    await leaveLock(path, away);
    expect(await acquireLock(files, path, me())).toEqual({ held: false, by: away });
  });

  test("an heir that died half-way is inherited from in turn", async () => {
    const folder = await tempFolder();
    const path = join(folder, "lock");
    await leaveLock(path, { ...DEAD, processStart: null }, "t1");
    await leaveLock(`${path}.after-t1`, { ...DEAD, processStart: null }, "t2");
    await leaveLock(`${path}.after-t2`, { ...DEAD, processStart: null }, "t3");
    expect((await acquireLock(files, path, me())).held).toBe(true);
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  test("an heir that is alive keeps others out", async () => {
    const path = join(await tempFolder(), "lock");
    await leaveLock(path, { ...DEAD, processStart: null }, "t1");
    await leaveLock(`${path}.after-t1`, me("heir"), "t2");
    expect(await acquireLock(files, path, me())).toEqual({ held: false, by: me("heir") });
  });

  test("an attempt that judged an older holder does not take the lock from the new one", async () => {
    const path = join(await tempFolder(), "lock");
    await leaveLock(path, { ...DEAD, processStart: null }, "t1");
    // The other heir comes first, between the look at the dead holder and the second lock.
    const slow = {
      ...files,
      createExclusive: async (target: string, content: string) => {
        if (target.endsWith(".after-t1")) await leaveLock(path, me("winner"), "t9");
        return files.createExclusive(target, content);
      },
    };
    expect(await acquireLock(slow, path, me("slow"))).toEqual({ held: false, by: me("winner") });
    expect(await files.list(join(path, ".."))).toEqual(["lock"]);
  });

  test("a file that is no lock record is a failure, not a free lock", async () => {
    const path = join(await tempFolder(), "lock");
    await writeFile(path, "");
    await expect(acquireLock(files, path, me())).rejects.toMatchObject({
      failure: { code: "run.lock-unreadable", path },
    });
  });
});

describe("with real processes", () => {
  let compiled: Awaited<ReturnType<typeof compileSource>>;
  beforeAll(async () => {
    compiled = await compileSource(["kit", "durable"]);
  });
  afterAll(() => compiled.remove());

  const preamble = `
    import { acquireLock } from "./src/durable/file-lock.js";
    import { nodeFiles } from "./src/durable/node-files.js";
    import { thisProcess } from "./src/durable/process-identity.js";
    import { readFileSync, writeFileSync } from "node:fs";
    const [path, rounds] = process.argv.slice(2).map((arg) => JSON.parse(arg));
    const files = nodeFiles();
    const me = { ...thisProcess(), since: "2025-07-01T00:00:00Z", run: "child" };`;

  test("a killed holder is taken over", async () => {
    const path = join(await tempFolder(), "lock");
    const child = compiled.start(
      `${preamble} await acquireLock(files, path, me); console.log("held"); setInterval(() => {}, 1000);`,
      path,
    );
    await child.said("held");
    const seen = await acquireLock(files, path, me());
    expect(seen).toMatchObject({ held: false, by: { pid: await child.pid, run: "child" } });
    await child.kill();
    expect((await acquireLock(files, path, me())).held).toBe(true);
  });

  test("one at a time: read-add-write under the lock loses nothing, though holders leave dead locks behind", async () => {
    const folder = await tempFolder();
    const path = join(folder, "lock");
    await writeFile(join(folder, "count"), "0");
    // Every third round the lock is left as if its holder had died, so that everybody races for the takeover.
    const script = `${preamble}
      for (let round = 0; round < rounds; round++) {
        const lock = await acquireLock(files, path, me, { waitMs: 60000 });
        if (!lock.held) throw new Error("not held");
        const count = Number(readFileSync(path + "/../count", "utf8").trim());
        await new Promise((done) => setTimeout(done, 1));
        writeFileSync(path + "/../count", String(count + 1));
        if (round % 3 === 0) {
          const dead = { ...me, pid: 4999999, token: process.pid + "-" + round };
          await files.writeAtomic(path, JSON.stringify(dead));
        } else await lock.release();
      }`.replaceAll('path + "/../count"', 'path.replace(/lock$/, "count")');
    const rounds = 12;
    const children = Array.from({ length: 4 }, () => compiled.start(script, path, rounds));
    await Promise.all(children.map((child) => child.output));
    expect(await files.readText(join(folder, "count"))).toBe(String(4 * rounds));
  });
});
