import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/kit/events.js";
import { retrain, retrainJson } from "../support/cli.js";
import { fixtureProject, hashTree, simpleProject } from "../support/project.js";

const STEPS = [
  "validate",
  "accuracy",
  "segments",
  "train",
  "register",
  "artifacts",
  "outlook",
  "checkpoints",
  "gate",
  "promote",
];
const statuses = (document: { steps: readonly { id: string; status: string }[] }) =>
  Object.fromEntries(document.steps.map(({ id, status }) => [id, status]));
const all = (status: string) => Object.fromEntries(STEPS.map((id) => [id, status]));

describe("the reference runbook on the fixtures", () => {
  test("promotes, and says so in the contract's document", async () => {
    const cwd = fixtureProject();
    const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      run: "2025Q2-1",
      quarter: "2025Q2",
      cutoff: "2025-06-30",
      dryRun: false,
      verdict: "promoted",
      exitCode: 0,
      candidate: { name: "room-demand", version: "1" },
      champion: { before: null, after: "1" },
      files: { escalation: null },
    });
    expect(statuses(document)).toEqual(all("succeeded"));
    expect(document.decision!.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(document.decision!.rules.map(({ id }) => id)).toEqual([
      "accuracy",
      "candidate",
      "beats-champion",
      "drift",
      "series-lost",
      "checkpoints",
    ]);
    for (const name of ["accuracy.wmape", "train.cv.wmape", "train.cv.mase", "train.naive.wmape"]) {
      expect(document.metrics[name], name).toBeGreaterThan(0);
    }
    expect(readFileSync(join(cwd, document.files.report!), "utf8")).toContain("room-demand");
    const [header, ...rows] = readFileSync(join(cwd, document.files.outlook!), "utf8").trimEnd().split("\n");
    expect(header).toBe("series,period,lead,forecast,lo80,hi80,lo95,hi95,segment");
    expect(rows.length % 6).toBe(0);
    expect(stderr).toContain("PROMOTED");
  });

  test.each([
    ["drifted", "drift"],
    ["degraded", "accuracy"],
  ])("the %s variant escalates because of the rule %s alone", async (variant, rule) => {
    const cwd = fixtureProject();
    const { exitCode, document, stderr } = await retrainJson(
      ["quarter", "2025Q2", "--set", `data.source=fixtures/${variant}/demand.csv`],
      { cwd },
    );
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      verdict: "escalated",
      exitCode: 3,
      champion: { before: null, after: null },
    });
    expect(document.decision!.rules.filter(({ blocks }) => blocks).map(({ id }) => id)).toEqual([rule]);
    expect(readFileSync(join(cwd, document.files.escalation!), "utf8")).toContain(rule);
    expect(stderr).toContain("ESCALATED");
  });

  test("a dry run has the real exit code and changes nothing in the registry", async () => {
    const cwd = simpleProject();
    const registry = join(cwd, ".retrain", "registry");
    const would = await retrainJson(["quarter", "2025Q2", "--dry-run"], { cwd });
    expect(would).toMatchObject({ exitCode: 0, document: { verdict: "would-promote", dryRun: true } });
    expect(hashTree(registry)).toEqual({});

    expect((await retrainJson(["quarter", "2025Q2"], { cwd })).document).toMatchObject({
      run: "2025Q2-2",
      verdict: "promoted",
    });
    const before = hashTree(registry);
    const tight = await retrainJson(["quarter", "2025Q2", "--dry-run", "--set", "gate.rules.0.max=0.0001"], {
      cwd,
    });
    expect(tight).toMatchObject({
      exitCode: 3,
      document: { verdict: "would-escalate", champion: { before: "1", after: "1" } },
    });
    expect(hashTree(registry)).toEqual(before);
  });
});

