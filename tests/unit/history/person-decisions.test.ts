import { describe, expect, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { reject } from "../../../src/approval/reject.js";
import { isPlan, planRollback, rollBack } from "../../../src/approval/rollback.js";
import { decisionsAbout, readWordsOfPeople } from "../../../src/history/person-decisions.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import type { Decision } from "../../../src/kit/artifacts/decision.js";
import { isAnswered } from "../../../src/kit/artifacts/person-decision.js";
import { adopt } from "../../../src/operations/adopt/adopt.js";
import { planAdoption } from "../../../src/operations/adopt/plan.js";
import { decisionSentence, decisionWords, standingDecision } from "../../../src/report/decisions.js";
import {
  ALIAS,
  ANYBODY,
  type ApprovalBench,
  type Candidate,
  embeddedBench,
  NOW,
  TWO,
  words,
} from "../approval/approval-bench.js";

async function about(
  { registry, model }: ApprovalBench,
  { runId }: Candidate,
  { digest }: Pick<Decision, "digest">,
  isMissing = false,
) {
  const run = { alias: ALIAS, registryRun: runId, decision: digest, isMissing };
  return decisionsAbout(await readWordsOfPeople(registry, model), run);
}

/** What is told of the run in the registry itself. */
async function tagsOf({ registry }: ApprovalBench, { runId }: Candidate) {
  const { tags } = (await registry.getRun(runId))!;
  return [RUN_TAGS.decided, RUN_TAGS.decidedBy, RUN_TAGS.decidedAt, RUN_TAGS.decidedWhy].map(
    (tag) => tags[tag],
  );
}

/** Version 1 is live, the run of version 2 escalated. */
async function escalated() {
  const bench = embeddedBench();
  const first = await bench.version("r1");
  await bench.promote(first);
  await bench.registry.closeRun(first.runId, { [RUN_TAGS.version]: "1" });
  const second = await bench.version("r2");
  const decision = await bench.escalate(second, "1");
  return { bench, first, second, decision };
}

const back = async ({ registry, model }: ApprovalBench, said: { by: string; reason: string }) => {
  const plan = await planRollback(registry, { model, alias: ALIAS, to: null }, said);
  return isPlan(plan) ? rollBack(registry, plan, said) : plan;
};

describe("what people decided about a run", () => {
  test("nothing, before anybody has", async () => {
    const { bench, second, decision } = await escalated();
    expect(await about(bench, second, decision)).toEqual([]);
    expect(await tagsOf(bench, second)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("an approval answers it, and what was live changed", async () => {
    const { bench, first, second, decision } = await escalated();
    await approve(bench.registry, await bench.subject("r2"), ANYBODY, words("Ada"), NOW);
    const found = await about(bench, second, decision);
    expect(found).toEqual([
      {
        kind: "approved",
        about: "run",
        effective: true,
        by: "Ada",
        reason: "the outlier is explained",
        at: NOW,
        expires: "2025-09-30",
        live: "2",
      },
    ]);
    expect(isAnswered(found)).toBe(true);
    expect(decisionSentence(found[0]!)).toBe(
      "approved by Ada on 2025-07-03, until 2025-09-30: the outlier is explained",
    );
    expect(await about(bench, first, { digest: "sha256:of 1" })).toEqual([]);
    expect(await tagsOf(bench, second)).toEqual([
      "approved",
      "Ada",
      NOW,
      "overrides accuracy, drift: the outlier is explained",
    ]);
  });

  test("an approval that waits answers nothing", async () => {
    const { bench, second, decision } = await escalated();
    await approve(bench.registry, await bench.subject("r2"), TWO, words("Ada"), NOW);
    const found = await about(bench, second, decision);
    expect(found).toMatchObject([{ kind: "approved", effective: false, live: null }]);
    expect(isAnswered(found)).toBe(false);
    expect(decisionWords(found[0]!)).toBe("approval by Ada, not in effect");
    expect(await tagsOf(bench, second)).toEqual([undefined, undefined, undefined, undefined]);
    await approve(bench.registry, await bench.subject("r2"), TWO, words("Ben"), NOW);
    expect(await about(bench, second, decision)).toMatchObject([
      { effective: true, live: "2" },
      { effective: true, live: "2" },
    ]);
    const [kind, by] = await tagsOf(bench, second);
    expect([kind, by!.split(" and ").sort()]).toEqual(["approved", ["Ada", "Ben"]]);
  });

  test("a rejection answers it, and holds for the model of a later run", async () => {
    const { bench, second, decision } = await escalated();
    await reject(bench.registry, await bench.subject("r2", "reject"), words("Ben", "no"));
    const found = await about(bench, second, decision);
    expect(found).toMatchObject([{ kind: "rejected", about: "run", by: "Ben", reason: "no", live: null }]);
    expect(await about(bench, second, { digest: "sha256:judged again" })).toMatchObject([
      { kind: "rejected", about: "model" },
    ]);
    expect((await tagsOf(bench, second))[0]).toBe("rejected");
  });

  test("a rollback takes one run's model out of service and puts the other's live again", async () => {
    const { bench, first, second, decision } = await escalated();
    await approve(bench.registry, await bench.subject("r2"), ANYBODY, words("Ada"), NOW);
    await back(bench, { by: "Cy", reason: "services complain" });
    const found = await about(bench, second, decision);
    expect(found).toMatchObject([{ kind: "approved" }, { kind: "rolled-back", about: "model", live: "1" }]);
    expect(standingDecision(found)).toMatchObject({ kind: "rolled-back", by: "Cy" });
    expect(await about(bench, first, { digest: "sha256:of 1" })).toMatchObject([
      { kind: "restored", about: "model", by: "Cy", live: "1" },
    ]);
    expect(await tagsOf(bench, second)).toEqual(["rolled-back", "Cy", NOW, "services complain"]);
    expect((await tagsOf(bench, first)).slice(0, 2)).toEqual(["restored", "Cy"]);
  });

  test("an adoption is of the adopted model, and answers a run for which something was gone", async () => {
    const bench = embeddedBench();
    const first = await bench.version("r1");
    const decision = await bench.escalate(first, null);
    const { registry, model } = bench;
    const plan = await planAdoption(registry, { model, alias: ALIAS, version: "1" });
    if ("adopted" in plan) throw new Error("nothing was adopted yet");
    await adopt(registry, plan, ANYBODY, words("Ada"), NOW);
    expect(await about(bench, first, decision)).toMatchObject([
      { kind: "adopted", about: "model", effective: true, live: "1", expires: "2025-09-30" },
    ]);
    expect(await about(bench, first, decision, true)).toMatchObject([{ kind: "adopted", about: "run" }]);
    expect((await tagsOf(bench, first)).slice(0, 2)).toEqual(["adopted", "Ada"]);
  });

  test("a start anew answers a run for which something was gone, and no other", async () => {
    const bench = embeddedBench();
    const first = await bench.version("r1");
    const decision = await bench.escalate(first, null);
    const { registry, model } = bench;
    const plan = await planAdoption(registry, { model, alias: ALIAS, version: null });
    if ("adopted" in plan) throw new Error("nothing was adopted yet");
    expect((await adopt(registry, plan, TWO, words("Ada"), NOW)).outcome).toBe("waiting");
    expect(await about(bench, first, decision, true)).toMatchObject([
      { kind: "left-behind", about: "run", effective: false },
    ]);
    expect((await adopt(registry, plan, TWO, words("Ben"), NOW)).outcome).toBe("left-behind");
    expect(await about(bench, first, decision, true)).toMatchObject([
      { kind: "left-behind", effective: true, live: null },
      { kind: "left-behind", effective: true },
    ]);
    expect(await about(bench, first, decision)).toEqual([]);
  });
});
