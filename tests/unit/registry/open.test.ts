import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { openRegistry } from "../../../src/registry/open.js";

const clock = { now: () => "2025-07-01T00:00:00Z", monotonic: () => 0 };
let baseFolder: string;
beforeEach(async () => {
  baseFolder = await mkdtemp(join(tmpdir(), "retrain-open-"));
});
afterEach(() => rm(baseFolder, { recursive: true, force: true }));

const open = (uri: string) => openRegistry(uri, { files: nodeFiles(), clock, baseFolder });
const firstChange = { key: "k", model: "m", name: "n", quarter: "2025Q1", cutoff: "2025-03-31", tags: {} };

describe("openRegistry", () => {
  test("folders: relative to the base folder, absolute, as a file URL", async () => {
    const uris = ["file:one/registry", "./two", `file:${baseFolder}/three`, `${baseFolder}/four`];
    uris.push(String(pathToFileURL(join(baseFolder, "fünf 5"))));
    for (const uri of uris) {
      const registry = await open(uri);
      expect(registry).toMatchObject({ kind: "embedded", uri });
      await registry.ensureRun(firstChange);
    }
    expect((await readdir(baseFolder)).sort()).toEqual(["four", "fünf 5", "one", "three", "two"]);
    expect(await readdir(join(baseFolder, "one/registry"))).toContain("registry.json");
  });

  test("opening and reading writes nothing", async () => {
    const registry = await open("file:registry");
    expect(await registry.listVersions("m")).toEqual([]);
    expect(await registry.getAlias("m", "best")).toBeNull();
    expect(await readdir(baseFolder)).toEqual([]);
  });

  test.each([
    ["ftp://user:s3cret@host:5000/path?token=s3cret#s3cret", "ftp://host:5000/path"],
    ["s3://key:s3cret@bucket/x", "s3://bucket/x"],
    ["ftp://us@er:s3cret@host/a@b", "ftp://host/a@b"],
    ["user:s3cret@host:5000", "host:5000"],
    ["file:", "file:"],
    ["file://host/share", "file://host/share"],
    ["", ""],
    ["mlflow:5000", "mlflow:5000"],
  ])("unsupported: %s, shown without credentials", async (uri, shown) => {
    await expect(open(uri)).rejects.toMatchObject({
      failure: { code: "registry.uri-unsupported", uri: shown, readings: expect.any(Array) },
    });
  });

  test("what may be a server makes no folder", async () => {
    await expect(open("mlflow:5000")).rejects.toMatchObject({
      failure: { readings: ["http://mlflow:5000", "file:mlflow:5000"] },
    });
    expect(await readdir(baseFolder)).toEqual([]);
  });

  test("http and https are an MLflow server, which is asked who it is", async () => {
    const server = createServer((request, response) => {
      response.setHeader("content-type", "text/plain");
      response.end(request.url === "/prefix/version" ? "3.18.0" : "no");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const uri = `http://127.0.0.1:${port}/prefix`;
    const registry = await open(`http://user:s3cret@127.0.0.1:${port}/prefix/`);
    expect(registry).toMatchObject({ kind: "mlflow", uri });
    await expect(open(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      failure: { code: "registry.not-mlflow" },
    });
  });

  test("a folder that holds something else is refused", async () => {
    await writeFile(join(baseFolder, "thesis.txt"), "");
    await expect(open(".")).rejects.toMatchObject({
      failure: { code: "registry.corrupt", path: baseFolder, detail: expect.stringContaining("thesis.txt") },
    });
    await writeFile(join(baseFolder, "registry.json"), '{"format":2}');
    await expect(open(".")).rejects.toMatchObject({
      failure: {
        code: "registry.corrupt",
        path: join(baseFolder, "registry.json"),
        detail: expect.stringContaining("2"),
      },
    });
    await writeFile(join(baseFolder, "registry.json"), '{"format":1}');
    expect((await open(".")).kind).toBe("embedded");
  });

  test.each([
    ["cut", '{"for'],
    ["empty", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["a format that is text", '{"format":"1"}'],
    ["gone", null],
  ])(
    "a registry whose registry.json is %s says nothing of its aliases until a person does",
    async (_, text) => {
      const whole = await open("file:.");
      const { runId } = await whole.ensureRun(firstChange);
      const spec = { name: "m", key: "k", runId, description: "", tags: {} };
      const { version } = await whole.ensureVersion(spec);
      const path = join(baseFolder, "registry.json");
      if (text === null) await rm(path);
      else await writeFile(path, text);

      const registry = await open("file:.");
      const damaged = { failure: { code: "registry.trail-damaged", path } };
      const move = {
        name: "m",
        alias: "best",
        to: version,
        by: "Ada",
        reason: "r",
        decision: null,
        key: "k",
      };
      await expect(registry.getAlias("m", "best")).rejects.toMatchObject(damaged);
      await expect(registry.aliasHistory("m")).rejects.toMatchObject(damaged);
      await expect(registry.moveAlias(move)).rejects.toMatchObject(damaged);
      // Other changes do not make the damage unseen.
      await registry.ensureRun({ ...firstChange, key: "k2" });
      expect(await registry.listVersions("m")).toHaveLength(1);
      await expect((await open("file:.")).getAlias("m", "best")).rejects.toMatchObject(damaged);

      expect(await registry.moveAlias({ ...move, mend: true })).toMatchObject({ outcome: "moved" });
      expect(await registry.getAlias("m", "best")).toBe(version);
      expect(await (await open("file:.")).getAlias("m", "best")).toBe(version);
    },
  );
});
