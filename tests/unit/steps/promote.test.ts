import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decisionDigest } from "../../../src/history/decision.js";
import { liveSnapshots } from "../../../src/history/live.js";
import type { Decision } from "../../../src/kit/artifacts/decision.js";
import { Promotion } from "../../../src/kit/artifacts/promotion.js";
import { SnapshotMeta } from "../../../src/kit/artifacts/snapshot.js";
import { promote } from "../../../steps/promote.js";
import { diesAt, Killed, openRelease, type ReleaseBench, type StepRun, stateOf } from "./release-bench.js";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
/** Another candidate is another model. */
const manifestOf = (name: string) =>
  JSON.stringify({ format: 1, files: [{ path: "model.onnx", sha256: hash("graph"), bytes: 5 }], name });
const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A registered candidate with its model attached, and the artifacts of its run. */
async function candidate(bench: ReleaseBench, name = "candidate", manifest = manifestOf(name), tags = {}) {
  const { registry } = bench;
  const spec = { model: "demand", name, quarter: "2025Q2", cutoff: "2025-06-30", tags: {} };
  const { runId } = await registry.ensureRun({ ...spec, key: name });
  const { version } = await registry.ensureVersion({
    name: "demand",
    key: name,
    runId,
    description: "",
    tags,
  });
  const forecaster = bench.artifact("forecaster", { "manifest.json": manifest, "model.onnx": "graph" });
  const files = forecaster.files.map(({ path }) => ({ path, source: forecaster.file(path) }));
  await registry.attachModel("demand", version, files, sha256(manifest));
  return {
    runId,
    version,
    digest: sha256(manifest),
    inputs: {
      version: bench.artifact("registered-version", {
        "registered.json": { registry: registry.uri, name: "demand", version, runId },
      }),
      forecaster,
      snapshot: bench.artifact("snapshot", {
        "snapshot.parquet": "rows",
        "snapshot.json": {
          quarter: "2025Q2",
          cutoff: "2025-06-30",
          model: "demand",
          version,
          horizon: 6,
          levels: [],
          rows: 0,
          series: 0,
          sha256: "00",
        },
      }),
      accuracy: bench.artifact("accuracy-report", { "accuracy.json": "{}" }),
    },
  };
}
type Candidate = Awaited<ReturnType<typeof candidate>>;

function decide(
  { version, digest }: Candidate,
  baseline: string | null,
  more: Partial<Decision> = {},
): Decision {
  const judged: Omit<Decision, "digest"> = {
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    model: "demand",
    alias: "best",
    candidate: { version, digest },
    baseline: baseline === null ? null : { version: baseline, digest: null },
    firstRelease: baseline === null,
    verdict: "pass",
    rules: [],
    loosened: [],
    policy: null,
    overrides: [],
    inputs: { panel: "p", training: "t", runbook: "r", retrain: "0.1.0", git: null },
    ...more,
  };
  return { ...judged, digest: more.digest ?? decisionDigest(judged) };
}

const inputsWith = (bench: ReleaseBench, made: Candidate, decision: Decision) => ({
  ...made.inputs,
  decision: bench.artifact("decision", { "decision.json": decision }),
});
const promotionOf = (run: StepRun) => run.outputs.promotion!.readJson("promotion.json", Promotion);

async function makeLive(bench: ReleaseBench, version: string): Promise<void> {
  const move = { name: "demand", alias: "best", to: version, by: "t", reason: "", decision: null };
  await bench.registry.moveAlias({ ...move, key: `live ${version} ${Math.random()}` });
}

