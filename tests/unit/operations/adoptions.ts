import { expect, test } from "vitest";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { listApprovals, openOverrides } from "../../../src/history/approvals.js";
import { championOf } from "../../../src/history/champion.js";
import { knownVersion } from "../../../src/history/model-moves.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import type { ApprovalPolicy } from "../../../src/kit/specs.js";
import { adopt } from "../../../src/operations/adopt/adopt.js";
import { planAdoption } from "../../../src/operations/adopt/plan.js";
import { diesAt, Killed, refusalOf } from "../approval/answers.js";
import { ALIAS, ANYBODY, type ApprovalBench, NOW, TWO, words } from "../approval/approval-bench.js";

/** A registry, and hands that do in it what retrain never does. */
export interface VandalisedBench extends ApprovalBench {
  deleteVersion(version: string): Promise<void>;
  /** What the alias names is lost, and its history is not: by whatever means the registry has. */
  loseAlias(): Promise<void>;
}

export async function adoptAs(
  { registry, model }: ApprovalBench,
  version: string | null,
  by = "Ada",
  policy: ApprovalPolicy = ANYBODY,
  over: ModelRegistry = registry,
  now = NOW,
): Promise<string> {
  const plan = await planAdoption(over, { model, alias: ALIAS, version });
  return "adopted" in plan ? "already" : (await adopt(over, plan, policy, words(by), now)).outcome;
}

/** What the quarter after would be judged against. */
export async function champion({ registry, model }: ApprovalBench): Promise<string> {
  const scope = { model, alias: ALIAS, quarter: "2025Q3", candidate: "99", run: "none" };
  const found = await championOf(registry, undefined, scope);
  return found.kind === "sound" ? `sound ${found.model.version}` : found.kind;
}

/** Versions 1 and 2 were promoted, 3 was registered and never live; what was live is gone. */
async function lost(open: () => Promise<VandalisedBench>): Promise<VandalisedBench> {
  const bench = await open();
  for (const name of ["r1", "r2"]) await bench.promote(await bench.version(name));
  await bench.version("r3");
  await bench.deleteVersion("2");
  expect(await champion(bench)).toBe("missing");
  return bench;
}

