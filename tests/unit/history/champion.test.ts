import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { approvalOf, approvalTag } from "../../../src/history/approvals.js";
import { type Champion, championOf } from "../../../src/history/champion.js";
import { LEFT_BEHIND_TAG } from "../../../src/history/left-behind.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import type { EarlierRelease, EarlierRuns } from "../../../src/kit/earlier.js";
import { damageLine } from "../../../src/kit/soundness.js";
import { openPast, type Past } from "./past.js";

const RUNBOOK = "0123456789abcdef";

const remembering = (...releases: Partial<EarlierRelease>[]): EarlierRuns => ({
  runbookId: RUNBOOK,
  releases: async () =>
    releases.map((release, i) => ({
      run: `2025Q1-${i + 1}`,
      at: "2025-04-02T00:00:00Z",
      model: "demand",
      alias: "best",
      version: "1",
      isLive: true,
      registry: "file:registry",
      registryRun: "gone",
      isOfThisRunbook: true,
      ...release,
    })),
  trails: async () => [],
});

const asked = (
  past: Past,
  { version, runId }: { version: string; runId: string },
  earlier?: EarlierRuns,
): Promise<Champion> =>
  championOf(past.registry, earlier, {
    model: "demand",
    alias: "best",
    quarter: "2025Q2",
    candidate: version,
    run: runId,
  });

/** `sound 3`, `none`, `damaged 1: …`, or `missing 1: version by moves`. */
async function said(...args: Parameters<typeof asked>): Promise<string> {
  const champion = await asked(...args);
  if (champion.kind === "none")
    return champion.leftBehind === null ? "none" : `none, left ${champion.leftBehind.version}`;
  if (champion.kind === "damaged") return `damaged ${champion.version}: ${damageLine(champion.damage)}`;
  const gone = champion.missing.map(({ what, witness }) => `${what} by ${witness}`).join();
  const version = champion.kind === "sound" ? champion.model.version : champion.version;
  return [`${champion.kind} ${version}`, ...(gone === "" ? [] : [gone])].join(": ");
}

const inRegistry = (past: Past, ...path: string[]) => join(past.folder, "registry", ...path);
const remove = (past: Past, ...path: string[]) => rm(inRegistry(past, ...path), { recursive: true });

/** The record of moves is gone, with what would tell that it was there. */
async function forgetMoves(past: Past): Promise<void> {
  await remove(past, "models/demand/alias-log.jsonl");
  await rm(inRegistry(past, "models/demand/alias-log.seal.json"), { force: true });
}

/** 2025Q1 was promoted as version 1, and 2025Q2 registered version 2. */
async function twoQuarters(tags: Readonly<Record<string, string>> = {}) {
  const past = await openPast();
  const first = await past.run("2025Q1", { tags: { [RUN_TAGS.promoted]: "true", ...tags } });
  await past.move("best", first.version);
  const second = await past.run("2025Q2", { closed: false });
  return { past, first, second };
}

describe("what is live, or was live before this candidate", () => {
  test("by the history of the alias", async () => {
    const past = await openPast();
    const made: { runId: string; version: string }[] = [];
    for (const quarter of ["2024Q3", "2024Q4", "2025Q1"]) made.push(await past.run(quarter));
    const ask = (version: string) => said(past, made[Number(version) - 1]!);
    expect(await ask("1")).toBe("none");
    await past.move("best", "1");
    expect(await ask("1")).toBe("none");
    expect(await ask("2")).toBe("sound 1");
    await past.move("best", "2");
    await past.move("candidate", "3");
    expect(await ask("2")).toBe("sound 1");
    expect(await ask("3")).toBe("sound 2");
    // A second decision about the live candidate moves the alias from it to itself.
    await past.move("best", "2");
    expect(await ask("2")).toBe("sound 1");
    await past.move("best", "1");
    expect(await ask("2")).toBe("sound 1");
    expect(await ask("1")).toBe("sound 2");
  });

  test("an alias that was set to the candidate by hand: what its history named before", async () => {
    const { past, second } = await twoQuarters();
    const registry = { ...past.registry, getAlias: async () => second.version };
    expect(await said({ ...past, registry }, second)).toBe("sound 1");
  });
});

