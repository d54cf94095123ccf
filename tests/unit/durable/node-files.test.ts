import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withErrno } from "../../../src/durable/errno.js";
import { digest, sha256 } from "../../../src/durable/hash.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { tempFolder } from "./temp-folder.js";

const files = nodeFiles();
/** sha256("abc"), FIPS 180-2 appendix B.1 */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("nodeFiles", () => {
  test("writeAtomic replaces, makes folders, and leaves no temp file", async () => {
    const folder = await tempFolder();
    const path = join(folder, "a/b/file.txt");
    await files.writeAtomic(path, "old");
    await files.writeAtomic(path, new Uint8Array([110, 101, 119]));
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(join(folder, "a/b"))).toEqual(["file.txt"]);
  });

  test("a write that fails leaves the old content and no temp file", async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, "target/inner"), { recursive: true });
    await expect(files.writeAtomic(join(folder, "target"), "x")).rejects.toMatchObject({
      failure: {
        code: "fs.failed",
        operation: "write",
        path: join(folder, "target"),
        errno: "EISDIR",
        retryable: false,
      },
    });
    expect(await readdir(folder)).toEqual(["target"]);
  });

  test("createExclusive: one of many wins, and its content stands whole", async () => {
    const folder = await tempFolder();
    const path = join(folder, "lock");
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, index) => files.createExclusive(path, `winner ${index}`)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe(`winner ${won.indexOf(true)}`);
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  test("appendLine adds whole lines", async () => {
    const path = join(await tempFolder(), "new/log");
    await files.appendLine(path, "one");
    await files.appendLine(path, "two");
    expect(await files.readText(path)).toBe("one\ntwo\n");
  });

  test("copyInto copies once and never replaces, also from a read-only source", async () => {
    const folder = await tempFolder();
    const [source, target] = [join(folder, "source"), join(folder, "objects/ab/target")];
    await writeFile(source, "first");
    await chmod(source, 0o444);
    await files.copyInto(source, target);
    await chmod(source, 0o644);
    await writeFile(source, "second");
    await files.copyInto(source, target);
    expect(await files.readText(target)).toBe("first");
    expect(await files.list(join(folder, "objects/ab"))).toEqual(["target"]);
  });

  test("renameExclusive refuses an existing target, for files and folders", async () => {
    const folder = await tempFolder();
    const at = (name: string) => join(folder, name);
    await files.writeAtomic(at("from/x"), "1");
    await files.writeAtomic(at("taken/y"), "2");
    expect(await files.renameExclusive(at("from"), at("taken"))).toBe(false);
    expect(await files.renameExclusive(at("from"), at("sub/free"))).toBe(true);
    expect(await files.readText(at("sub/free/x"))).toBe("1");
    expect(await files.renameExclusive(at("sub/free/x"), at("taken/y"))).toBe(false);
    expect(await files.readText(at("taken/y"))).toBe("2");
    expect(await files.exists(at("sub/free/x"))).toBe(true);
    expect(await files.renameExclusive(at("sub/free/x"), at("taken/z"))).toBe(true);
    expect(await files.list(at("taken"))).toEqual(["y", "z"]);
  });

  test("what is not there reads as null, an empty list or false", async () => {
    const folder = await tempFolder();
    await files.writeAtomic(join(folder, "file"), "");
    for (const path of [join(folder, "none"), join(folder, "none/below"), join(folder, "file/below")]) {
      expect(await files.readText(path)).toBeNull();
      expect(await files.readBytes(path)).toBeNull();
      expect(await files.sha256(path)).toBeNull();
      expect(await files.list(path)).toEqual([]);
      expect(await files.exists(path)).toBe(false);
    }
    await files.remove(join(folder, "none"));
  });

  test("list sorts by code unit and hides what a kill left", async () => {
    const folder = await tempFolder();
    for (const name of ["b", "a", "Z", "é", ".tmp-123"]) await writeFile(join(folder, name), "");
    expect(await files.list(folder)).toEqual(["Z", "a", "b", "é"]);
  });

  test("remove takes folders", async () => {
    const folder = await tempFolder();
    await files.writeAtomic(join(folder, "x/y/z"), "1");
    await files.remove(join(folder, "x"));
    expect(await files.exists(join(folder, "x"))).toBe(false);
  });

  test("sha256 of files, text and bytes", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, "abc"), "abc");
    expect(await files.sha256(join(folder, "abc"))).toBe(ABC);
    expect(sha256("abc")).toBe(ABC);
    expect(digest(new Uint8Array([97, 98, 99]))).toBe(`sha256:${ABC}`);
    const large = Buffer.alloc(3_000_000, 7);
    await writeFile(join(folder, "large"), large);
    expect(await files.sha256(join(folder, "large"))).toBe(createHash("sha256").update(large).digest("hex"));
  });
});

describe("withErrno", () => {
  test.each([
    ["ENOSPC", true],
    ["EMFILE", true],
    ["EIO", true],
    ["EAGAIN", true],
    ["EACCES", false],
    ["EROFS", false],
  ])("%s: retryable %s", async (errno, retryable) => {
    const error = Object.assign(new Error("no"), { code: errno });
    await expect(withErrno("write", "/p", () => Promise.reject(error))).rejects.toMatchObject({
      failure: { code: "fs.failed", operation: "write", path: "/p", errno, retryable },
      cause: error,
    });
  });

  test("what the system did not say passes through", async () => {
    const bug = new TypeError("bug");
    await expect(withErrno("write", "/p", () => Promise.reject(bug))).rejects.toBe(bug);
  });
});
