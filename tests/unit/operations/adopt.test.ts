import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { benchOver, NOW } from "../approval/approval-bench.js";
import { adoptAs, adoptionContract, adoptionKills, champion, type VandalisedBench } from "./adoptions.js";

async function open(): Promise<VandalisedBench & { readonly folder: string }> {
  const root = mkdtempSync(join(tmpdir(), "retrain-adopt-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "registry");
  const clock = { now: () => NOW, monotonic: () => 0 };
  const bench = benchOver(
    embeddedRegistry({ folder, files: nodeFiles(), clock }, "file:registry"),
    "demand",
    root,
  );
  const remove = async (path: string) => rmSync(join(folder, path), { recursive: true });
  let lost = false;
  const registry = {
    ...bench.registry,
    // No hand can take the alias from a folder without its history: as a server would answer, once it has lost it.
    getAlias: async (name: string, alias: string) => (lost ? null : bench.registry.getAlias(name, alias)),
    moveAlias: async (request: Parameters<typeof bench.registry.moveAlias>[0]) => {
      const { expected: _, ...rest } = request;
      const done = await bench.registry.moveAlias(lost ? rest : request);
      if (done.outcome === "moved") lost = false;
      return done;
    },
  };
  return {
    ...bench,
    folder,
    registry,
    deleteVersion: (version) => remove(`models/demand/versions/${version}`),
    loseAlias: async () => {
      lost = true;
    },
  };
}

describe("adoption, in a folder", () => {
  adoptionContract(open);
  adoptionKills(open, 6, ["before", "after"]);

  test("a damaged record of moves: the version that a person names is live, and the record can be read again", async () => {
    const { writeFileSync, readFileSync } = await import("node:fs");
    const bench = await open();
    for (const name of ["r1", "r2"]) await bench.promote(await bench.version(name));
    const log = join(bench.folder, "models/demand/alias-log.jsonl");
    writeFileSync(log, readFileSync(log, "utf8").replace("retrain", "rotrain"));
    await expect(bench.registry.getAlias("demand", "best")).rejects.toThrow();
    await expect(adoptAs(bench, null)).rejects.toMatchObject({ failure: { code: "registry.trail-damaged" } });
    expect(await adoptAs(bench, "2")).toBe("adopted");
    expect(await champion(bench)).toBe("sound 2");
  });

  test("a model whose runs were deleted too: the words are kept in a run of their own", async () => {
    const bench = await open();
    for (const name of ["r1", "r2"]) await bench.promote(await bench.version(name));
    rmSync(join(bench.folder, "runs"), { recursive: true });
    await bench.deleteVersion("2");
    expect(await adoptAs(bench, "1")).toBe("adopted");
    expect(await champion(bench)).toBe("sound 1");
  });
});
