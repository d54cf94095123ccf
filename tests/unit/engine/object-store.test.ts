import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { artifactWriter } from "../../../src/engine/artifact-writer.js";
import { ObjectStore } from "../../../src/engine/object-store.js";
import type { FailureError } from "../../../src/kit/failure.js";
import { tempFolder } from "../durable/temp-folder.js";
import { errorOf } from "./bench.js";

async function openStore() {
  const root = await tempFolder();
  const store = new ObjectStore(join(root, "objects"), nodeFiles());
  let artifacts = 0;
  const staged = async (files: Readonly<Record<string, string>>) => {
    const folder = join(root, `staging-${++artifacts}`);
    await mkdir(folder);
    const writer = artifactWriter(folder);
    for (const [name, text] of Object.entries(files)) await writer.writeText(name, text);
    return folder;
  };
  return { root, store, staged };
}

/** sha256sum of "hello" and of nothing. */
const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

describe("take", () => {
  test("files of any depth, sorted by path, by content", async () => {
    const { store, staged } = await openStore();
    const artifact = await store.take(
      "panel",
      await staged({ "b/c/d.txt": "hello", "b.txt": "", a: "hello" }),
    );
    expect(artifact.files).toEqual([
      { path: "a", sha256: HELLO, bytes: 5 },
      { path: "b.txt", sha256: EMPTY, bytes: 0 },
      { path: "b/c/d.txt", sha256: HELLO, bytes: 5 },
    ]);
    expect(store.pathOf(HELLO)).toMatch(/objects\/2c\/f24dba/);
    expect(await readFile(store.pathOf(HELLO), "utf8")).toBe("hello");
    expect(await store.damage(artifact)).toBeNull();
  });

  test("the hash covers kind, paths and contents, and nothing else", async () => {
    const { store, staged } = await openStore();
    const take = async (kind: "panel" | "outlook", files: Record<string, string>) =>
      (await store.take(kind, await staged(files))).hash;
    const hash = await take("panel", { a: "1", b: "2" });
    expect(await take("panel", { b: "2", a: "1" })).toBe(hash);
    const others = [
      await take("outlook", { a: "1", b: "2" }),
      await take("panel", { a: "2", b: "1" }),
      await take("panel", { a: "1", c: "2" }),
      await take("panel", { a: "1" }),
    ];
    expect(new Set([hash, ...others]).size).toBe(5);
  });

  test("an empty folder has no files", async () => {
    const { store, staged } = await openStore();
    expect((await store.take("panel", await staged({}))).files).toEqual([]);
  });

  test("objects are read-only, and what is left to browse is the object itself", async () => {
    const { store, staged } = await openStore();
    const folder = await staged({ "x.txt": "hello" });
    await store.take("panel", folder);
    const [object, browsed] = [await stat(store.pathOf(HELLO)), await stat(join(folder, "x.txt"))];
    expect(object.mode & 0o777).toBe(0o444);
    expect(browsed.ino).toBe(object.ino);
  });

  test("a damaged object is replaced by the fresh copy, and the same content is stored once", async () => {
    const { store, staged } = await openStore();
    const artifact = await store.take("panel", await staged({ a: "hello" }));
    const { ino } = await stat(store.pathOf(HELLO));
    await store.take("panel", await staged({ a: "hello" }));
    expect((await stat(store.pathOf(HELLO))).ino).toBe(ino);
    await chmod(store.pathOf(HELLO), 0o644);
    await writeFile(store.pathOf(HELLO), "jello");
    expect(await store.damage(artifact)).toBe("its a in the object store is damaged");
    await store.take("panel", await staged({ a: "hello" }));
    expect(await store.damage(artifact)).toBeNull();
    expect((await stat(store.pathOf(HELLO))).mode & 0o777).toBe(0o444);
  });

  test("a link is refused, rather than left out or followed", async () => {
    const { root, store, staged } = await openStore();
    const outside = join(root, "outside.txt");
    await writeFile(outside, "secret");
    for (const target of [outside, join(root, "nowhere"), root]) {
      const folder = await staged({ "deep/a.txt": "hello" });
      await symlink(target, join(folder, "deep", "link"));
      const error = await errorOf(store.take("panel", folder));
      expect((error as Error).message).toBe(
        "an artifact holds files and folders only, and deep/link is neither",
      );
    }
    expect(await readFile(outside, "utf8")).toBe("secret");
  });

  test("what the operating system refuses is told as such", async () => {
    const { root, store } = await openStore();
    const error = await errorOf(store.take("panel", join(root, "nowhere")));
    expect((error as FailureError).failure).toMatchObject({ code: "fs.failed", errno: "ENOENT" });
  });
});

