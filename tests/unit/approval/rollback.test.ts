import { describe, expect, test } from "vitest";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { listApprovals } from "../../../src/history/approvals.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { diesAt, Killed, refusalOf } from "./answers.js";
import { ALIAS, type ApprovalBench, embeddedBench } from "./approval-bench.js";

const said = { by: "Ada", reason: "services complain" };

async function back(
  { registry, model }: ApprovalBench,
  to: string | null = null,
  words = said,
  over: ModelRegistry = registry,
) {
  const plan = await planRollback(over, { model, alias: ALIAS, to }, words);
  return isPlan(plan) ? rollBack(over, plan, words) : plan;
}

/** Versions 1 to `count`, promoted one after the other. */
async function promoted(count: number): Promise<ApprovalBench> {
  const bench = embeddedBench();
  for (let i = 1; i <= count; i++) await bench.promote(await bench.version(`r${i}`));
  return bench;
}

describe("a rollback", () => {
  test("goes to the version before, says so on record, and once for the same words", async () => {
    const bench = await promoted(3);
    expect(await back(bench)).toMatchObject({
      outcome: "rolled-back",
      golden: { series: expect.any(Number), maxRelative: 0 },
      record: { kind: "rollback", version: "2", live: "3", by: "Ada", decision: null },
    });
    expect(await back(bench)).toMatchObject({ outcome: "already", record: { version: "2" } });
    expect((await bench.trail()).at(-1)).toBe("3→2 by Ada");
    expect(await listApprovals(bench.registry, "demand")).toHaveLength(1);
    const others = { by: "Ada", reason: "still wrong" };
    expect(await back(bench, null, others)).toMatchObject({
      outcome: "rolled-back",
      record: { version: "1" },
    });
    expect((await bench.trail()).slice(-2)).toEqual(["3→2 by Ada", "2→1 by Ada"]);
  });

  test("skips what was rolled back", async () => {
    const bench = await promoted(3);
    await back(bench);
    await bench.promote(await bench.version("r4"));
    expect(await back(bench)).toMatchObject({ record: { live: "4", version: "2" } });
  });

  test("goes to a named version that was live once, forwards too, and to no other", async () => {
    const bench = await promoted(3);
    expect(await back(bench, "1")).toMatchObject({ outcome: "rolled-back", record: { version: "1" } });
    expect(await back(bench, "3")).toMatchObject({ outcome: "rolled-back", record: { version: "3" } });
    await bench.version("r4");
    expect(await refusalOf(back(bench, "4"))).toEqual({ kind: "never-live", version: "4" });
    expect(await refusalOf(back(bench, "3", { by: "Ben", reason: "x" }))).toEqual({
      kind: "live",
      version: "3",
    });
    expect(await refusalOf(back(bench, "9"))).toMatchObject({ code: "registry.version-missing" });
  });

  test("is refused when nothing is live, and when nothing was before", async () => {
    expect(await refusalOf(back(await promoted(0)))).toEqual({ kind: "nothing-live" });
    expect(await refusalOf(back(await promoted(1)))).toEqual({ kind: "nothing-before", live: "1" });
  });

  test("is refused for a version without a model", async () => {
    const bench = await promoted(2);
    const pending: ModelRegistry = {
      ...bench.registry,
      getVersion: async (name, version) => {
        const found = await bench.registry.getVersion(name, version);
        return found === null ? null : { ...found, status: "pending", digest: null };
      },
    };
    expect(await refusalOf(back(bench, null, said, pending))).toEqual({ kind: "pending", version: "1" });
  });

  test("is refused when the version does not forecast what it did; nothing moves", async () => {
    const bench = embeddedBench();
    const one = await bench.version("r1", (files) => {
      const golden = JSON.parse(files.get("golden.json") as string);
      golden.quantiles[0] += 1;
      files.set("golden.json", JSON.stringify(golden));
    });
    await bench.promote(one);
    await bench.promote(await bench.version("r2"));
    expect(await refusalOf(back(bench))).toMatchObject({
      code: "approval.model-unsound",
      version: "1",
      problem: { kind: "golden", lead: 1 },
    });
    expect(await bench.trail()).toEqual(["none→1 by retrain", "1→2 by retrain"]);
    expect(await listApprovals(bench.registry, "demand")).toEqual([]);
  });

  test("a version from before golden predictions were kept goes live by its hashes", async () => {
    const bench = embeddedBench();
    await bench.promote(await bench.version("r1", (files) => void files.delete("golden.json")));
    await bench.promote(await bench.version("r2"));
    expect(await back(bench)).toMatchObject({ outcome: "rolled-back", golden: null });
  });

  test("two people at once from one state: one step back, the other is told", async () => {
    const bench = await promoted(3);
    const asked = { model: "demand", alias: ALIAS, to: null };
    const plans = await Promise.all(
      ["Ada", "Ben"].map((by) => planRollback(bench.registry, asked, { ...said, by })),
    );
    const answers = await Promise.all(
      plans.map((plan, i) =>
        refusalOf(rollBack(bench.registry, plan as never, { ...said, by: ["Ada", "Ben"][i]! })),
      ),
    );
    expect((await bench.trail()).slice(3)).toHaveLength(1);
    expect(JSON.stringify(answers)).toMatch(/rolled-back/);
    expect(answers).toContainEqual({ kind: "moved", expected: "3", live: "2" });
  });

  test("killed at any change, before or after it, and repeated: the same end", async () => {
    const endOf = async ({ registry }: ApprovalBench) => [
      await registry.listRuns("demand"),
      await registry.aliasHistory("demand"),
    ];
    const whole = await promoted(2);
    await back(whole);
    const expected = await endOf(whole);
    let kills = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 0; ; at++) {
        const bench = await promoted(2);
        const killed = await back(bench, null, said, diesAt(bench.registry, at, when)).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!killed) break;
        kills++;
        await back(bench);
        expect(await endOf(bench), `${when} change ${at}`).toEqual(expected);
      }
    }
    expect(kills).toBe(8);
  });
});
