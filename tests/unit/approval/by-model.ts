import { describe, expect, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { reject } from "../../../src/approval/reject.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { listApprovals, openOverrides } from "../../../src/history/approvals.js";
import { knownVersion, movesOf, withdrawalOfVersion } from "../../../src/history/model-moves.js";
import type { ModelRegistry, ModelVersion } from "../../../src/kit/registry.js";
import { refusalOf } from "./answers.js";
import { ALIAS, ANYBODY, type ApprovalBench, type ModelAs, NOW, words } from "./approval-bench.js";

const said = { by: "Ada", reason: "wrong" };
const MODEL: ModelAs = { identity: "sha256:i", about: "first" };
const PASSED = { verdict: "pass" as const, rules: [] };
const unedited = () => undefined;

/** The model of version 2 again, as another number may come to mean it, and models that it is not. */
export const AGAIN: [string, ModelAs, boolean][] = [
  ["with its identity, in the directory of another program", { identity: "sha256:i", about: "second" }, true],
  ["with its bytes, registered before there were identities", { identity: null, about: "first" }, true],
  ["with its bytes, from rows that no step used", { identity: "sha256:other", about: "first" }, true],
  ["of another identity", { identity: "sha256:other", about: "second" }, false],
  ["of other bytes, registered before there were identities", { identity: null, about: "second" }, false],
];

/** What people decided about a model holds for it under every number, and for no other model: over every registry. */
export function decisionsByModel(open: () => Promise<ApprovalBench>, again = AGAIN): void {
  /** Version 1 is live; version 2 is `MODEL`, and its gate refused it. */
  async function begin() {
    const bench = await open();
    const one = await bench.version("r1");
    await bench.promote(one);
    const two = await bench.version("r2", unedited, MODEL);
    await bench.escalate(two, one.version);
    return { bench, one, two };
  }
  const withdrawal = async ({ registry, model }: ApprovalBench, version: string) => {
    const found = (await registry.getVersion(model, version))!;
    return withdrawalOfVersion(registry, await movesOf(registry, model), ALIAS, found);
  };
  const back = async (bench: ApprovalBench, to: string | null = null, registry = bench.registry) => {
    const plan = await planRollback(registry, { model: bench.model, alias: ALIAS, to }, said);
    return isPlan(plan) ? rollBack(registry, plan, said) : plan;
  };
  const overrides = async ({ registry, model }: ApprovalBench, version: string) => {
    const found = (await registry.getVersion(model, version))!;
    const moves = await movesOf(registry, model);
    const open = openOverrides(await listApprovals(registry, model), moves, {
      alias: ALIAS,
      version: knownVersion(found),
    });
    return open.map(({ by }) => by);
  };

  describe.each(again)("version 3 %s", (_name, as, isSame) => {
    test(`is ${isSame ? "" : "not "}rejected where version 2 was, until somebody approves it`, async () => {
      const { bench, one } = await begin();
      await reject(bench.registry, await bench.subject("r2", "reject"), said);
      expect(await withdrawal(bench, "2")).toMatchObject({ to: "2", by: "Ada" });
      const three = await bench.version("r3", unedited, as);
      expect((await withdrawal(bench, "3")) !== null).toBe(isSame);
      expect(await withdrawal(bench, "1")).toBeNull();

      // A gate that passes it promotes only what is free; a person may say otherwise of a fresh decision.
      await bench.escalate(three, one.version, PASSED);
      const answer = bench
        .subject("r3")
        .then((subject) => approve(bench.registry, subject, ANYBODY, words("Ben"), NOW));
      expect(await refusalOf(answer)).toEqual(isSame ? { outcome: "approved" } : { kind: "gate-passed" });
      if (!isSame) return;
      expect(await withdrawal(bench, "2")).toBeNull();
    });

    test(`is ${isSame ? "" : "not "}withdrawn where version 2 was rolled back, until somebody puts it back`, async () => {
      const { bench, two } = await begin();
      await bench.promote(two);
      await back(bench);
      await bench.version("r3", unedited, as);
      expect((await withdrawal(bench, "3")) !== null).toBe(isSame);
      // Version 3 was never named; the model that it is was.
      const outcome = await refusalOf(back(bench, "3"));
      expect(outcome).toEqual(isSame ? { outcome: "rolled-back" } : { kind: "never-live", version: "3" });
      expect((await withdrawal(bench, "2")) === null).toBe(isSame);
    });

    test(`is ${isSame ? "" : "not "}live by the override by which version 2 was`, async () => {
      const { bench } = await begin();
      await approve(bench.registry, await bench.subject("r2"), ANYBODY, words("Ben"), NOW);
      const { version } = await bench.version("r3", unedited, as);
      expect(await overrides(bench, "2")).toEqual(["Ben"]);
      expect(await overrides(bench, version)).toEqual(isSame ? ["Ben"] : []);
    });
  });

  /** The registry after somebody deleted version 2; `given` is what its number was given to since. */
  const without = (
    { registry, model }: ApprovalBench,
    given: Partial<ModelVersion> | null,
  ): ModelRegistry => {
    const changed = (found: ModelVersion) => (given === null ? null : { ...found, ...given });
    return {
      ...registry,
      getVersion: async (name, version) => {
        const found = await registry.getVersion(name, version);
        return name === model && version === "2" && found !== null ? changed(found) : found;
      },
      listVersions: async (name) => {
        const found = await registry.listVersions(name);
        return found.flatMap((one) => (one.version === "2" ? (changed(one) ?? []) : one));
      },
    };
  };

  test("a model that was deleted and registered again is still what people decided about it", async () => {
    const { bench } = await begin();
    await reject(bench.registry, await bench.subject("r2", "reject"), said);
    await bench.version("r3", unedited, { identity: "sha256:i", about: "second" });
    expect(await withdrawal({ ...bench, registry: without(bench, null) }, "3")).not.toBeNull();
  });

  test("a number that came back is another model: not rejected, and no rollback goes there", async () => {
    const { bench, two } = await begin();
    await bench.promote(two);
    await bench.promote(await bench.version("r3"));
    const given = { digest: "sha256:another", tags: { "retrain.identity": "sha256:another" } };
    const registry = without(bench, given);
    expect(await refusalOf(back(bench, null, registry))).toEqual({ kind: "other-model", version: "2" });
    expect(await refusalOf(back(bench, "2", registry))).toEqual({ kind: "other-model", version: "2" });
    await back(bench, "1");
    await back(bench, "2");
    await back(bench, "1");
    expect(await withdrawal(bench, "2")).not.toBeNull();
    expect(await withdrawal({ ...bench, registry }, "2")).toBeNull();
  });

  test("a rollback finds the version before by its model, where it was registered again", async () => {
    const { bench, two } = await begin();
    await bench.promote(two);
    await bench.promote(await bench.version("r3"));
    await bench.version("r4", unedited, { identity: "sha256:i", about: "second" });
    const registry = without(bench, null);
    expect(await back(bench, null, registry)).toMatchObject({ record: { version: "4", live: "3" } });
  });

  test("a live number that came back is not what the gate compared with", async () => {
    const bench = await open();
    const first = await bench.version("r1");
    const champion = await bench.version("r2");
    await bench.promote(first);
    await bench.promote(champion);
    const candidate = await bench.version("r3");
    const baseline = { version: champion.version, digest: champion.digest };
    await bench.escalate(candidate, champion.version, { baseline });
    const subject = await bench.subject("r3");
    const registry = without(bench, { digest: "sha256:another" });
    expect(await refusalOf(approve(registry, subject, ANYBODY, words("Ben"), NOW))).toEqual({
      kind: "champion-moved",
      baseline: "2",
      live: "2",
    });
    expect(await refusalOf(approve(bench.registry, subject, ANYBODY, words("Ben"), NOW))).toEqual({
      outcome: "approved",
    });
  });
}