describe("read", () => {
  const schema = z.object({ n: z.number() });

  test("a file of the artifact, and no other", async () => {
    const { store, staged } = await openStore();
    const reader = store.reader(await store.take("outlook", await staged({ "a.json": '{"n":1}' })));
    expect(await reader.readJson("a.json", schema)).toEqual({ n: 1 });
    expect(reader.kind).toBe("outlook");
    expect(((await errorOf(reader.readJson("b.json", schema))) as FailureError).failure).toEqual({
      code: "step.artifact-file-missing",
      retryable: false,
      kind: "outlook",
      file: "b.json",
    });
  });

  test.each([
    ["{", "JSON"],
    ['{"n":"1"}', "number"],
  ])("%s is not what the artifact should hold", async (text, detail) => {
    const { store, staged } = await openStore();
    const reader = store.reader(await store.take("outlook", await staged({ "a.json": text })));
    expect(((await errorOf(reader.readJson("a.json", schema))) as FailureError).failure).toMatchObject({
      code: "step.artifact-invalid",
      kind: "outlook",
      file: "a.json",
      detail: expect.stringContaining(detail),
    });
  });
});

describe("show", () => {
  test("puts the files where people browse, over what is there", async () => {
    const { root, store, staged } = await openStore();
    const artifact = await store.take("panel", await staged({ "b/c.txt": "hello", a: "" }));
    const folder = join(root, "shown");
    await mkdir(folder);
    await writeFile(join(folder, "a"), "old");
    await store.show(artifact, folder);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(["a", "b", "b/c.txt"]);
    expect(await readFile(join(folder, "a"), "utf8")).toBe("");
    expect(await readFile(join(folder, "b", "c.txt"), "utf8")).toBe("hello");
  });
});

describe("artifactWriter", () => {
  test("writes text, bytes and JSON, and makes the folders of a path", async () => {
    const folder = await tempFolder();
    const writer = artifactWriter(folder);
    await writer.writeText("a/b/t.txt", "text");
    await writer.writeBytes("bytes", new Uint8Array([1, 2]));
    await writer.writeJson("j.json", { b: 1, a: [2] });
    await writeFile(writer.path("x/y.bin"), "by a library");
    expect(await readFile(join(folder, "j.json"), "utf8")).toBe('{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n');
    expect([...(await readFile(join(folder, "bytes")))]).toEqual([1, 2]);
    expect(await readFile(join(folder, "a", "b", "t.txt"), "utf8")).toBe("text");
    expect(await readFile(join(folder, "x", "y.bin"), "utf8")).toBe("by a library");
  });

  test.each(["../out", "a/../../out", "/tmp/out", "..", ".", "", "a/.."])(
    "%s is not inside, and nothing is written",
    async (name) => {
      const folder = join(await tempFolder(), "artifact");
      await mkdir(folder);
      const writer = artifactWriter(folder);
      expect(() => writer.path(name)).toThrow("lies outside of it");
      await expect(writer.writeText(name, "x")).rejects.toThrow("lies outside of it");
      expect(await readdir(join(folder, ".."), { recursive: true })).toEqual(["artifact"]);
    },
  );

  test("a folder beside it whose name begins alike is outside", async () => {
    const root = await tempFolder();
    const writer = artifactWriter(join(root, "out"));
    expect(() => writer.path("../output/x")).toThrow("lies outside of it");
  });

  test("what the operating system refuses is told with the path", async () => {
    const folder = await tempFolder();
    const writer = artifactWriter(folder);
    await writer.writeText("a", "x");
    const error = await errorOf(writer.writeText("a/b", "x"));
    expect((error as FailureError).failure).toMatchObject({ code: "fs.failed", path: join(folder, "a/b") });
  });
});
