import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { approve } from "../../../src/approval/approve.js";
import { reject } from "../../../src/approval/reject.js";
import { findSubject } from "../../../src/approval/subject.js";
import { approvalTag, listApprovals, openOverrides } from "../../../src/history/approvals.js";
import type { Decision } from "../../../src/kit/artifacts/decision.js";
import { answersContract, diesAt, escalated, Killed, refusalOf } from "./answers.js";
import {
  ALIAS,
  ANYBODY,
  type ApprovalBench,
  embeddedBench,
  NOW,
  rule,
  TWO,
  words,
} from "./approval-bench.js";

describe("on the embedded registry", () => answersContract(async () => embeddedBench()));

const approveAs = async (bench: ApprovalBench, by: string, policy: Parameters<typeof approve>[2] = ANYBODY) =>
  approve(bench.registry, await bench.subject("r2"), policy, words(by), NOW);

describe("an approval is refused", () => {
  test.each<[string, Partial<Decision>, unknown]>([
    ["when the gate passed", { verdict: "pass", rules: [rule("accuracy", false)] }, { kind: "gate-passed" }],
    ["when the record was edited", { digest: "sha256:edited" }, { kind: "no-decision" }],
    [
      "when another model was judged",
      { candidate: { version: "2", digest: "sha256:other" } },
      { kind: "model-changed", judged: "sha256:other" },
    ],
    [
      "when another version was live",
      { baseline: { version: "7", digest: null } },
      { kind: "champion-moved", baseline: "7", live: "1" },
    ],
  ])("%s", async (_name, more, refusal) => {
    const bench = embeddedBench();
    const one = await bench.version("r1");
    await bench.promote(one);
    await bench.escalate(await bench.version("r2"), "1", more);
    expect(await refusalOf(approveAs(bench, "Ada"))).toMatchObject(refusal as object);
    expect(await bench.trail()).toEqual(["none→1 by retrain"]);
    expect(await listApprovals(bench.registry, "demand")).toEqual([]);
  });

  test("when the run is open, when the registry has another decision than was seen, and for a stranger", async () => {
    const bench = embeddedBench();
    const { decision } = await escalated(bench);
    await bench.version("r3");
    expect(await refusalOf(bench.subject("r3"))).toEqual({ kind: "unfinished" });
    expect(await refusalOf(bench.subject("r2", "approve", "sha256:seen"))).toEqual({
      kind: "decision-changed",
      seen: "sha256:seen",
      actual: decision.digest,
    });
    expect(await refusalOf(approveAs(bench, "Mallory", { approvers: ["Ada", "Ben"], required: 1 }))).toEqual({
      kind: "not-approver",
      by: "Mallory",
      approvers: ["Ada", "Ben"],
    });
    expect(
      await findSubject(bench.registry, { action: "approve", model: "demand", run: "r9", decision: null }),
    ).toBeNull();
  });

  test("when the candidate went live by another decision", async () => {
    const bench = embeddedBench();
    const { two } = await escalated(bench);
    await bench.promote(two);
    expect(await refusalOf(approveAs(bench, "Ada"))).toEqual({ kind: "live", version: "2" });
  });

  test("when it was approved and the alias moved on since", async () => {
    const bench = embeddedBench();
    await escalated(bench);
    await approveAs(bench, "Ada");
    await bench.promote(await bench.version("r3"));
    expect(await refusalOf(approveAs(bench, "Ada"))).toMatchObject({
      kind: "promoted",
      by: "Ada",
      live: "3",
    });
  });

  test("when the model does not forecast what it did, or its files are not those of the release", async () => {
    const bench = embeddedBench();
    await bench.promote(await bench.version("r1"));
    const two = await bench.version("r2", (files) => {
      const golden = JSON.parse(files.get("golden.json") as string);
      golden.forecast[1] *= 1 + 3e-6;
      files.set("golden.json", JSON.stringify(golden));
    });
    await bench.escalate(two, "1");
    expect(await refusalOf(approveAs(bench, "Ada"))).toMatchObject({
      code: "approval.model-unsound",
      problem: { kind: "golden", lead: 2 },
    });
    const model = join(bench.folder, "registry/models/demand/versions/2/model");
    for (const path of readdirSync(model)) {
      const whole = readFileSync(join(model, path));
      const changed = whole.with(whole.length >> 1, whole[whole.length >> 1]! ^ 1);
      for (const content of [changed, whole.subarray(1), Buffer.alloc(0), null]) {
        if (content === null) rmSync(join(model, path));
        else writeFileSync(join(model, path), content);
        expect(await refusalOf(approveAs(bench, "Ada")), path).toMatchObject({
          code: "approval.model-unsound",
          problem: { kind: "file", path, detail: expect.stringContaining(path) },
        });
      }
      writeFileSync(join(model, path), whole);
    }
    expect(await bench.trail()).toEqual(["none→1 by retrain"]);
    expect(await listApprovals(bench.registry, "demand")).toEqual([]);
  });
});

