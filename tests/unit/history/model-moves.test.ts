import { describe, expect, test } from "vitest";
import { answerKey, isAbout, rejectedAlias } from "../../../src/history/alias-trail.js";
import { liveSnapshots } from "../../../src/history/live.js";
import { movesOf, withdrawalOfVersion } from "../../../src/history/model-moves.js";
import { type ModelRef, sameModel } from "../../../src/kit/model-ref.js";
import type { AliasMove, ModelRegistry } from "../../../src/kit/registry.js";
import { ALIAS, type ApprovalBench, embeddedBench } from "../approval/approval-bench.js";
import { openPast } from "./past.js";

const MADE = { panel: "p", training: "t" };
const ref = (identity: string | null, digest: string | null, more: Partial<ModelRef> = {}): ModelRef => ({
  identity,
  digest,
  ...more,
});

describe("sameModel", () => {
  test.each<[string, ModelRef, ModelRef, boolean | null]>([
    ["one digest", ref("i", "d"), ref("j", "d"), true],
    ["one identity", ref("i", "d"), ref("i", "e"), true],
    ["one identity, of a version that has no model yet", ref("i", null), ref("i", "e"), true],
    ["two identities", ref("i", "d", { made: MADE }), ref("j", "e", { made: MADE }), false],
    ["made of the same", ref(null, "d", { made: MADE }), ref("i", "e", { made: MADE }), true],
    [
      "of another panel",
      ref(null, "d", { made: MADE }),
      ref("i", "e", { made: { ...MADE, panel: "q" } }),
      false,
    ],
    [
      "of another training",
      ref(null, null, { made: MADE }),
      ref("i", "e", { made: { ...MADE, training: "u" } }),
      false,
    ],
    [
      "of another panel, and yet the files that forecast are the same",
      ref(null, "d", { made: MADE, content: "c" }),
      ref("i", "e", { made: { ...MADE, panel: "q" }, content: "c" }),
      true,
    ],
    ["two digests, and nothing else", ref(null, "d"), ref("i", "e"), false],
    ["nothing in common", ref(null, "d"), ref("i", null), null],
    ["nothing at all", ref(null, null), ref(null, null), null],
  ])("%s", (_, a, b, expected) => {
    expect(sameModel(a, b)).toBe(expected);
    expect(sameModel(b, a)).toBe(expected);
  });

  test("the number decides only where nothing else does", () => {
    const move = (model?: ModelRef) => ({ to: "2", model }) as AliasMove;
    const two = { version: "2", ...ref("i", "d") };
    const three = { version: "3", ...ref("i", "d") };
    const told = [two, three].map((version) => isAbout(move(ref("i", "e")), version));
    expect(told).toEqual([true, true]);
    expect(isAbout(move(ref("j", "e")), two)).toBe(false);
    expect([undefined, ref(null, null)].map((model) => isAbout(move(model), two))).toEqual([true, true]);
    expect(isAbout(move(), three)).toBe(false);
  });
});

/** The registry as the version before wrote it: moves do not say which model they were about. */
const old = (registry: ModelRegistry): ModelRegistry => ({
  ...registry,
  aliasHistory: async (name) => (await registry.aliasHistory(name)).map(({ model: _, ...move }) => move),
});

describe("moves of the version before", () => {
  const reject = ({ registry, model }: ApprovalBench, to: string, decision: string | null = null) =>
    registry.moveAlias({
      ...{ name: model, alias: rejectedAlias(ALIAS), to, by: "Ada", reason: "no", decision },
      key: answerKey(ALIAS, decision ?? "x"),
      at: "2099-01-01T00:00:00Z",
    });
  const isWithdrawn = async (registry: ModelRegistry, version: string) => {
    const moves = await movesOf(registry, "demand");
    const found = (await registry.getVersion("demand", version))!;
    return (await withdrawalOfVersion(registry, moves, ALIAS, found)) !== null;
  };

  test("are about what their version is", async () => {
    const bench = embeddedBench();
    const one = await bench.version("r1");
    await bench.promote(one);
    const registry = old(bench.registry);
    expect((await registry.aliasHistory("demand"))[0]).not.toHaveProperty("model");
    expect(await movesOf(registry, "demand")).toMatchObject([{ to: "1", model: { digest: one.digest } }]);
  });

  test("hold for the model in a directory that only tells other things about it", async () => {
    const bench = embeddedBench();
    await bench.version("r1");
    await reject(bench, "1");
    // Another digest and no identity in common: the graph and the golden predictions are the same.
    await bench.version("r2", () => undefined, { identity: "sha256:i" });
    await bench.version("r3", (files) => void files.set("golden.json", "{}"), { identity: "sha256:j" });
    const registry = old(bench.registry);
    expect([await isWithdrawn(registry, "2"), await isWithdrawn(registry, "3")]).toEqual([true, false]);
    // A directory that cannot be read tells nothing, and stops nothing.
    const unreadable: ModelRegistry = {
      ...registry,
      readModelFile: async (name, version, path) =>
        registry.readModelFile(name, version, version === "1" ? "gone" : path),
    };
    expect(await isWithdrawn(unreadable, "2")).toBe(false);
    expect(await isWithdrawn(unreadable, "1")).toBe(true);
  });

  test("about a version that is gone are about what their decision judged, and its number is another model's", async () => {
    const bench = embeddedBench();
    const one = await bench.version("r1");
    const decision = await bench.escalate(one, null);
    await reject(bench, "1", decision.digest);
    await bench.version("r2", () => undefined, { about: "r1" });
    await bench.version("r3", (files) => void files.set("golden.json", "{}"), { identity: "sha256:j" });
    const registry = old(bench.registry);
    const gone: ModelRegistry = {
      ...registry,
      getVersion: async (name, version) => registry.getVersion(name, version === "1" ? "3" : version),
      listVersions: async (name) => {
        const [, two, three] = await registry.listVersions(name);
        // The number was given again, later than the move.
        return [{ ...three!, version: "1", createdAt: "2099-06-01T00:00:00Z" }, two!];
      },
    };
    expect(await movesOf(gone, "demand")).toMatchObject([
      { to: "1", model: { identity: null, digest: one.digest, made: MADE } },
    ]);
    expect([await isWithdrawn(gone, "2"), await isWithdrawn(gone, "1")]).toEqual([true, false]);
  });
});

test("a quarter was not live because its number came to mean a model that was", async () => {
  const past = await openPast();
  const snapshot = {
    "snapshot/snapshot.json": JSON.stringify({
      ...{ quarter: "2024Q4", cutoff: "2024-12-31", model: "demand", version: "1", horizon: 2 },
      ...{ levels: [], rows: 0, series: 0, sha256: "00" },
    }),
    "snapshot/snapshot.parquet": "x",
  };
  const tags = { "retrain.identity": "sha256:i" };
  const { runId } = await past.run("2024Q4", { files: snapshot, tags });
  const move = (identity: string) =>
    past.registry.moveAlias({
      ...{ name: "demand", alias: "best", to: "1", by: "t", reason: "", decision: null, key: identity },
      model: { identity, digest: null },
    });
  const live = () => liveSnapshots(past.registry, { model: "demand", alias: "best", quarter: "2025Q1" });
  await move("sha256:another");
  expect(await live()).toEqual([]);
  await move("sha256:i");
  expect(await live()).toMatchObject([{ quarter: "2024Q4", runId }]);
});
