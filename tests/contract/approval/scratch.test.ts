import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { scratchRegistry } from "../../../src/registry/scratch.js";
import { answersContract, escalated, refusalOf } from "../../unit/approval/answers.js";
import { ALIAS, ANYBODY, benchOver, NOW, words } from "../../unit/approval/approval-bench.js";
import { AGAIN, decisionsByModel } from "../../unit/approval/by-model.js";
import { adoptionContract, type VandalisedBench } from "../../unit/operations/adoptions.js";

const clock = { now: () => NOW, monotonic: () => 0 };
const WRITES = new Set<string | symbol>([
  "ensureRun",
  "logRun",
  "putArtifacts",
  "closeRun",
  "ensureVersion",
  "attachModel",
  "moveAlias",
]);

/**
 * A scratch registry over one in a folder that made the first changes itself: what it answers is what that one would have answered to all of them.
 * @param before how many changes the registry beneath made
 */
function openAfter(before: number): VandalisedBench & { readonly layers: readonly string[] } {
  const root = mkdtempSync(join(tmpdir(), "retrain-scratch-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const layers = [join(root, "base"), join(root, "scratch")];
  const [base, scratch] = layers.map((folder) => ({ folder, files: nodeFiles(), clock }));
  const beneath = embeddedRegistry(base!, "file:registry");
  const above = scratchRegistry(beneath, scratch!);
  let changes = 0;
  let lost = false;
  const split = new Proxy(above, {
    get(_, name: keyof ModelRegistry) {
      const isBeneath = WRITES.has(name) && changes++ < before;
      return Reflect.get(isBeneath ? beneath : above, name);
    },
  });
  const registry: ModelRegistry = {
    ...above,
    ...Object.fromEntries(
      [...WRITES].map((name) => [
        name,
        (...args: unknown[]) =>
          (split[name as keyof ModelRegistry] as (...args: unknown[]) => unknown)(...args),
      ]),
    ),
    // As a server would answer that lost it: no hand can take the alias from a folder without its history.
    getAlias: async (name, alias) => (lost ? null : above.getAlias(name, alias)),
    async moveAlias({ expected, ...request }) {
      const isKnown = expected !== undefined && !lost;
      const done = await split.moveAlias(isKnown ? { ...request, expected } : request);
      if (done.outcome === "moved") lost = false;
      return done;
    },
  };
  return {
    ...benchOver(registry, "demand", root),
    layers,
    async deleteVersion(version) {
      for (const folder of layers)
        rmSync(join(folder, "models/demand/versions", version), { recursive: true, force: true });
    },
    async loseAlias() {
      lost = true;
    },
  };
}

// A version is made by three changes, and goes live by a fourth.
describe.each([4, 11])(
  "what people decide, on a scratch registry over one that made %i changes",
  (before) => {
    const open = async () => openAfter(before);
    answersContract(open);
    const [same, , , other] = AGAIN;
    decisionsByModel(open, [same!, other!]);
    adoptionContract(open);

    test("bytes count: what was damaged since does not go live", async () => {
      const bench = openAfter(before);
      await escalated(bench);
      for (const folder of bench.layers) {
        const graph = join(folder, "models/demand/versions/2/model/model.onnx");
        if (!existsSync(graph)) continue;
        const bytes = readFileSync(graph);
        bytes[bytes.length >> 1]! ^= 1;
        rmSync(graph);
        writeFileSync(graph, bytes);
      }
      const answer = approve(bench.registry, await bench.subject("r2"), ANYBODY, words("Ada"), NOW);
      expect(await refusalOf(answer)).toMatchObject({
        code: "approval.model-unsound",
        problem: { kind: "file", path: "model.onnx" },
      });
      expect(await bench.registry.getAlias("demand", ALIAS)).toBe("1");
    });

    test("a rollback to a model whose run is gone is recorded in a run of its own", async () => {
      const bench = openAfter(before);
      const one = await bench.version("r1");
      await bench.promote(one);
      await bench.promote(await bench.version("r2"));
      for (const folder of bench.layers)
        rmSync(join(folder, "runs", one.runId), { recursive: true, force: true });
      const said = { by: "Ada", reason: "wrong" };
      const plan = await planRollback(bench.registry, { model: "demand", alias: ALIAS, to: null }, said);
      if (!isPlan(plan)) throw new Error("it was rolled back before");
      expect(await rollBack(bench.registry, plan, said)).toMatchObject({ outcome: "rolled-back" });
      const again = await planRollback(bench.registry, { model: "demand", alias: ALIAS, to: null }, said);
      expect(again).toMatchObject({ outcome: "already", record: { version: "1", by: "Ada" } });
      const records = (await bench.registry.listRuns("demand")).filter(({ quarter }) => quarter === "none");
      expect(records.map(({ name }) => name)).toEqual(["demand@best: rolled back to version 1"]);
    });
  },
);
