import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { notificationLedger } from "../../../src/cli/conclude/notification-ledger.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { openBench, stepType } from "../engine/bench.js";

const KEY = "ab".repeat(32);
const line = (state: "sending" | "delivered" | "failed") =>
  ({ key: KEY, channel: "host-1", decision: "sha256:d", state, attempts: 1, problem: null }) as const;

async function open() {
  const bench = await openBench();
  const { run } = await bench.run([{ id: "panel", type: stepType("panel", {}, { panel: "panel" }) }]);
  const { runId } = await bench.registry.ensureRun({
    key: "k",
    model: "demand",
    name: "n",
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    tags: {},
  });
  const ledgerOf = (registry: ModelRegistry, of = run) =>
    notificationLedger(bench.engine, of, { registry, registryRun: runId });
  const tags = async () => Object.keys((await bench.registry.getRun(runId))!.tags);
  return { bench, run, ledgerOf, tags };
}

describe("the ledger of notifications", () => {
  test("counts only what was delivered", async () => {
    const { bench, ledgerOf } = await open();
    const ledger = ledgerOf(bench.registry);
    for (const state of ["sending", "failed"] as const) {
      await ledger.record(line(state));
      expect(await ledger.delivered(KEY)).toBe(false);
    }
    await ledger.record(line("delivered"));
    expect(await ledger.delivered(KEY)).toBe(true);
    expect(await ledger.delivered("cd".repeat(32))).toBe(false);
  });

  test("is known to later runs of the quarter, and through the registry where the runs are gone", async () => {
    const { bench, run, ledgerOf, tags } = await open();
    await ledgerOf(bench.registry).record(line("delivered"));
    expect(await tags()).toEqual([`retrain.notified.${KEY.slice(0, 16)}`]);
    const later = await bench.run([{ id: "panel", type: stepType("panel", {}, { panel: "panel" }) }], {
      fresh: true,
    });
    expect(later.run.header.run).not.toBe(run.header.run);
    expect(await ledgerOf(bench.registry, later.run).delivered(KEY)).toBe(true);
    await rm(join(run.folder, "notifications.jsonl"));
    await rm(join(run.folder, "notifications.seal.json"));
    expect(await ledgerOf(bench.registry, later.run).delivered(KEY)).toBe(true);
  });

  test("a kill between the two places is made good by the next look", async () => {
    const { bench, ledgerOf, tags } = await open();
    const dying = {
      ...bench.registry,
      logRun: async () => {
        throw new Error("killed");
      },
    };
    await expect(ledgerOf(dying).record(line("delivered"))).rejects.toThrow("killed");
    expect(await tags()).toEqual([]);
    expect(await ledgerOf(bench.registry).delivered(KEY)).toBe(true);
    expect(await tags()).toHaveLength(1);
  });

  test("a kill right after the second place leaves no lock behind the next look", async () => {
    const { bench, ledgerOf, tags } = await open();
    const lock = join(bench.root, "registry/models/demand/lock");
    const ledger = ledgerOf(bench.registry);
    await ledger.record(line("delivered"));
    const before = await bench.registry.listRuns("demand");
    const dead = {
      pid: 4_999_999,
      host: hostname(),
      since: "2025-07-01T00:00:00Z",
      run: "r",
      processStart: null,
    };
    await writeFile(lock, JSON.stringify({ ...dead, token: "t" }));
    expect(await ledger.delivered(KEY)).toBe(true);
    expect(existsSync(lock)).toBe(false);
    expect(await tags()).toHaveLength(1);
    expect(await bench.registry.listRuns("demand")).toEqual(before);
  });

  test("takes lines of several channels at the same time", async () => {
    const { bench, ledgerOf } = await open();
    const ledger = ledgerOf(bench.registry);
    const keys = Array.from({ length: 8 }, (_, i) => String(i).repeat(64));
    await Promise.all(keys.map((key) => ledger.record({ ...line("delivered"), key })));
    for (const key of keys) expect(await ledger.delivered(key)).toBe(true);
  });
});