describe("what was live and is not there", () => {
  test("the version that the alias names", async () => {
    const { past, second } = await twoQuarters();
    await remove(past, "models/demand/versions/1");
    const champion = await asked(past, second);
    expect(champion).toMatchObject({ kind: "missing", version: "1" });
    expect((champion as Extract<Champion, { kind: "missing" }>).missing).toEqual([
      {
        what: "version",
        model: "demand",
        alias: "best",
        version: "1",
        since: "2025-07-01T00:00:00Z",
        back: null,
        registry: null,
        witness: "moves",
        detail:
          "version 1 of demand is not in the registry any more; alias best named it since 2025-07-01 (test: ), as the history of aliases says",
      },
    ]);
  });

  test("the alias, as a server may lose it", async () => {
    const { past, second } = await twoQuarters();
    const registry = { ...past.registry, getAlias: async () => null };
    expect(await said({ ...past, registry }, second)).toBe("missing null: alias by moves");
    await remove(past, "models/demand/versions/1");
    expect(await said({ ...past, registry }, second)).toBe("missing null: version by moves");
  });

  test("the history too: the run that was promoted says so", async () => {
    const { past, second } = await twoQuarters();
    await forgetMoves(past);
    expect(await said(past, second)).toBe("missing null: alias by run");
  });

  test("and what the next quarter compared with says so", async () => {
    const { past, first } = await twoQuarters();
    const decision = join(past.folder, "decision.json");
    const rest = {
      quarter: "2025Q1",
      cutoff: "2025-03-31",
      model: "demand",
      alias: "best",
      digest: "sha256:d",
    };
    const baseline = { version: "1", digest: null };
    await writeFile(
      decision,
      JSON.stringify({
        ...rest,
        candidate: { version: "2", digest: "sha256:2" },
        baseline,
        firstRelease: false,
        verdict: "fail",
        rules: [],
        inputs: { panel: "", training: "", runbook: "", retrain: "", git: null },
      }),
    );
    const later = await past.run("2025Q1");
    await past.registry.putArtifacts(later.runId, [{ path: "decision/decision.json", source: decision }]);
    const third = await past.run("2025Q2");
    await remove(past, "runs", first.runId);
    await forgetMoves(past);
    expect(await said(past, third)).toBe("missing null: alias by decision");
  });

  test("what people put live, where the history forgot it", async () => {
    const past = await openPast();
    const first = await past.run("2025Q1");
    await past.move("candidate", first.version);
    const record = approvalOf({
      kind: "approval",
      run: "2025Q1-1",
      registryRun: first.runId,
      quarter: "2025Q1",
      model: "demand",
      alias: "best",
      version: first.version,
      live: null,
      decision: "sha256:d",
      overrides: [],
      by: "Ada",
      reason: "r",
      at: "2025-04-03T00:00:00Z",
      expires: "2025-05-01",
    });
    await past.registry.logRun(first.runId, { tags: { [approvalTag(record)]: JSON.stringify(record) } });
    const second = await past.run("2025Q2");
    // It waits for a second person: nothing was live yet.
    expect(await said(past, second)).toBe("none");
    await forgetMoves(past);
    expect(await said(past, second)).toBe("missing null: alias by approval");
  });

  test("the version before the champion, which a rollback would go back to", async () => {
    const { past, first, second } = await twoQuarters();
    const promote = (to: string, key = `promote best sha256:${to}`) =>
      past.registry.moveAlias({
        name: "demand",
        alias: "best",
        to,
        by: "retrain",
        reason: "",
        decision: null,
        key,
      });
    await promote(second.version);
    const third = await past.run("2025Q2");
    expect(await said(past, third)).toBe("sound 2");
    await remove(past, "models/demand/versions", first.version);
    expect(await said(past, third)).toBe("sound 2: version by moves");
    // A person's word puts an end to it, and so does the next release.
    await promote(third.version, "decide best sha256:3");
    const fourth = await past.run("2025Q2");
    expect(await said(past, fourth)).toBe("sound 3");
  });

  test("what nobody has ever seen live is a first release", async () => {
    const past = await openPast();
    expect(await said(past, await past.run("2025Q2"), remembering())).toBe("none");
    const escalated = await past.run("2025Q2", { tags: { [RUN_TAGS.promoted]: "false" } });
    await past.move("candidate", escalated.version);
    await past.move("best-rejected", escalated.version);
    expect(await said(past, await past.run("2025Q2"))).toBe("none");
  });
});