describe("two people", () => {
  test("an approval that has expired, or of somebody whom the runbook does not name any more, does not count", async () => {
    const bench = embeddedBench();
    await escalated(bench);
    await approveAs(bench, "Ada", TWO);
    const late = "2025-10-01T00:00:00.000Z";
    const later = { ...words("Ben"), expires: "2025-12-01" };
    const ben = await approve(bench.registry, await bench.subject("r2"), TWO, later, late);
    expect(ben).toMatchObject({ outcome: "waiting", approvals: [{ by: "Ben" }] });
    const policy = { approvers: ["Cy", "Dee"], required: 2 } as const;
    expect(await approveAs(bench, "Cy", policy)).toMatchObject({
      outcome: "waiting",
      approvals: [{ by: "Cy" }],
    });
    expect(await bench.trail()).toEqual(["none→1 by retrain"]);
  });

  test("both bind to one decision: a newer decision about the version starts anew", async () => {
    const bench = embeddedBench();
    const { two } = await escalated(bench);
    await approveAs(bench, "Ada", TWO);
    await bench.escalate(two, "1", { cutoff: "2025-06-29" });
    expect(await approveAs(bench, "Ben", TWO)).toMatchObject({
      outcome: "waiting",
      approvals: [{ by: "Ben" }],
    });
  });
});

describe("killed at any change, before or after it, and repeated", () => {
  test.each([
    ["approve", 4],
    ["reject", 3],
  ] as const)("%s", async (action, changes) => {
    const act = async (bench: ApprovalBench, registry: ModelRegistryOf) =>
      action === "approve"
        ? approve(registry, await bench.subject("r2"), ANYBODY, words("Ada"), NOW)
        : reject(registry, await bench.subject("r2", "reject"), { by: "Ada", reason: "no" });
    const endOf = async (bench: ApprovalBench) => [
      await bench.registry.listRuns("demand"),
      await bench.registry.aliasHistory("demand"),
    ];
    const whole = embeddedBench();
    await escalated(whole);
    await act(whole, whole.registry);
    const expected = await endOf(whole);
    let kills = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 0; ; at++) {
        const bench = embeddedBench();
        await escalated(bench);
        const killed = await act(bench, diesAt(bench.registry, at, when)).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!killed) break;
        kills++;
        await act(bench, bench.registry);
        expect(await endOf(bench), `${when} change ${at}`).toEqual(expected);
      }
    }
    expect(kills).toBe(2 * changes);
  });
});
type ModelRegistryOf = ApprovalBench["registry"];

describe("records", () => {
  test("one that was changed in the registry is not believed", async () => {
    const bench = embeddedBench();
    const { two } = await escalated(bench);
    await approveAs(bench, "Ada");
    const [record] = await listApprovals(bench.registry, "demand");
    const forged = { ...record!, expires: "2099-01-01" };
    await bench.registry.logRun(two.runId, { tags: { [approvalTag(record!)]: JSON.stringify(forged) } });
    await expect(listApprovals(bench.registry, "demand")).rejects.toMatchObject({
      failure: { code: "registry.corrupt" },
    });
  });

  test("an override ends when a later decision about the version passes, not when it is rolled back to", async () => {
    const bench = embeddedBench();
    const { two } = await escalated(bench);
    await approveAs(bench, "Ada");
    const open = async () => {
      const moves = await bench.registry.aliasHistory("demand");
      const approvals = await listApprovals(bench.registry, "demand");
      const version = { version: "2", digest: two.digest, identity: null };
      return openOverrides(approvals, moves, { alias: ALIAS, version }).map(({ by }) => by);
    };
    await bench.promote(await bench.version("r3"));
    const back = { name: "demand", alias: ALIAS, to: "2", by: "B", reason: "", decision: null };
    await bench.registry.moveAlias({ ...back, key: "rollback best x" });
    expect(await open()).toEqual(["Ada"]);
    await bench.promote(two);
    expect(await open()).toEqual([]);
  });
});
