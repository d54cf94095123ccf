import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ModelRegistry, RegistryFile } from "../../../src/kit/registry.js";
import { damageOf } from "../../../src/kit/soundness.js";
import type { TrailEnd } from "../../../src/kit/trail.js";
import { modelFiles } from "../../support/model-files.js";
import { chosen } from "../../support/thorough.js";

/** A registry that stands in `folder`: called twice with one folder, it opens the same one. */
export type MakeRegistry = (folder: string) => ModelRegistry | Promise<ModelRegistry>;

const failsWith = (code: string, data: object = {}) => ({ failure: { code, ...data } });

/**
 * Changes what stands in the place where a registry keeps a file of a model: the new bytes, nothing, or a folder.
 * @param folder the registry's
 */
export type Tamper = (
  folder: string,
  version: string,
  path: string,
  change: Uint8Array | "gone" | "folder",
) => Promise<void>;

/** What every registry must do. `makeRegistry` gets an empty folder for each test. */
export function registryContract(name: string, makeRegistry: MakeRegistry, tamper: Tamper): void {
  describe(`${name}: registry contract`, () => {
    let folder: string;
    let registry: ModelRegistry;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "retrain-registry-"));
      registry = await makeRegistry(join(folder, "registry"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const runSpec = (key: string, model = "demand", quarter = "2025Q1") => ({
      key,
      model,
      name: `${model} ${quarter}`,
      quarter,
      cutoff: "2025-03-31",
      tags: { "retrain.quarter": quarter },
    });
    const makeRun = async (key = "run", model = "demand") =>
      (await registry.ensureRun(runSpec(key, model))).runId;
    const makeVersion = async (key: string, model = "demand") => {
      const runId = await makeRun(`run of ${key}`, model);
      return registry.ensureVersion({ name: model, key, runId, description: key, tags: { key } });
    };
    const file = async (path: string, content: string | Uint8Array): Promise<RegistryFile> => {
      const source = join(folder, `source-${path.replaceAll("/", "-")}`);
      await writeFile(source, content);
      return { path, source };
    };
    const model = (contents: Record<string, string>) => modelFiles(folder, contents);
    const move = (
      to: string,
      key: string,
      more: { alias?: string; expected?: string | null; name?: string } = {},
    ) =>
      registry.moveAlias({
        name: more.name ?? "demand",
        alias: more.alias ?? "best",
        to,
        by: "tester",
        reason: `because ${key}`,
        decision: `sha256:${key}`,
        key,
        ...("expected" in more ? { expected: more.expected! } : {}),
      });
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

    describe("runs", () => {
      test("a new run holds what it was given, open and empty", async () => {
        const run = await registry.ensureRun(runSpec("k1"));
        expect(run).toMatchObject({ ...runSpec("k1"), closed: false, params: {}, metrics: {}, parent: null });
        expect(run.createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        expect(await registry.getRun(run.runId)).toEqual(run);
      });

      test("one run a key: asking again changes nothing", async () => {
        const run = await registry.ensureRun(runSpec("k1"));
        await registry.logRun(run.runId, { tags: { more: "1" } });
        const again = await registry.ensureRun({ ...runSpec("k1"), tags: { other: "2" } });
        expect(again.runId).toBe(run.runId);
        expect(again.tags).toEqual({ "retrain.quarter": "2025Q1", more: "1" });
        expect(await registry.listRuns("demand")).toHaveLength(1);
      });

      test("runs of any model are found by a tag, oldest first, without parts", async () => {
        const tagged = (key: string, model: string, value: string) =>
          registry.ensureRun({ ...runSpec(key, model), tags: { "retrain.runbook-id": value } });
        const a = await tagged("a", "demand", "f00d");
        await tagged("b", "demand", "beef");
        const c = await tagged("c", "rooms", "f00d");
        await registry.ensureRun({
          ...runSpec("part"),
          tags: { "retrain.runbook-id": "f00d" },
          parent: a.runId,
        });
        expect(await registry.findRuns("retrain.runbook-id", "f00d")).toEqual([a, c]);
        expect(await registry.findRuns("retrain.runbook-id", "cafe")).toEqual([]);
        expect(await registry.findRuns("retrain.other", "f00d")).toEqual([]);
      });

      test("params, metrics and tags merge, the later value wins", async () => {
        const runId = await makeRun();
        await registry.logRun(runId, { params: { a: "1", b: "2" }, metrics: { m: 0.5 } });
        await registry.logRun(runId, { params: { b: "3" }, metrics: { m: -1e-9, n: 0 }, tags: { t: "ü" } });
        expect(await registry.getRun(runId)).toMatchObject({
          params: { a: "1", b: "3" },
          metrics: { m: -1e-9, n: 0 },
          tags: { "retrain.quarter": "2025Q1", t: "ü" },
        });
      });

      test("closing sets the tags, and may be repeated", async () => {
        const runId = await makeRun();
        await registry.closeRun(runId, { verdict: "escalated" });
        await registry.closeRun(runId, { verdict: "promoted" });
        expect(await registry.getRun(runId)).toMatchObject({
          closed: true,
          tags: { verdict: "promoted", "retrain.quarter": "2025Q1" },
        });
        expect((await registry.ensureRun(runSpec("run"))).closed).toBe(true);
      });

      test("runs of a model, oldest first", async () => {
        const ids = [await makeRun("c"), await makeRun("a"), await makeRun("b")];
        await makeRun("x", "another");
        expect((await registry.listRuns("demand")).map((run) => run.runId)).toEqual(ids);
        await registry.logRun(ids[0]!, { tags: { touched: "yes" } });
        expect((await registry.listRuns("demand")).map((run) => run.runId)).toEqual(ids);
        expect(await registry.listRuns("unknown")).toEqual([]);
      });

      test("a run that is not there", async () => {
        const missing = failsWith("registry.run-missing", { runId: "nope" });
        expect(await registry.getRun("nope")).toBeNull();
        await expect(registry.logRun("nope", {})).rejects.toMatchObject(missing);
        await expect(registry.closeRun("nope", {})).rejects.toMatchObject(missing);
        await expect(registry.putArtifacts("nope", [])).rejects.toMatchObject(missing);
        await expect(registry.listArtifacts("nope")).rejects.toMatchObject(missing);
        await expect(registry.readArtifact("nope", "a")).rejects.toMatchObject(missing);
      });
    });

    describe("parts of a run", () => {
      const makePart = (parent: string, key: string, name = key) =>
        registry.ensureRun({ ...runSpec(key), name, parent });

      test("a part names its parent, takes values and files like any run, and is no run in the list", async () => {
        const runId = await makeRun();
        const part = await makePart(runId, "part 1", "fold 1 \u00b7 cutoff 2024-12");
        expect(part).toMatchObject({ key: "part 1", name: "fold 1 \u00b7 cutoff 2024-12", closed: false });
        expect(part.parent).toBe(runId);
        expect(part.runId).not.toBe(runId);
        await registry.logRun(part.runId, { params: { cutoff: "2024-12" }, metrics: { "cv.wmape": 0.125 } });
        await registry.putArtifacts(part.runId, [await file("a/b", "of the part")]);
        await registry.closeRun(part.runId, { done: "yes" });
        expect(await registry.getRun(part.runId)).toMatchObject({
          ...part,
          closed: true,
          params: { cutoff: "2024-12" },
          metrics: { "cv.wmape": 0.125 },
          tags: { "retrain.quarter": "2025Q1", done: "yes" },
        });
        expect(text(await registry.readArtifact(part.runId, "a/b"))).toBe("of the part");
        expect(await registry.listArtifacts(runId)).toEqual([]);
        expect((await registry.listRuns("demand")).map((run) => run.runId)).toEqual([runId]);
        expect(await registry.getRun(runId)).toMatchObject({ closed: false, params: {}, metrics: {} });
      });

      test("values that close a run are there with it, and the tags of an earlier close stay", async () => {
        const runId = await makeRun();
        const part = await makePart(runId, "part 1", "fold 1");
        const values = { params: { fold: "1" }, metrics: { wmape: 0.25 }, tags: { sort: "fold" } };
        await registry.logRun(part.runId, { ...values, close: true });
        expect(await registry.getRun(part.runId)).toMatchObject({ ...values, closed: true });
        expect(await registry.getRun(runId)).toMatchObject({ closed: false });
        await registry.closeRun(runId, { verdict: "promoted" });
        await registry.logRun(runId, { metrics: { late: 1 } });
        expect(await registry.getRun(runId)).toMatchObject({
          closed: true,
          tags: { verdict: "promoted" },
          metrics: { late: 1 },
        });
      });

      test("parts in the order in which they were made, each as getRun gives it, one a key", async () => {
        const [runId, another] = [await makeRun(), await makeRun("another run")];
        const parts = [];
        for (const key of ["c", "a", "b"]) parts.push(await makePart(runId, key));
        const elsewhere = await makePart(another, "d");
        expect(await makePart(runId, "a", "another name")).toEqual(parts[1]);
        await registry.logRun(parts[0]!.runId, { metrics: { m: 1 } });
        await registry.closeRun(parts[2]!.runId, {});
        const details = await registry.runDetails(runId);
        expect(details.parts.map(({ key }) => key)).toEqual(["c", "a", "b"]);
        for (const part of details.parts) expect(part).toEqual(await registry.getRun(part.runId));
        expect((await registry.runDetails(another)).parts.map((part) => part.runId)).toEqual([
          elsewhere.runId,
        ]);
        expect((await registry.runDetails(elsewhere.runId)).parts).toEqual([]);
      });

      test("the parent of a part must be there, and so must a run whose details are asked for", async () => {
        const missing = failsWith("registry.run-missing", { runId: "nope" });
        await expect(makePart("nope", "part")).rejects.toMatchObject(missing);
        await expect(registry.runDetails("nope")).rejects.toMatchObject(missing);
        expect(await registry.listRuns("demand")).toEqual([]);
      });
    });

    describe("points and inputs", () => {
      const input = (name: string, more: object = {}) => ({
        name,
        digest: "0123456789abcdef0123456789abcdef",
        source: "fixtures/demand.csv",
        context: "training" as const,
        profile: { rows: 1200, series: 12 },
        ...more,
      });

      test("a new run has none", async () => {
        expect(await registry.runDetails(await makeRun())).toEqual({ points: [], inputs: [], parts: [] });
      });

      test("points come back by name, then step as a number; the highest step is the metric", async () => {
        const runId = await makeRun();
        await registry.logRun(runId, {
          metrics: { plain: 7 },
          points: [
            { name: "lead.wmape", step: 10, value: 0.1 },
            { name: "lead.wmape", step: 2, value: 0.30000000000000004 },
            { name: "Lead.wmape", step: 1, value: -1e-9 },
            { name: "lead.wmape", step: 0, value: 0 },
          ],
        });
        expect((await registry.runDetails(runId)).points).toEqual([
          { name: "Lead.wmape", step: 1, value: -1e-9 },
          { name: "lead.wmape", step: 0, value: 0 },
          { name: "lead.wmape", step: 2, value: 0.30000000000000004 },
          { name: "lead.wmape", step: 10, value: 0.1 },
        ]);
        expect((await registry.getRun(runId))!.metrics).toEqual({
          plain: 7,
          "lead.wmape": 0.1,
          "Lead.wmape": -1e-9,
        });
      });

      test("points merge, the later value of a name and step wins, and saying it twice changes nothing", async () => {
        const runId = await makeRun();
        const [one, two, three] = [1, 2, 3].map((step) => ({ name: "m", step, value: step / 8 }));
        await registry.logRun(runId, { points: [one!, three!] });
        await registry.logRun(runId, { points: [two!, { ...one!, value: 9 }] });
        await registry.logRun(runId, { points: [two!, { ...one!, value: 9 }] });
        expect((await registry.runDetails(runId)).points).toEqual([{ ...one!, value: 9 }, two, three]);
        // The highest step counts, not what was said last.
        expect((await registry.getRun(runId))!.metrics).toEqual({ m: 0.375 });
        await registry.logRun(runId, { points: [{ ...three!, value: 5 }], tags: { t: "1" } });
        expect((await registry.getRun(runId))!.metrics).toEqual({ m: 5 });
        expect((await registry.runDetails(runId)).points).toHaveLength(3);
      });

      test("hundreds of points in one call", async () => {
        const runId = await makeRun();
        const points = Array.from({ length: 1200 }, (_, index) => ({
          name: `m${String(index % 3)}`,
          step: Math.floor(index / 3),
          value: index / 7,
        }));
        await registry.logRun(runId, { points });
        const expected = points.toSorted((a, b) =>
          a.name === b.name ? a.step - b.step : a.name < b.name ? -1 : 1,
        );
        expect((await registry.runDetails(runId)).points).toEqual(expected);
      });

      test.each([1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
        "step %d is refused, and nothing of the call is kept",
        async (step) => {
          const runId = await makeRun();
          const points = [
            { name: "m", step: 1, value: 1 },
            { name: "m", step, value: 2 },
          ];
          await expect(registry.logRun(runId, { points, params: { p: "1" } })).rejects.toThrow();
          expect((await registry.runDetails(runId)).points).toEqual([]);
          expect(await registry.getRun(runId)).toMatchObject({ metrics: {}, params: {} });
        },
      );

      test("values that no registry holds as they are get refused", async () => {
        const runId = await makeRun();
        for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
          await expect(registry.logRun(runId, { points: [{ name: "m", step: 1, value }] })).rejects.toThrow();
          await expect(registry.logRun(runId, { metrics: { m: value } })).rejects.toThrow();
        }
        const inputs = [input("long", { digest: "d".repeat(37) })];
        await expect(registry.logRun(runId, { inputs })).rejects.toThrow();
        expect(await registry.runDetails(runId)).toEqual({ points: [], inputs: [], parts: [] });
      });

      test("inputs come back by name, the later one of a name wins", async () => {
        const runId = await makeRun();
        await registry.logRun(runId, {
          inputs: [input("Zimmer-N\u00e4chte.csv"), input("b", { digest: "d".repeat(36) })],
        });
        await registry.logRun(runId, { inputs: [input("A", { context: "evaluation", profile: {} })] });
        const replaced = input("b", { digest: "0", source: "s\u00fcd/b.csv", profile: { periods: 0 } });
        await registry.logRun(runId, { inputs: [replaced] });
        await registry.logRun(runId, { inputs: [replaced] });
        expect((await registry.runDetails(runId)).inputs).toEqual([
          input("A", { context: "evaluation", profile: {} }),
          input("Zimmer-N\u00e4chte.csv"),
          replaced,
        ]);
      });
    });

    describe("what is copied from another registry", () => {
      const then = "2020-01-02T03:04:05.678Z";

      test("a run keeps its time, and stands where it was made", async () => {
        const fresh = await makeRun("fresh");
        const copied = await registry.ensureRun({
          ...runSpec("copied", "demand", "2019Q4"),
          createdAt: then,
        });
        expect(copied.createdAt).toBe(then);
        expect((await registry.getRun(copied.runId))?.createdAt).toBe(then);
        expect((await registry.listRuns("demand")).map((run) => run.runId)).toEqual([copied.runId, fresh]);
        const again = await registry.ensureRun({
          ...runSpec("copied"),
          createdAt: "2021-01-01T00:00:00.000Z",
        });
        expect(again).toEqual(copied);
      });

      test("a version and an alias move keep their time", async () => {
        const runId = await makeRun();
        const spec = { name: "demand", key: "k", runId, description: "", tags: {} };
        expect((await registry.ensureVersion({ ...spec, createdAt: then })).createdAt).toBe(then);
        expect((await registry.getVersion("demand", "1"))?.createdAt).toBe(then);
        const request = { name: "demand", alias: "best", to: "1", by: "b", reason: "r", decision: null };
        const result = await registry.moveAlias({ ...request, key: "k", at: then });
        expect(result).toMatchObject({ outcome: "moved", move: { at: then } });
        expect((await registry.aliasHistory("demand")).map(({ at }) => at)).toEqual([then]);
      });
    });

    describe("artifacts", () => {
      test("files come back by path, listed in code unit order", async () => {
        const runId = await makeRun();
        expect(await registry.listArtifacts(runId)).toEqual([]);
        await registry.putArtifacts(runId, [await file("b/x.json", "1"), await file("a.txt", "ä")]);
        await registry.putArtifacts(runId, [await file("b/Y.bin", new Uint8Array([0, 255, 10]))]);
        expect(await registry.listArtifacts(runId)).toEqual(["a.txt", "b/Y.bin", "b/x.json"]);
        expect(text(await registry.readArtifact(runId, "a.txt"))).toBe("ä");
        expect([...(await registry.readArtifact(runId, "b/Y.bin"))]).toEqual([0, 255, 10]);
      });

      test("the source may change or go after the put; a second put replaces", async () => {
        const runId = await makeRun();
        const put = await file("a", "first");
        await registry.putArtifacts(runId, [put]);
        await writeFile(put.source, "changed");
        expect(text(await registry.readArtifact(runId, "a"))).toBe("first");
        await registry.putArtifacts(runId, [put]);
        await rm(put.source);
        expect(text(await registry.readArtifact(runId, "a"))).toBe("changed");
        expect(await registry.listArtifacts(runId)).toEqual(["a"]);
      });

      test("a big file", async () => {
        const runId = await makeRun();
        const big = new Uint8Array(20_000_000).map((_, index) => (index * 7919) >> 3);
        await registry.putArtifacts(runId, [await file("big.bin", big)]);
        expect(Buffer.compare(await registry.readArtifact(runId, "big.bin"), big)).toBe(0);
      });

      test("a file that is not there, and paths that leave the run", async () => {
        const runId = await makeRun();
        await expect(registry.readArtifact(runId, "none/x")).rejects.toMatchObject(
          failsWith("registry.file-missing", { path: "none/x" }),
        );
        const { source } = await file("x", "1");
        for (const path of ["../x", "/x", "a//b", "a/./b", "a/..", "", "a\\b"]) {
          const invalid = failsWith("registry.name-invalid", { name: path });
          await expect(registry.putArtifacts(runId, [{ path, source }])).rejects.toMatchObject(invalid);
          await expect(registry.readArtifact(runId, path)).rejects.toMatchObject(invalid);
        }
        const gone = join(folder, "gone");
        await expect(registry.putArtifacts(runId, [{ path: "x", source: gone }])).rejects.toMatchObject(
          failsWith("registry.file-missing", { path: gone }),
        );
        expect(await registry.listArtifacts(runId)).toEqual([]);
      });
    });

    describe("versions", () => {
      test("numbers count from 1 for each model", async () => {
        const versions = [await makeVersion("a"), await makeVersion("b"), await makeVersion("c", "other")];
        expect(versions.map(({ name, version }) => `${name} ${version}`)).toEqual([
          "demand 1",
          "demand 2",
          "other 1",
        ]);
        expect(versions[0]).toMatchObject({
          status: "pending",
          digest: null,
          description: "a",
          tags: { key: "a" },
        });
        expect(await registry.listVersions("demand")).toEqual(versions.slice(0, 2));
        expect(await registry.getVersion("demand", "2")).toEqual(versions[1]);
      });

      test("numbers are sorted as numbers", async () => {
        const runId = await makeRun();
        const make = (key: string) =>
          registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} });
        for (let index = 1; index <= 11; index++) await make(`key ${index}`);
        const numbers = (await registry.listVersions("demand")).map(({ version }) => Number(version));
        expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      });

      test("one version a key", async () => {
        const first = await makeVersion("a");
        await makeVersion("b");
        expect(await makeVersion("a")).toEqual(first);
        expect(await registry.listVersions("demand")).toHaveLength(2);
      });

      test("a version needs its run", async () => {
        const spec = { name: "demand", key: "k", runId: "nope", description: "", tags: {} };
        await expect(registry.ensureVersion(spec)).rejects.toMatchObject(failsWith("registry.run-missing"));
        expect(await registry.listVersions("demand")).toEqual([]);
      });

      test("attaching a model makes the version ready, once and for ever", async () => {
        const { version } = await makeVersion("a");
        await expect(registry.readModelFile("demand", version, "model.onnx")).rejects.toMatchObject(
          failsWith("registry.file-missing"),
        );
        const { files, digest } = await model({ "model.onnx": "graph", "deep/state.bin": "state" });
        const ready = await registry.attachModel("demand", version, files, digest);
        expect(ready).toMatchObject({ version, status: "ready", digest, key: "a" });
        expect(await registry.getVersion("demand", version)).toEqual(ready);
        expect(text(await registry.readModelFile("demand", version, "deep/state.bin"))).toBe("state");

        expect(await registry.attachModel("demand", version, files, digest)).toEqual(ready);
        const other = await model({ "model.onnx": "another graph" });
        await expect(
          registry.attachModel("demand", version, other.files, other.digest),
        ).rejects.toMatchObject(
          failsWith("registry.model-immutable", {
            name: "demand",
            version,
            expected: digest,
            actual: other.digest,
          }),
        );
        expect(text(await registry.readModelFile("demand", version, "model.onnx"))).toBe("graph");
        expect(await makeVersion("a")).toEqual(ready);
      });

      describe("bytes that are not those that were attached", () => {
        const CONTENTS = {
          "model.onnx": "a graph of some bytes",
          "deep/state.bin": "state",
          MLmodel: "flavors",
        };
        const flip = (bytes: Uint8Array) => bytes.with(3, bytes[3]! ^ 4);
        const CHANGES: readonly [string, (bytes: Uint8Array) => Uint8Array | "gone" | "folder", string][] = [
          ["cut", (bytes) => bytes.slice(0, -2), "changed"],
          ["with a bit flipped", flip, "changed"],
          ["longer", (bytes) => Buffer.concat([bytes, Buffer.from("\n")]), "changed"],
          ["empty", () => new Uint8Array(), "changed"],
          ["gone", () => "gone", "missing"],
          ["a folder", () => "folder", "unreadable"],
        ];
        const cases = [...Object.keys(CONTENTS), "manifest.json"].flatMap((path) =>
          CHANGES.map(([what, change, problem]) => ({ path, what, change, problem })),
        );
        // On a server, where a test is some hundred calls, each file and each change for every change, and by night all of them.
        const TYPICAL: Readonly<Record<string, readonly string[]>> = {
          "model.onnx": ["with a bit flipped", "gone", "a folder"],
          "deep/state.bin": ["cut", "longer"],
          MLmodel: ["empty"],
          "manifest.json": ["with a bit flipped", "gone"],
        };
        const tried = name.startsWith("mlflow")
          ? chosen(cases, ({ path, what }) => TYPICAL[path]!.includes(what))
          : cases;

        test.each(tried)("$path $what: it is named, and attaching again puts it right", async (given) => {
          const { path, change, problem } = given;
          const { version } = await makeVersion("a");
          const { files, digest } = await model(CONTENTS);
          const ready = await registry.attachModel("demand", version, files, digest);
          expect(await damageOf(registry, ready)).toBeNull();
          const whole = await readFile(files.find((one) => one.path === path)!.source);
          await tamper(join(folder, "registry"), version, path, change(whole));

          const seen = await makeRegistry(join(folder, "registry"));
          const damage = { code: "registry.version-damaged", name: "demand", version, role: null };
          const found = { ...damage, files: [{ path, problem }] };
          await expect(seen.readModelFile("demand", version, path)).rejects.toMatchObject({ failure: found });
          expect(await damageOf(seen, ready)).toMatchObject(found);
          const other = path === "model.onnx" ? "deep/state.bin" : "model.onnx";
          if (path !== "manifest.json")
            expect(text(await seen.readModelFile("demand", version, other))).toBe(CONTENTS[other]);

          expect(await seen.attachModel("demand", version, files, digest)).toEqual(ready);
          for (const reader of [seen, await makeRegistry(join(folder, "registry"))]) {
            expect(await damageOf(reader, ready)).toBeNull();
            for (const [name, content] of Object.entries(CONTENTS))
              expect(text(await reader.readModelFile("demand", version, name))).toBe(content);
          }
        });

        test("several files: each is named, and a file that it never had is none of them", async () => {
          const { version } = await makeVersion("a");
          const { files, digest } = await model(CONTENTS);
          const ready = await registry.attachModel("demand", version, files, digest);
          await tamper(join(folder, "registry"), version, "MLmodel", "gone");
          await tamper(join(folder, "registry"), version, "model.onnx", new Uint8Array([1]));
          const damage = await damageOf(registry, ready);
          expect(damage?.files).toEqual([
            { path: "model.onnx", problem: "changed" },
            { path: "MLmodel", problem: "missing" },
          ]);
          await expect(registry.readModelFile("demand", version, "never")).rejects.toMatchObject(
            failsWith("registry.file-missing", { path: "never" }),
          );
          const other = await model({ "model.onnx": "another" });
          await expect(
            registry.attachModel("demand", version, other.files, other.digest),
          ).rejects.toMatchObject(failsWith("registry.model-immutable"));
        });
      });

      test("a version that is not there", async () => {
        await makeVersion("a");
        for (const version of ["2", "0", "01", "x", "../1"]) {
          expect(await registry.getVersion("demand", version)).toBeNull();
          const missing = failsWith("registry.version-missing", { name: "demand", version });
          await expect(registry.attachModel("demand", version, [], "d")).rejects.toMatchObject(missing);
          await expect(registry.readModelFile("demand", version, "x")).rejects.toMatchObject(missing);
        }
        expect(await registry.listVersions("unknown")).toEqual([]);
        expect(await registry.getVersion("unknown", "1")).toBeNull();
      });
    });

    describe("aliases", () => {
      test("a move is on record with all that was said", async () => {
        await makeVersion("a");
        const result = await move("1", "k1", { expected: null });
        expect(result).toMatchObject({
          outcome: "moved",
          move: {
            alias: "best",
            from: null,
            to: "1",
            by: "tester",
            reason: "because k1",
            decision: "sha256:k1",
            key: "k1",
          },
        });
        expect(await registry.getAlias("demand", "best")).toBe("1");
        expect(await registry.aliasHistory("demand")).toEqual([result.outcome === "moved" && result.move]);
      });

      test("a move says which model it was about, as the version was then", async () => {
        const runId = await makeRun();
        const tags = { "retrain.identity": "sha256:i", "retrain.panel": "p", "retrain.training": "t" };
        const spec = { name: "demand", runId, description: "" };
        const { version } = await registry.ensureVersion({ ...spec, key: "whole", tags });
        const bare = await registry.ensureVersion({ ...spec, key: "bare", tags: {} });
        await move(version, "k1", { alias: "candidate" });
        await registry.attachModel("demand", version, [await file("m", "graph")], "sha256:d");
        await move(version, "k2");
        await move(bare.version, "k3");
        // Of a move that is copied the registry where it was made knows better.
        const model = { identity: "sha256:there", digest: null };
        const copied = {
          name: "demand",
          alias: "best",
          to: "1",
          by: "b",
          reason: "r",
          decision: null,
          key: "k4",
        };
        await registry.moveAlias({ ...copied, model });
        const made = { panel: "p", training: "t" };
        const reopened = await makeRegistry(join(folder, "registry"));
        expect((await reopened.aliasHistory("demand")).map((one) => one.model)).toEqual([
          { identity: "sha256:i", digest: null, made },
          { identity: "sha256:i", digest: "sha256:d", made },
          { identity: null, digest: null },
          model,
        ]);
      });

      test("history keeps every move of every alias, oldest first", async () => {
        for (const key of ["a", "b", "c"]) await makeVersion(key);
        await move("1", "k1");
        await move("3", "k2", { alias: "candidate" });
        await move("2", "k3");
        await move("1", "k4");
        const history = await registry.aliasHistory("demand");
        expect(history.map(({ alias, from, to }) => [alias, from, to])).toEqual([
          ["best", null, "1"],
          ["candidate", null, "3"],
          ["best", "1", "2"],
          ["best", "2", "1"],
        ]);
        expect(await registry.getAlias("demand", "best")).toBe("1");
        expect(await registry.getAlias("demand", "candidate")).toBe("3");
        expect(await registry.aliasHistory("unknown")).toEqual([]);
        expect(await registry.getAlias("unknown", "best")).toBeNull();
        expect(await registry.getAlias("demand", "none")).toBeNull();
      });

      test("the trail has an end for each move, and keeps those that it had", async () => {
        expect(await registry.trail("demand")).toEqual([]);
        for (const key of ["a", "b"]) await makeVersion(key);
        const ends: TrailEnd[] = [];
        for (const [i, to] of ["1", "2", "1"].entries()) {
          await move(to, `k${i}`);
          ends.push((await registry.trail("demand")).at(-1)!);
        }
        expect(new Set(ends.map(({ hash }) => hash)).size).toBe(3);
        expect(ends.every(({ length }, i) => i === 0 || length > ends[i - 1]!.length)).toBe(true);
        const reopened = await makeRegistry(join(folder, "registry"));
        expect(await reopened.trail("demand")).toEqual(ends);
      });

      test("compare-and-set: a champion that moved is a conflict, and nothing changes", async () => {
        for (const key of ["a", "b", "c"]) await makeVersion(key);
        await move("1", "k1", { expected: null });
        expect(await move("2", "k2", { expected: null })).toEqual({ outcome: "conflict", current: "1" });
        expect(await move("2", "k2", { expected: "3" })).toEqual({ outcome: "conflict", current: "1" });
        expect(await registry.getAlias("demand", "best")).toBe("1");
        expect(await registry.aliasHistory("demand")).toHaveLength(1);
        // The key of a refused move is free: the same request goes through when the champion fits.
        expect(await move("2", "k2", { expected: "1" })).toMatchObject({ outcome: "moved" });
      });

      test("one move a key, wherever the alias points by then", async () => {
        for (const key of ["a", "b"]) await makeVersion(key);
        const first = await move("1", "k1", { expected: null });
        await move("2", "k2");
        const again = await move("1", "k1", { expected: null });
        expect(again).toEqual({ ...first, outcome: "already" });
        expect(await registry.getAlias("demand", "best")).toBe("2");
        expect(await registry.aliasHistory("demand")).toHaveLength(2);
      });

      test("an alias cannot name a version that is not there, or have a reserved name", async () => {
        await makeVersion("a");
        await expect(move("2", "k")).rejects.toMatchObject(
          failsWith("registry.version-missing", { name: "demand", version: "2" }),
        );
        for (const alias of ["latest", "Latest", "v1", "V22", "", "a/b", "a b", "a:b"]) {
          await expect(move("1", "k", { alias })).rejects.toMatchObject(
            failsWith("registry.name-invalid", { name: alias }),
          );
        }
        expect(await registry.aliasHistory("demand")).toEqual([]);
        expect(await move("1", "k", { alias: "b\u00e9-2_x" })).toMatchObject({ outcome: "moved" });
      });
    });

    describe("names", () => {
      test.each([
        "Zimmer-Nächte",
        "売上 予測",
        "a.b_c-d",
        "100% (new)*?",
        "🙂",
        "n".repeat(250),
        "ü".repeat(250),
      ])("model %s", async (model) => {
        const { name, version } = await makeVersion("a", model);
        const { files, digest } = await modelFiles(folder, { m: "graph" });
        await registry.attachModel(model, version, files, digest);
        await move("1", "k", { name: model });
        expect(name).toBe(model);
        expect(text(await registry.readModelFile(model, "1", "m"))).toBe("graph");
        expect(await registry.getAlias(model, "best")).toBe("1");
        expect(await registry.listRuns(model)).toHaveLength(1);
      });

      test("models whose names look alike stay apart", async () => {
        for (const model of ["a b", "a%20b", "a+b", `${"ü".repeat(249)}a`, `${"ü".repeat(249)}b`]) {
          expect((await makeVersion("k", model)).version).toBe("1");
        }
      });

      test.each(["", "a/b", "a:b", ".hidden", "..", "a\nb", "n".repeat(251)])(
        "refused: %j",
        async (model) => {
          await expect(registry.ensureRun(runSpec("k", model))).rejects.toMatchObject(
            failsWith("registry.name-invalid", { name: model }),
          );
        },
      );
    });

    describe("concurrency and reopening", () => {
      test("many callers at once: one run, contiguous versions, one winner of each compare-and-set", async () => {
        const runId = await makeRun();
        const others = await Promise.all(Array.from({ length: 6 }, () => makeRun()));
        expect(new Set([runId, ...others]).size).toBe(1);

        const keys = Array.from({ length: 12 }, (_, index) => `key ${index % 6}`);
        const versions = await Promise.all(
          keys.map((key) =>
            registry.ensureVersion({ name: "demand", key, runId, description: "", tags: {} }),
          ),
        );
        expect(versions.map(({ key }) => key)).toEqual(keys);
        expect([...new Set(versions.map(({ version }) => Number(version)))].sort()).toEqual([
          1, 2, 3, 4, 5, 6,
        ]);

        const moves = await Promise.all(
          versions.slice(0, 6).map(({ version }) => move(version, `move ${version}`, { expected: null })),
        );
        expect(moves.filter(({ outcome }) => outcome === "moved")).toHaveLength(1);
        expect(await registry.aliasHistory("demand")).toHaveLength(1);
      });

      test("everything is there for the next process", async () => {
        const { version, runId } = await makeVersion("a");
        const { files, digest } = await model({ m: "graph" });
        await registry.attachModel("demand", version, files, digest);
        await registry.putArtifacts(runId, [await file("x/y", "1")]);
        const { runId: part } = await registry.ensureRun({ ...runSpec("part"), parent: runId });
        const points = [{ name: "m", step: 1, value: 0.5 }];
        await registry.logRun(part, { params: { p: "1" }, points });
        const dataset = { name: "panel", digest: "d", source: "s", context: "training" as const };
        await registry.logRun(runId, { points, inputs: [{ ...dataset, profile: { rows: 3 } }] });
        await registry.closeRun(runId, { t: "1" });
        await move(version, "k");
        const reopened = await makeRegistry(join(folder, "registry"));
        expect(await reopened.getRun(runId)).toEqual(await registry.getRun(runId));
        const details = await reopened.runDetails(runId);
        expect(details).toEqual(await registry.runDetails(runId));
        expect(details).toMatchObject({
          points,
          inputs: [dataset],
          parts: [{ runId: part, params: { p: "1" } }],
        });
        expect((await reopened.runDetails(part)).points).toEqual(points);
        expect(await reopened.listVersions("demand")).toEqual(await registry.listVersions("demand"));
        expect(await reopened.aliasHistory("demand")).toEqual(await registry.aliasHistory("demand"));
        expect(text(await reopened.readModelFile("demand", version, "m"))).toBe("graph");
        expect(text(await reopened.readArtifact(runId, "x/y"))).toBe("1");
      });
    });
  });
}
