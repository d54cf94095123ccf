import { basename, join, relative } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { tempFolder } from "./temp-folder.js";

const calls = vi.hoisted(() => ({ root: "", log: [] as string[] }));

/** The real file system, with a log of what reaches the disk and what becomes visible, in order. */
vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const opened = new Map<number, string>();
  const name = (path: string) => basename(path).replace(/^\.tmp-.*/, "temp");
  const shown = (path: string) => join(relative(calls.root, path), "..", name(path));
  return {
    ...real,
    openSync: (path: string, flags: string) => {
      const fd = real.openSync(path, flags);
      opened.set(fd, path);
      return fd;
    },
    fsync: (fd: number, done: (error: Error | null) => void) => {
      const path = opened.get(fd)!;
      calls.log.push(`sync ${path === calls.root ? "." : shown(path)}`);
      real.fsync(fd, done);
    },
    renameSync: (from: string, to: string) => {
      calls.log.push(`place ${shown(to)}`);
      real.renameSync(from, to);
    },
    linkSync: (from: string, to: string) => {
      calls.log.push(`place ${shown(to)}`);
      real.linkSync(from, to);
    },
    appendFileSync: (fd: number, text: string) => {
      calls.log.push(`append ${shown(opened.get(fd)!)}`);
      real.appendFileSync(fd, text);
    },
  };
});

const { nodeFiles } = await import("../../../src/durable/node-files.js");

describe("what is on the disk, and when", () => {
  let files = nodeFiles();
  const at = (path: string) => join(calls.root, path);

  beforeEach(async () => {
    calls.root = await tempFolder();
    calls.log.length = 0;
    files = nodeFiles();
  });

  test("writeAtomic: the content before the name, and the names of new folders with it", async () => {
    await files.writeAtomic(at("a/b/file"), "x");
    expect(calls.log.slice(0, 2)).toEqual(["sync a/b/temp", "place a/b/file"]);
    expect(calls.log.slice(2).sort()).toEqual(["sync .", "sync a", "sync a/b"]);
  });

  test("createExclusive: the same, and when it answers false too", async () => {
    const expected = ["sync temp", "place file", "sync ."];
    expect(await files.createExclusive(at("file"), "x")).toBe(true);
    expect(calls.log).toEqual(expected);
    expect(await files.createExclusive(at("file"), "y")).toBe(false);
    expect(calls.log).toEqual([...expected, ...expected]);
  });

  test("appendLine: each line, and the name of a new file", async () => {
    await files.appendLine(at("log"), "1");
    await files.appendLine(at("log"), "2");
    expect(calls.log).toEqual(["append log", "sync log", "sync .", "append log", "sync log"]);
  });

  test("copyInto: its content at once, its name before a line is written that may tell of it", async () => {
    await files.writeUnsynced(at("source"), "x");
    calls.log.length = 0;
    await files.copyInto(at("source"), at("objects/ab/1"));
    await files.copyInto(at("source"), at("objects/cd/2"));
    expect(calls.log).toEqual([
      "sync objects/ab/temp",
      "place objects/ab/1",
      "sync objects/cd/temp",
      "place objects/cd/2",
    ]);
    calls.log.length = 0;
    await files.appendLine(at("log"), "1");
    expect(calls.log.slice(0, 4).sort()).toEqual([
      "sync .",
      "sync objects",
      "sync objects/ab",
      "sync objects/cd",
    ]);
    expect(calls.log.slice(4)).toEqual(["append log", "sync log", "sync ."]);
  });

  test("renameExclusive: the names in a folder before the folder moves", async () => {
    await files.writeUnsynced(at("source"), "x");
    await files.copyInto(at("source"), at("staging/model"));
    calls.log.length = 0;
    await files.renameExclusive(at("staging"), at("models/1"));
    expect(calls.log.slice(0, 2).sort()).toEqual(["sync .", "sync staging"]);
    expect(calls.log[2]).toBe("place models/1");
    expect(calls.log.slice(3).sort()).toEqual(["sync .", "sync models"]);
  });

  test("writeUnsynced and makeFolder wait for no disk", async () => {
    await files.makeFolder(at("a/b"));
    await files.writeUnsynced(at("c/file"), "x");
    expect(calls.log).toEqual(["place c/file"]);
    expect(await files.readText(at("c/file"))).toBe("x");
    expect(await files.list(at("c"))).toEqual(["file"]);
  });
});