/** What holds over every registry. */
export function adoptionContract(open: () => Promise<VandalisedBench>): void {
  for (const version of ["1", "3"])
    test(`a version that is there becomes what is live, once, on record as an override: ${version}`, async () => {
      const bench = await lost(open);
      const { registry, model } = bench;
      expect(await adoptAs(bench, version)).toBe("adopted");
      expect(await adoptAs(bench, version)).toBe("already");
      expect(await adoptAs(bench, version, "Ben")).toBe("already");
      expect(await registry.getAlias(model, ALIAS)).toBe(version);
      expect((await bench.trail()).slice(2)).toEqual([expect.stringMatching(`→${version} by Ada$`)]);
      expect(await champion(bench)).toBe(`sound ${version}`);
      const records = await listApprovals(registry, model);
      expect(records).toMatchObject([
        { kind: "adoption", version, by: "Ada", overrides: ["champion-missing"], expires: "2025-09-30" },
      ]);
      const moves = await registry.aliasHistory(model);
      const adopted = knownVersion((await registry.getVersion(model, version))!);
      expect(openOverrides(records, moves, { alias: ALIAS, version: adopted })).toEqual(records);
    });

  test("none: what was live is left behind, once, and the next quarter is a first release", async () => {
    const bench = await lost(open);
    expect(await adoptAs(bench, null)).toBe("left-behind");
    expect(await adoptAs(bench, null)).toBe("already");
    expect(await champion(bench)).toBe("none");
    expect(await bench.trail()).toHaveLength(2);
    expect(await listApprovals(bench.registry, bench.model)).toMatchObject([
      { kind: "adoption", version: "none", by: "Ada" },
    ]);
    // A decision about a quarter is looked for among the runs of quarters.
    await bench.escalate(await bench.version("r4"), null);
    expect((await bench.subject(null)).run).toBe("r4");
    // A person may think better of it, as long as nothing else was promoted.
    expect(await adoptAs(bench, "1")).toBe("adopted");
    expect(await champion(bench)).toBe("sound 1");
  });

  test("an alias that was lost, again and again", async () => {
    const bench = await open();
    await bench.promote(await bench.version("r1"));
    for (const by of ["Ada", "Ben"]) {
      await bench.loseAlias();
      expect(await champion(bench)).toBe("missing");
      expect(await adoptAs(bench, "1", by)).toBe("adopted");
      expect(await champion(bench)).toBe("sound 1");
    }
  });

  test("never over a version that is live, and no version that is not there, has no model, or was rejected", async () => {
    const bench = await open();
    const one = await bench.version("r1");
    await bench.promote(one);
    await bench.version("r2");
    expect(await refusalOf(adoptAs(bench, "2"))).toEqual({ kind: "live", version: "1" });
    expect(await refusalOf(adoptAs(bench, "1"))).toEqual({ kind: "live", version: "1" });
    expect(await refusalOf(adoptAs(bench, null))).toEqual({ kind: "live", version: "1" });
    await bench.deleteVersion("1");
    expect(await refusalOf(adoptAs(bench, "1"))).toMatchObject({ code: "registry.version-missing" });
    const { registry, model } = bench;
    const { version } = await registry.ensureVersion({
      name: model,
      key: "pending",
      runId: one.runId,
      description: "",
      tags: {},
    });
    expect(await refusalOf(adoptAs(bench, version))).toEqual({ kind: "pending", version });
    const moved = {
      name: model,
      alias: `${ALIAS}-rejected`,
      to: "2",
      by: "Eve",
      reason: "no",
      decision: null,
    };
    await registry.moveAlias({ ...moved, key: "rejected" });
    expect(await refusalOf(adoptAs(bench, "2"))).toMatchObject({ kind: "rejected", version: "2", by: "Eve" });
    expect(await champion(bench)).toBe("missing");
  });

  test("approvers count as for an approval: who, how many, and until when", async () => {
    for (const version of ["1", null]) {
      const bench = await lost(open);
      const named = { approvers: ["Ada", "Ben"], required: 2 } as const;
      expect(await refusalOf(adoptAs(bench, version, "Eve", named))).toMatchObject({ kind: "not-approver" });
      expect(await adoptAs(bench, version, "Ada", TWO)).toBe("waiting");
      expect(await adoptAs(bench, version, "ADA", TWO)).toBe("already");
      expect(await champion(bench)).toBe("missing");
      const late = "2025-10-01T00:00:00.000Z";
      expect(await adoptAs(bench, version, "Ben", TWO, bench.registry, late)).toBe("waiting");
      expect(await adoptAs(bench, version, "Ben", TWO)).toBe(version === null ? "left-behind" : "adopted");
      expect(await champion(bench)).toBe(version === null ? "none" : "sound 1");
    }
  });

  test("a rollback goes to the last version that is there, and is the other way out", async () => {
    const bench = await lost(open);
    const { registry, model } = bench;
    const said = { by: "Ada", reason: "2 is lost" };
    const plan = await planRollback(registry, { model, alias: ALIAS, to: null }, said);
    if (!isPlan(plan)) throw new Error("it was rolled back before");
    expect((await rollBack(registry, plan, said)).outcome).toBe("rolled-back");
    expect(await champion(bench)).toBe("sound 1");
  });
}

/** Killed before and after each change, the same words end as if nothing had happened. */
export function adoptionKills(
  open: () => Promise<VandalisedBench>,
  most: number,
  sides: readonly ("before" | "after")[],
): void {
  for (const version of ["1", null])
    for (const when of sides)
      test(`killed ${when} any change, adopting ${version ?? "none"}`, async () => {
        for (let at = 0; at < most; at++) {
          const bench = await lost(open);
          const killed = diesAt(bench.registry, at, when);
          const first = await adoptAs(bench, version, "Ada", ANYBODY, killed).catch(
            (error: unknown) => error,
          );
          if (!(first instanceof Killed)) return expect(at).toBeGreaterThan(1);
          await adoptAs(bench, version);
          expect(await champion(bench)).toBe(version === null ? "none" : "sound 1");
          expect(await listApprovals(bench.registry, bench.model)).toHaveLength(1);
          expect(await bench.trail()).toHaveLength(version === null ? 2 : 3);
        }
        throw new Error(`more than ${most} changes`);
      });
}
