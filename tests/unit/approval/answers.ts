import { expect, test } from "vitest";
import { approve, canApprove } from "../../../src/approval/approve.js";
import { reject } from "../../../src/approval/reject.js";
import { listApprovals, openOverrides } from "../../../src/history/approvals.js";
import type { FailureError } from "../../../src/kit/failure.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { ALIAS, ANYBODY, type ApprovalBench, NOW, TWO, words } from "./approval-bench.js";

const LATER = "2025-07-03T09:00:01.000Z";

/** The refusal that something failed with, or what it came to. */
export const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => ({ outcome: (value as { outcome?: string }).outcome }),
    (error: FailureError) => (error.failure as { refusal?: unknown }).refusal ?? error.failure ?? error,
  );

/** Version 1 is live, version 2 of run `r2` escalated. */
export async function escalated(bench: ApprovalBench) {
  const one = await bench.version("r1");
  await bench.promote(one);
  const two = await bench.version("r2");
  const decision = await bench.escalate(two, one.version);
  return { one, two, decision };
}

/** What holds over every registry. */
export function answersContract(open: () => Promise<ApprovalBench>): void {
  const approveAs = async (
    bench: ApprovalBench,
    by: string,
    policy: Parameters<typeof approve>[2] = ANYBODY,
    now = NOW,
  ) => approve(bench.registry, await bench.subject("r2"), policy, words(by), now);
  const rejectAs = async (bench: ApprovalBench, by: string) =>
    reject(bench.registry, await bench.subject("r2", "reject"), { by, reason: "no" });

  test("an approval moves the alias once, is on record as an override, and the decision stays a fail", async () => {
    const bench = await open();
    const { one, two, decision } = await escalated(bench);
    const done = await approveAs(bench, "Ada");
    expect(done).toMatchObject({ outcome: "approved", live: "2", golden: { maxRelative: 0 }, previous: "1" });
    expect(await approveAs(bench, "Ada")).toMatchObject({ outcome: "already", live: "2", previous: "1" });
    expect(await bench.trail()).toEqual(["none→1 by retrain", "1→2 by Ada"]);

    const approvals = await listApprovals(bench.registry, bench.model);
    expect(approvals).toMatchObject([
      {
        kind: "approval",
        run: "r2",
        registryRun: two.runId,
        version: "2",
        live: "1",
        decision: decision.digest,
        overrides: ["accuracy", "drift"],
        by: "Ada",
        expires: "2025-09-30",
      },
    ]);
    const moves = await bench.registry.aliasHistory(bench.model);
    expect(moves.find(({ to, alias }) => alias === ALIAS && to === "2")).toMatchObject({
      decision: decision.digest,
      reason: "overrides accuracy, drift: the outlier is explained",
    });
    const overriding = (version: string, digest: string) =>
      openOverrides(approvals, moves, { alias: ALIAS, version: { version, digest, identity: null } });
    expect(overriding("2", two.digest)).toEqual(approvals);
    expect(overriding("1", one.digest)).toEqual([]);
    expect((await bench.subject("r2")).decision.verdict).toBe("fail");
    expect(await bench.registry.getRun(two.runId)).toMatchObject({
      tags: { "retrain.verdict": "escalated" },
    });
  });

  test("two people: the first waits, is nobody twice, and the second moves the alias", async () => {
    const bench = await open();
    const { two } = await escalated(bench);
    expect(await approveAs(bench, "Ada", TWO)).toMatchObject({ outcome: "waiting", live: "1" });
    expect(await approveAs(bench, " ada ", TWO)).toMatchObject({ outcome: "already", live: "1" });
    expect(await bench.trail()).toEqual(["none→1 by retrain"]);
    const approvals = await listApprovals(bench.registry, bench.model);
    const moves = await bench.registry.aliasHistory(bench.model);
    expect(approvals).toHaveLength(1);
    const version = { version: "2", digest: two.digest, identity: null };
    expect(openOverrides(approvals, moves, { alias: ALIAS, version })).toEqual([]);
    expect(await approveAs(bench, "佐藤 花子", TWO, LATER)).toMatchObject({ outcome: "approved", live: "2" });
    expect(await bench.trail()).toEqual(["none→1 by retrain", "1→2 by Ada and 佐藤 花子"]);
  });

  test("a rejection closes the run: nobody approves it after", async () => {
    const bench = await open();
    await escalated(bench);
    await approveAs(bench, "Ada", TWO);
    expect(await rejectAs(bench, "Ben")).toMatchObject({ outcome: "rejected", record: { by: "Ben" } });
    expect(await rejectAs(bench, "Cy")).toMatchObject({ outcome: "already", record: { by: "Ben" } });
    expect(await refusalOf(approveAs(bench, "Cy", TWO))).toMatchObject({ kind: "rejected", by: "Ben" });
    expect(await bench.trail()).toEqual(["none→1 by retrain"]);
    expect(await bench.trail("best-rejected")).toEqual(["none→2 by Ben"]);
    const kinds = (await listApprovals(bench.registry, bench.model)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["approval", "rejection"]);
  });

  test("what is promoted is not rejected", async () => {
    const bench = await open();
    await escalated(bench);
    await approveAs(bench, "Ada");
    expect(await refusalOf(rejectAs(bench, "Ben"))).toMatchObject({ kind: "promoted", by: "Ada", live: "2" });
    expect(await bench.trail("best-rejected")).toEqual([]);
  });

  test("refused once the champion moved, also between the look and the move", async () => {
    const bench = await open();
    await escalated(bench);
    const seen = await bench.subject("r2");
    const three = await bench.version("r3");
    await bench.promote(three);
    const moved = { kind: "champion-moved", baseline: "1", live: "3" };
    expect(await refusalOf(approveAs(bench, "Ada"))).toEqual(moved);
    expect(await refusalOf(canApprove(bench.registry, await bench.subject("r2")))).toEqual(moved);
    expect(await refusalOf(approve(bench.registry, seen, ANYBODY, words("Ada"), NOW))).toEqual(moved);
    expect(await bench.trail()).toEqual(["none→1 by retrain", "1→3 by retrain"]);
  });

  test("people at the same time: one move, or one rejection, and never both", async () => {
    const bench = await open();
    await escalated(bench);
    const answers = await Promise.all([
      refusalOf(approveAs(bench, "Ada")),
      refusalOf(approveAs(bench, "Ben")),
      refusalOf(rejectAs(bench, "Cy")),
    ]);
    const approved = (await bench.trail()).length - 1;
    const rejected = (await bench.trail("best-rejected")).length;
    expect(approved + rejected, JSON.stringify(answers)).toBe(1);
    const words = JSON.stringify(answers);
    expect(words).toContain(rejected === 1 ? '"outcome":"rejected"' : '"outcome":"approved"');
    expect(words).not.toContain(rejected === 1 ? '"outcome":"approved"' : '"outcome":"rejected"');
  });
}

/** The process dies at change number `at` of the registry, before it is made or after. */
export function diesAt(registry: ModelRegistry, at: number, when: "before" | "after"): ModelRegistry {
  let count = 0;
  const dying = (change: (...args: never[]) => Promise<unknown>) =>
    (async (...args: never[]) => {
      const isLast = count++ === at;
      if (isLast && when === "before") throw new Killed();
      const result = await change(...args);
      if (isLast) throw new Killed();
      return result;
    }) as never;
  return { ...registry, logRun: dying(registry.logRun), moveAlias: dying(registry.moveAlias) };
}

export class Killed extends Error {}