describe("promote", () => {
  test("a first release that passed: published, alias moved, run closed", async () => {
    const bench = openRelease();
    const made = await candidate(bench);
    const decision = decide(made, null);
    const run = await bench.run(promote, inputsWith(bench, made, decision));
    expect(await promotionOf(run)).toEqual({
      outcome: "promoted",
      reason: "gate-passed",
      model: "demand",
      alias: "best",
      candidate: "1",
      before: null,
      after: "1",
      decision: decision.digest,
      registryRun: made.runId,
    });
    expect(run.warnings).toEqual([]);
    expect(await bench.registry.getAlias("demand", "best")).toBe("1");
    expect(await bench.registry.aliasHistory("demand")).toMatchObject([
      { from: null, to: "1", by: "retrain", decision: decision.digest },
    ]);
    expect(await bench.registry.getRun(made.runId)).toMatchObject({
      closed: true,
      tags: {
        "retrain.verdict": "promoted",
        "retrain.version": "1",
        "retrain.decision": decision.digest,
        "retrain.promoted": "true",
      },
    });
    expect(await bench.registry.listArtifacts(made.runId)).toEqual([
      "accuracy/accuracy.json",
      "decision/decision.json",
      "snapshot/snapshot.json",
      "snapshot/snapshot.parquet",
    ]);
    const scope = { model: "demand", alias: "best", quarter: "2025Q3" };
    expect(await liveSnapshots(bench.registry, scope)).toMatchObject([{ quarter: "2025Q2", version: "1" }]);
    expect(await run.holds()).toBeNull();
  });

  test("a gate that failed publishes the champion's snapshot, and that is what was live", async () => {
    const bench = openRelease();
    const old = await candidate(bench, "old");
    await makeLive(bench, old.version);
    const made = await candidate(bench);
    const meta = await made.inputs.snapshot.readJson("snapshot.json", SnapshotMeta);
    const champion = bench.artifact("champion-snapshot", {
      "snapshot.parquet": "the champion's rows",
      "snapshot.json": { ...meta, version: old.version },
    });
    const decision = decide(made, "1", { verdict: "fail" });
    await bench.run(promote, { ...inputsWith(bench, made, decision), "champion-snapshot": champion });
    const scope = { model: "demand", alias: "best", quarter: "2025Q3" };
    const table = "champion-snapshot/snapshot.parquet";
    expect(await liveSnapshots(bench.registry, scope)).toMatchObject([
      { quarter: "2025Q2", version: "1", runId: made.runId, table },
    ]);
    const bytes = await bench.registry.readArtifact(made.runId, table);
    expect(new TextDecoder().decode(bytes)).toBe("the champion's rows");
  });

  test("a gate that failed: nothing live changes, the run is history all the same", async () => {
    const bench = openRelease();
    const old = await candidate(bench, "old");
    await makeLive(bench, old.version);
    const made = await candidate(bench);
    const run = await bench.run(promote, inputsWith(bench, made, decide(made, "1", { verdict: "fail" })));
    expect(await promotionOf(run)).toMatchObject({
      outcome: "escalated",
      reason: "gate-failed",
      candidate: "2",
      before: "1",
      after: "1",
      previous: null,
    });
    expect(await bench.registry.getAlias("demand", "best")).toBe("1");
    expect(await bench.registry.getRun(made.runId)).toMatchObject({
      closed: true,
      tags: { "retrain.verdict": "escalated", "retrain.promoted": "false" },
    });
    expect(await bench.registry.listArtifacts(made.runId)).toContain("decision/decision.json");
    expect(await run.holds()).toBeNull();
  });

  test("a champion that moved since the gate: escalated", async () => {
    const bench = openRelease();
    for (const name of ["one", "two"]) await candidate(bench, name);
    await makeLive(bench, "1");
    const made = await candidate(bench);
    const decision = decide(made, "1");
    await makeLive(bench, "2");
    const run = await bench.run(promote, inputsWith(bench, made, decision));
    expect(await promotionOf(run)).toMatchObject({
      outcome: "escalated",
      reason: "champion-moved",
      before: "2",
      after: "2",
      previous: "1",
    });
    expect(await bench.registry.getAlias("demand", "best")).toBe("2");
  });

  test.each<[string, (made: Candidate) => Decision, RegExp]>([
    [
      "the record was edited",
      (made) => ({ ...decide(made, null, { verdict: "fail" }), verdict: "pass" }),
      /does not have/,
    ],
    ["another version was judged", (made) => decide({ ...made, version: "7" }, null), /judged version 7/],
    [
      "another model was judged",
      (made) => decide({ ...made, digest: "sha256:x" }, null),
      /judged was sha256:x/,
    ],
    ["another alias was judged", (made) => decide(made, null, { alias: "prod" }), /demand@prod/],
    ["a decision about another model name", (made) => decide(made, null, { model: "other" }), /other@best/],
  ])("%s: escalated, alias untouched", async (_name, decisionOf, warning) => {
    const bench = openRelease();
    const made = await candidate(bench);
    const run = await bench.run(promote, inputsWith(bench, made, decisionOf(made)));
    expect(await promotionOf(run)).toMatchObject({ outcome: "escalated", reason: "digest-mismatch" });
    expect(run.warnings).toEqual([expect.stringMatching(warning)]);
    expect(await bench.registry.aliasHistory("demand")).toEqual([]);
  });

  test("the forecaster of the run is not the one in the registry: escalated", async () => {
    const bench = openRelease();
    const made = await candidate(bench);
    const forecaster = bench.artifact("forecaster", { "manifest.json": "another" });
    const inputs = { ...inputsWith(bench, made, decide(made, null)), forecaster };
    const run = await bench.run(promote, inputs);
    expect(await promotionOf(run)).toMatchObject({ reason: "digest-mismatch" });
    expect(await bench.registry.aliasHistory("demand")).toEqual([]);
  });

  test("killed at any change, before or after it: again gives the same end state and the same promotion", async () => {
    const setUp = async () => {
      const bench = openRelease();
      await candidate(bench, "old");
      const move = {
        name: "demand",
        alias: "best",
        to: "1",
        by: "t",
        reason: "",
        decision: null,
        key: "old",
      };
      await bench.registry.moveAlias(move);
      const made = await candidate(bench);
      return { bench, inputs: inputsWith(bench, made, decide(made, "1")) };
    };
    const whole = await setUp();
    const expected = await promotionOf(await whole.bench.run(promote, whole.inputs));
    const expectedState = await stateOf(whole.bench.registry);
    let kills = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 0; ; at++) {
        const { bench, inputs } = await setUp();
        const registry = diesAt(bench.registry, at, when);
        const killed = await bench.run(promote, inputs, { registry }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!killed) break;
        kills++;
        const again = await bench.run(promote, inputs, { key: "another attempt" });
        expect(await promotionOf(again)).toEqual(expected);
        expect(await stateOf(bench.registry), `${when} change ${at}`).toEqual(expectedState);
      }
    }
    expect(kills).toBe(6);
  });

  test("a second decision about a candidate that is live confirms it on record", async () => {
    const bench = openRelease();
    const made = await candidate(bench);
    await bench.run(promote, inputsWith(bench, made, decide(made, null)));
    const second = decide(made, null, { cutoff: "2025-06-29" });
    const run = await bench.run(promote, inputsWith(bench, made, second));
    expect(await promotionOf(run)).toMatchObject({ outcome: "promoted", before: "1", after: "1" });
    expect((await bench.registry.aliasHistory("demand")).map(({ decision }) => decision)).toEqual([
      decide(made, null).digest,
      second.digest,
    ]);
  });

  test("repeated after a rollback it does not move the alias again, and says so", async () => {
    const bench = openRelease();
    await candidate(bench, "old");
    await makeLive(bench, "1");
    const made = await candidate(bench);
    const inputs = inputsWith(bench, made, decide(made, "1"));
    await bench.run(promote, inputs);
    await makeLive(bench, "1");
    const run = await bench.run(promote, inputs);
    expect(await bench.registry.getAlias("demand", "best")).toBe("1");
    expect(await promotionOf(run)).toMatchObject({
      outcome: "escalated",
      reason: "champion-moved",
      before: "1",
      after: "1",
    });
  });

  test.each([
    [
      "rolled back",
      "best",
      "1",
      "rollback best x",
      /^Ada took version 2 out of service on 2025-07-03: wrong$/,
    ],
    [
      "rejected",
      "best-rejected",
      "2",
      "decide best sha256:x",
      /^Ada rejected version 2 on 2025-07-03: wrong$/,
    ],
  ])("a version that was %s is not promoted by a fresh decision", async (how, alias, to, key, warning) => {
    const bench = openRelease();
    await candidate(bench, "old");
    await makeLive(bench, "1");
    const made = await candidate(bench);
    if (how === "rolled back") await bench.run(promote, inputsWith(bench, made, decide(made, "1")));
    const person = { name: "demand", by: "Ada", reason: "wrong", decision: null };
    await bench.registry.moveAlias({ ...person, alias, to, key });
    const fresh = decide(made, "1", { inputs: { ...decide(made, "1").inputs, git: "another commit" } });
    const run = await bench.run(promote, inputsWith(bench, made, fresh));
    expect(await promotionOf(run)).toMatchObject({
      outcome: "escalated",
      reason: "withdrawn",
      before: "1",
      after: "1",
    });
    expect(run.warnings).toEqual([expect.stringMatching(warning)]);
    expect(await bench.registry.getAlias("demand", "best")).toBe("1");
    await bench.registry.moveAlias({ ...person, alias: "best", to: "2", key: "rollback best y" });
    const again = await bench.run(promote, inputsWith(bench, made, fresh));
    expect(await promotionOf(again)).toMatchObject({ outcome: "promoted", after: "2" });
  });

  test.each(["best-rejected", "best"])("nor under another number (%s)", async (alias) => {
    const bench = openRelease();
    const identity = { "retrain.identity": "sha256:i" };
    await candidate(bench, "old");
    await makeLive(bench, "1");
    await candidate(bench, "first", undefined, identity);
    const person = { name: "demand", by: "Ada", reason: "wrong", decision: null };
    if (alias === "best") await makeLive(bench, "2");
    await bench.registry.moveAlias({
      ...person,
      ...(alias === "best"
        ? { alias, to: "1", key: "rollback best x" }
        : { alias, to: "2", key: "decide x" }),
    });
    const again = await candidate(bench, "again", undefined, identity);
    const run = await bench.run(promote, inputsWith(bench, again, decide(again, "1")));
    expect(await promotionOf(run)).toMatchObject({ reason: "withdrawn", candidate: "3", after: "1" });
    const how = alias === "best" ? "took version 2 out of service" : "rejected version 2";
    expect(run.warnings).toEqual([`Ada ${how} on 2025-07-03: wrong (version 3 is the same model)`]);
    const other = await candidate(bench, "other", undefined, { "retrain.identity": "sha256:j" });
    const free = await bench.run(promote, inputsWith(bench, other, decide(other, "1")));
    expect(await promotionOf(free)).toMatchObject({ outcome: "promoted", after: "4" });
  });

  test("holds: an escalation no longer when a person moved the alias since", async () => {
    const bench = openRelease();
    await candidate(bench, "old");
    await makeLive(bench, "1");
    const made = await candidate(bench);
    const run = await bench.run(promote, inputsWith(bench, made, decide(made, "1", { verdict: "fail" })));
    expect(await run.holds()).toBeNull();
    await makeLive(bench, "2");
    expect(await run.holds()).toBe("alias best names 2 by now");
  });

  test("holds: not with an open run, another decision, or without the move", async () => {
    const bench = openRelease();
    const made = await candidate(bench);
    const run = await bench.run(promote, inputsWith(bench, made, decide(made, null)));
    const { registry } = bench;
    const stored = (await registry.getRun(made.runId))!;
    expect(await run.holds({ ...registry, getRun: async () => null })).toMatch(/is not in the registry/);
    const open = { ...registry, getRun: async () => ({ ...stored, closed: false }) };
    expect(await run.holds(open)).toMatch(/is not closed/);
    expect(await run.holds({ ...registry, aliasHistory: async () => [] })).toMatch(
      /has no move of alias best/,
    );
    await registry.closeRun(made.runId, { "retrain.decision": "sha256:another" });
    expect(await run.holds()).toMatch(/another decision/);
  });
});