describe("going on, reusing and starting over", () => {
  test("--until stops, the same command goes on, a finished quarter is reused, --from and --fresh run again", async () => {
    const cwd = simpleProject();
    const until = await retrainJson(["quarter", "2025Q2", "--until", "segments"], { cwd });
    expect(until).toMatchObject({ exitCode: 0, document: { run: "2025Q2-1", verdict: "completed" } });
    expect(statuses(until.document)).toEqual({
      ...all("skipped"),
      validate: "succeeded",
      accuracy: "succeeded",
      segments: "succeeded",
    });

    const rest = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(rest.document).toMatchObject({ run: "2025Q2-1", verdict: "promoted" });
    expect(statuses(rest.document)).toEqual({
      ...all("succeeded"),
      validate: "reused",
      accuracy: "reused",
      segments: "reused",
    });

    const again = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(again.document).toMatchObject({
      run: "2025Q2-2",
      verdict: "promoted",
      champion: { before: null, after: "1" },
    });
    expect(statuses(again.document)).toEqual(all("reused"));
    expect(again.document.decision).toEqual(rest.document.decision);

    const from = await retrainJson(["quarter", "2025Q2", "--from", "outlook"], { cwd });
    expect(statuses(from.document)).toMatchObject({
      artifacts: "reused",
      outlook: "succeeded",
      promote: "succeeded",
    });

    const fresh = await retrainJson(["quarter", "2025Q2", "--fresh"], { cwd });
    expect(statuses(fresh.document)).toEqual(all("succeeded"));
    // The same inputs never register twice.
    expect(fresh.document.candidate).toEqual({ name: "room-demand", version: "1" });
    expect(fresh.document.decision).toEqual(rest.document.decision);
  });

  test("a changed parameter re-runs its step and what depends on it, and the plan says why", async () => {
    const cwd = simpleProject();
    await retrainJson(["quarter", "2025Q2"], { cwd });
    const set = ["--set", "train.folds=2"];
    const { stdout } = await retrain(["plan", "2025Q2", "--json", ...set], { cwd });
    const plan = JSON.parse(stdout) as {
      digest: string;
      steps: { id: string; action: string; reason: string }[];
    };
    expect(plan.steps.find(({ id }) => id === "train")).toMatchObject({
      action: "run",
      reason: "stale: parameter folds 3 → 2",
    });
    expect(plan.steps.find(({ id }) => id === "segments")).toMatchObject({ action: "reuse" });

    const other = await retrain(["quarter", "2025Q2", "--plan", plan.digest], { cwd });
    expect(other).toMatchObject({ exitCode: 5, stdout: "" });
    const same = await retrainJson(["quarter", "2025Q2", "--plan", plan.digest, ...set], { cwd });
    expect(statuses(same.document)).toEqual({
      ...all("succeeded"),
      validate: "reused",
      accuracy: "reused",
      segments: "reused",
    });
    expect(same.document.candidate!.version).toBe("2");
  });

  test("a killed run goes on under the same id and ends as if it had not been killed", async () => {
    const whole = simpleProject();
    const expected = await retrainJson(["quarter", "2025Q2"], { cwd: whole });

    const cwd = simpleProject();
    const killed = await retrain(["quarter", "2025Q2"], {
      cwd,
      onTalk: (talk, kill) => talk.includes("segments:") && kill("SIGKILL"),
    });
    expect(killed.exitCode).toBeNull();
    const status = await retrain(["status"], { cwd });
    expect(status.stdout).toContain("retrain resume 2025Q2-1");

    const resumed = await retrainJson(["resume"], { cwd });
    expect(resumed).toMatchObject({ exitCode: 0, document: { run: "2025Q2-1", verdict: "promoted" } });
    expect(statuses(resumed.document)).toMatchObject({ validate: "reused", promote: "succeeded" });
    expect({ ...resumed.document.decision, inputs: null }).toEqual({
      ...expected.document.decision,
      inputs: null,
    });
    const models = JSON.parse((await retrain(["models", "--json"], { cwd })).stdout) as {
      versions: unknown[];
      history: { alias: string }[];
    };
    expect(models.versions).toHaveLength(1);
    expect(models.history.filter(({ alias }) => alias === "best")).toHaveLength(1);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s stops cleanly with exit code %i and says how to go on", async (signal, code) => {
    const cwd = simpleProject();
    let sent = false;
    const stopped = await retrain(["quarter", "2025Q2", "--json"], {
      cwd,
      onTalk: (talk, kill) => {
        if (!sent && talk.includes("validate:")) {
          sent = true;
          kill(signal);
        }
      },
    });
    expect(stopped.exitCode).toBe(code);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ verdict: "interrupted", exitCode: code });
    expect(stopped.stderr).toContain("retrain quarter 2025Q2");
    expect((await retrainJson(["quarter", "2025Q2"], { cwd })).document).toMatchObject({
      run: "2025Q2-1",
      verdict: "promoted",
    });
  });

  test("a second process is told who holds the lock", async () => {
    const cwd = simpleProject();
    let second: ReturnType<typeof retrain> | null = null;
    const first = await retrain(["quarter", "2025Q2"], {
      cwd,
      onTalk: (talk) => {
        if (talk.includes("validate:")) second ??= retrain(["quarter", "2025Q2"], { cwd });
      },
    });
    expect(first.exitCode).toBe(0);
    const locked = await second!;
    expect(locked.exitCode).toBe(4);
    expect(locked.stderr).toMatch(/process \d+|pid \d+/i);
    expect((await retrain(["quarter", "2025Q2"], { cwd })).exitCode).toBe(0);
  });
});