describe("what this state directory remembers", () => {
  const cases: readonly [string, Partial<EarlierRelease>, string][] = [
    ["the model in this registry", {}, "missing null: model by state"],
    ["in another registry", { registry: "file:regsitry" }, "missing null: registry by state"],
    ["under another alias", { alias: "live" }, "missing null: alias by state"],
    ["another model of this runbook", { model: "rooms" }, "missing null: name by state"],
    ["another model of another runbook", { model: "rooms", isOfThisRunbook: false }, "none"],
    ["this model of another runbook", { isOfThisRunbook: false }, "missing null: model by state"],
    ["a version that was never live, and its run is gone", { isLive: false }, "missing null: model by state"],
    ["a version that was never live, in another registry", { isLive: false, registry: "file:other" }, "none"],
    ["a version that was never live, of another model", { isLive: false, model: "rooms" }, "none"],
  ];
  for (const [what, release, expected] of cases)
    test(what, async () => {
      const past = await openPast();
      const made = await past.run("2025Q2");
      expect(await said(past, made, remembering(release))).toBe(expected);
    });

  test("the run that is judged, and a version whose run is there, are no past", async () => {
    const past = await openPast();
    const made = await past.run("2025Q2");
    expect(await said(past, made, remembering({ registryRun: made.runId }))).toBe("none");
    const other = await past.run("2025Q1");
    expect(await said(past, made, remembering({ registryRun: other.runId, isLive: false }))).toBe("none");
  });

  test("a later run that found the candidate live says nothing of what was before it", async () => {
    const { past, first } = await twoQuarters();
    const later = remembering({ run: "2025Q2-1", registryRun: "of-2025Q2" });
    expect(await said(past, first, later)).toBe("none");
    const other = remembering({ run: "2025Q2-1", registryRun: "of-2025Q2", version: "7" });
    expect(await said(past, first, other)).toContain("missing");
  });

  test("it is not asked where something sound is live", async () => {
    const { past, second } = await twoQuarters();
    const releases = () => Promise.reject(new Error("asked"));
    const earlier: EarlierRuns = { runbookId: RUNBOOK, releases, trails: async () => [] };
    expect(await said(past, second, earlier)).toBe("sound 1");
  });

  test("with none, the registry's runs of this runbook under another name", async () => {
    const { past } = await twoQuarters({ [RUN_TAGS.runbookId]: RUNBOOK });
    const ask = (runbookId: string, model: string) =>
      championOf(
        past.registry,
        { runbookId, releases: async () => [], trails: async () => [] },
        { model, alias: "best", quarter: "2025Q2", candidate: "1", run: "x" },
      );
    expect(await ask(RUNBOOK, "rooms")).toMatchObject({
      kind: "missing",
      missing: [{ what: "name", model: "demand", version: "1", witness: "run" }],
    });
    expect(await ask("fedcba9876543210", "rooms")).toMatchObject({ kind: "none" });
  });
});

describe("what people left behind", () => {
  async function leaveBehind(past: Past, alias = "best"): Promise<void> {
    const after = (await past.registry.aliasHistory("demand")).at(-1)?.key ?? null;
    const tags = {
      [RUN_TAGS.adoption]: alias,
      [LEFT_BEHIND_TAG]: JSON.stringify({ alias, after, id: "record" }),
    };
    await past.run("2025Q2", { closed: false, tags });
  }

  test("a version that is gone: a first release, and the alias may be moved from it", async () => {
    const { past, second } = await twoQuarters();
    await remove(past, "models/demand/versions/1");
    await leaveBehind(past, "other");
    expect(await said(past, second)).toBe("missing 1: version by moves");
    await leaveBehind(past);
    expect(await said(past, second)).toBe("none, left 1");
    await past.move("best", second.version);
    expect(await said(past, second)).toBe("none, left 1");
  });

  test("whatever the witness", async () => {
    const { past, second } = await twoQuarters();
    await forgetMoves(past);
    await leaveBehind(past);
    expect(await said(past, second, remembering({}))).toBe("none, left null");
  });

  test("what comes later can be missing again", async () => {
    const { past, second } = await twoQuarters();
    await remove(past, "models/demand/versions/1");
    await leaveBehind(past);
    await past.move("best", second.version);
    const third = await past.run("2025Q2");
    await remove(past, "models/demand/versions", second.version);
    expect(await said(past, third)).toBe("missing 2: version by moves");
    await forgetMoves(past);
    expect(await said(past, third)).toBe("none, left null");
    await past.registry.logRun(second.runId, {
      tags: { [RUN_TAGS.startedAnew]: "record", [RUN_TAGS.promoted]: "true" },
    });
    await past.registry.closeRun(second.runId, { [RUN_TAGS.version]: "2" });
    expect(await said(past, third)).toBe("missing null: alias by run");
  });
});
