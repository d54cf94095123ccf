import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { leftovers, storyProblems, violations } from "../../../../src/cli/drill/inspect.js";
import { openRuns } from "../../../../src/cli/setup.js";
import type { StepRecord } from "../../../../src/engine/records.js";
import type { JournalEntry, NewJournalEntry } from "../../../../src/engine/run-records.js";
import { stateFolder } from "../../../../src/engine/state-folder.js";
import { fingerprint } from "../../../../src/plan/fingerprint.js";

const session: NewJournalEntry = { type: "session-started", pid: 1, host: "h", runbook: "d" };
const started = (step: string): NewJournalEntry => ({
  type: "step-started",
  step,
  fingerprint: `f-${step}`,
  reason: "r",
});
const succeeded = (step: string): NewJournalEntry => ({
  type: "step-succeeded",
  step,
  fingerprint: `f-${step}`,
});
const reused = (step: string): NewJournalEntry => ({ type: "step-reused", step, fingerprint: `f-${step}` });
const finished: NewJournalEntry = { type: "run-finished", verdict: "promoted", exitCode: 0 };
const story = (...entries: NewJournalEntry[]) =>
  storyProblems({ entries: entries.map((entry) => ({ at: "t", ...entry })) as JournalEntry[] });

describe("the story of a journal", () => {
  test.each([
    ["one session", [session, started("a"), succeeded("a"), started("b"), succeeded("b"), finished]],
    [
      "killed in a step, resumed",
      [
        session,
        started("a"),
        succeeded("a"),
        started("b"),
        session,
        reused("a"),
        started("b"),
        succeeded("b"),
        finished,
      ],
    ],
    [
      "killed before the end was said",
      [session, started("a"), succeeded("a"), session, reused("a"), finished],
    ],
  ])("%s is whole", (_, entries) => {
    expect(story(...entries)).toEqual([]);
  });

  test.each([
    [
      "a step without an end",
      [session, started("a"), started("b"), succeeded("b"), finished],
      "a started and has no end",
    ],
    ["no end in the last session", [session, started("a"), finished], "a started and has no end"],
    ["an end without a start", [session, succeeded("a"), finished], "a has an end and no start"],
    [
      "no verdict",
      [session, started("a"), succeeded("a")],
      "expected one run-finished as the last line, found 0",
    ],
    [
      "two verdicts",
      [session, finished, session, finished],
      "expected one run-finished as the last line, found 2",
    ],
    [
      "done twice",
      [session, started("a"), succeeded("a"), session, started("a"), succeeded("a"), finished],
      "a was done and was done again",
    ],
    [
      "a step that the resumed session left out",
      [session, started("a"), succeeded("a"), session, finished],
      "the last session has 0 steps with a result, the run has 1",
    ],
    [
      "a failure",
      [session, started("a"), { type: "step-failed", step: "a", code: "fs.failed", detail: null }, finished],
      "a failed: fs.failed",
    ],
  ] as [string, NewJournalEntry[], string][])("%s is told", (_, entries, problem) => {
    expect(story(...entries)).toContain(problem);
  });
});

/** A project with one run and one step's record, object and journal line. */
async function project() {
  const path = mkdtempSync(join(tmpdir(), "retrain-unit-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const engine = openRuns(stateFolder(join(path, ".retrain")));
  const { header } = await engine.runs.create({
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    model: "drill",
    alias: "best",
    dryRun: false,
    runbook: "/r.yaml",
    overrides: [],
  });
  const staging = join(path, "staging");
  mkdirSync(staging);
  writeFileSync(join(staging, "panel.parquet"), "rows");
  const panel = await engine.objects.take("panel", staging);
  const components: StepRecord["components"] = {
    format: 1,
    step: { type: "validate-data", version: 1 },
    params: {},
    inputs: {},
    scope: {},
    external: {},
    tools: {},
  };
  const record: StepRecord = {
    fingerprint: fingerprint(components),
    components,
    outputs: { panel: { ...panel, files: [...panel.files] } },
    summary: "",
    metrics: {},
    warnings: [],
    seconds: 0,
  };
  const line = { type: "step-succeeded", step: "validate", fingerprint: record.fingerprint } as const;
  return {
    path,
    engine,
    run: header.run,
    record,
    line,
    object: engine.objects.pathOf(panel.files[0]!.sha256),
  };
}

describe("a state directory after a kill", () => {
  test("record and objects before the journal line is sound at every stage", async () => {
    const { path, engine, run, record, line } = await project();
    expect(await violations(path)).toEqual([]);
    await engine.records.commit(record);
    expect(await violations(path)).toEqual([]);
    await engine.runs.log(run, line);
    expect(await violations(path)).toEqual([]);
  });

  test("a journal line before its record is told", async () => {
    const { path, engine, run, line } = await project();
    await engine.runs.log(run, line);
    expect(await violations(path)).toEqual([
      "journal of 2025Q2-1: step-succeeded validate, and there is no record of it",
    ]);
  });

  test("a record before its objects is told, and so is one that holds other components than it says", async () => {
    const { path, engine, record, object } = await project();
    await engine.records.commit(record);
    rmSync(object);
    expect(await violations(path)).toEqual([expect.stringMatching(/output panel: .*panel.parquet/)]);
    await engine.records.commit({ ...record, components: { ...record.components, params: { folds: 3 } } });
    expect(await violations(path)).toEqual([expect.stringContaining("fingerprint")]);
  });

  test("a lock that is left behind, and a verdict that the journal does not have, are told", async () => {
    const { path, engine, run } = await project();
    await engine.runs.log(run, session);
    await engine.runs.log(run, finished);
    expect(await leftovers(path, "2025Q2", "promoted")).toEqual([]);
    mkdirSync(engine.state.locks, { recursive: true });
    writeFileSync(join(engine.state.locks, "drill.lock"), "{}");
    expect(readdirSync(engine.state.locks)).toHaveLength(1);
    expect(await leftovers(path, "2025Q2", "escalated")).toEqual([
      "journal: the verdict is promoted, the command said escalated",
      "lock left behind: drill.lock",
    ]);
  });
});