describe("what a run tells", () => {
  test("events are JSON lines in order, in a file or on standard output", async () => {
    const cwd = simpleProject();
    const { stdout, exitCode } = await retrain(["quarter", "2025Q2", "--events", "-"], { cwd });
    expect(exitCode).toBe(0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as RunEvent);
    expect(events[0]).toMatchObject({ type: "run-started", run: "2025Q2-1", resumed: false });
    expect(events.at(-1)).toMatchObject({ type: "run-finished", verdict: "promoted", exitCode: 0 });
    const finished = events.filter((event) => event.type === "step-finished").map((event) => event.step);
    expect(finished).toEqual(STEPS);
    expect(
      events.filter((event) => event.type === "step-progress" && event.step === "train").length,
    ).toBeGreaterThan(2);

    await retrain(["quarter", "2025Q2", "--events", "events.jsonl"], { cwd });
    const lines = readFileSync(join(cwd, "events.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as RunEvent).type)).toEqual([
      "run-started",
      ...STEPS.map(() => "step-finished"),
      "run-finished",
    ]);
  });

  test("runs, status and report find the run again, also from another folder", async () => {
    const cwd = simpleProject();
    await retrain(["quarter", "2025Q2"], { cwd });
    const elsewhere = { cwd: "/", env: { RETRAIN_STATE_DIR: join(cwd, ".retrain") } };
    const runs = JSON.parse((await retrain(["runs", "--json"], elsewhere)).stdout) as unknown[];
    expect(runs).toMatchObject([{ run: "2025Q2-1", verdict: "promoted", unfinished: false }]);
    const status = JSON.parse((await retrain(["status", "--json"], elsewhere)).stdout) as unknown;
    expect(status).toMatchObject({ run: "2025Q2-1", verdict: "promoted" });
    expect((await retrain(["report"], { cwd })).stdout).toBe(".retrain/runs/2025Q2-1/report.html\n");
    const unknown = await retrain(["status", "2025Q3-1"], elsewhere);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain("2025Q2-1");
  });

  test("values from the environment never reach a file or a stream", async () => {
    const cwd = simpleProject();
    const secret = "hush-7f3a9c";
    const path = join(cwd, "runbook.yaml");
    const text = readFileSync(path, "utf8").replace("owner: forecasting", `owner: "\${OWNER}"`);
    writeFileSync(path, text);
    const env = { OWNER: secret };
    const result = await retrain(
      ["quarter", "2025Q2", "--set", "gate.rules.0.max=0.0001", "--events", "events.jsonl"],
      { cwd, env },
    );
    expect(result.exitCode).toBe(3);
    expect(result.stdout + result.stderr).not.toContain(secret);
    const leaks = Object.keys(hashTree(join(cwd, ".retrain"))).filter((file) =>
      readFileSync(join(cwd, ".retrain", file)).includes(secret),
    );
    expect(leaks).toEqual([]);
  });
});

describe("usage", () => {
  test.each([
    [["quarter", "2025Q5"], "2025Q5"],
    [["quarter", "2025Q2", "--from", "tarin"], "train"],
    [["quarter", "2025Q2", "--from", "gate", "--until", "train"], "nothing would run"],
    [["quarter", "2025Q2", "--set", "train.fold=2"], "folds"],
    [["quarter", "2025Q2", "--set", "folds"], "PATH=VALUE"],
    [["quarter", "2025Q2", "--json", "--events", "-"], "standard output"],
    [["quarter", "2025Q2", "--runbook", "none.yaml"], "no such file"],
    [["quarter"], "quarter"],
    [["quater", "2025Q2"], "quarter"],
    [["resume"], "unfinished"],
    [["escalation"], "retrain"],
  ])("%j exits 2 and says what was meant", async (args, expected) => {
    const result = await retrain(args, { cwd: simpleProject() });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(expected);
    expect(result.stderr).not.toMatch(/\n {4}at /);
  });
});
