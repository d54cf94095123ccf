import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { trainSimply } from "../support/project.js";

const state = (cwd: string, ...path: string[]) => join(cwd, ".retrain", ...path);

/** The reference runbook with data of its own, so that a test may change them. */
function project(): string {
  const folder = tempFolder();
  cpSync(join(REPOSITORY, "runbook.yaml"), join(folder, "runbook.yaml"));
  trainSimply(folder);
  for (const name of ["demand.csv", "snapshots"])
    cpSync(join(REPOSITORY, "fixtures", name), join(folder, "fixtures", name), { recursive: true });
  return folder;
}

/** A project in which 2025Q2 has run to its promotion. A registry knows its place, so a copy would not do. */
async function afterRun(): Promise<string> {
  const cwd = project();
  expect((await retrain(["quarter", "2025Q2"], { cwd })).exitCode).toBe(0);
  return cwd;
}

/** Standard output of a command that succeeds; times and hashes, which differ from run to run, are masked. */
async function output(cwd: string, ...args: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await retrain(args, { cwd });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const masked = stdout
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "TIME")
    .replace(/[0-9a-f]{12,}/g, "HASH")
    .replace(/[\d,]+ bytes/g, "N bytes");
  return masked.trimEnd().split("\n");
}

/** The object behind an output of run 2025Q2-1. */
function objectOf(cwd: string, step: string, port: string): string {
  const record = JSON.parse(readFileSync(state(cwd, "runs/2025Q2-1/steps", step, "record.json"), "utf8")) as {
    outputs: Record<string, { files: { sha256: string }[] }>;
  };
  const hash = record.outputs[port]!.files[0]!.sha256;
  return state(cwd, "objects", hash.slice(0, 2), hash.slice(2));
}

describe("what explain says", () => {
  test("of known features after the cutoff: which rows and values", async () => {
    const cwd = tempFolder();
    writeFileSync(
      join(cwd, "runbook.yaml"),
      `version: 1
name: t
data:
  source: demand.csv
  frequency: month
  columns: { series: property_id, time: month, target: room_nights, known: [holidays] }
model: { name: t, horizon: 3 }
steps:
  - { id: validate, uses: validate-data }
  - { id: train, uses: train-pooled-cv, with: { folds: 1, ensemble: single, learners: [seasonal-naive] } }
`,
    );
    const demand = readFileSync(join(REPOSITORY, "fixtures", "demand.csv"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("property_id") || (line > "H00" && line.slice(5, 12) <= "2025-06"));
    const withAhead = (...rows: string[]) =>
      writeFileSync(join(cwd, "demand.csv"), `${[...demand, ...rows].join("\n")}\n`);
    withAhead("H001,2025-07,north,budget,,2,", "H002,2025-07,north,budget,,1,");
    expect((await retrain(["quarter", "2025Q2"], { cwd })).exitCode).toBe(0);
    withAhead("H001,2025-07,north,budget,,3,", "H001,2025-08,north,budget,,1,");
    expect((await retrain(["quarter", "2025Q2", "--until", "validate"], { cwd })).exitCode).toBe(0);
    expect(await output(cwd, "explain", "2025Q2", "train")).toEqual([
      "train would run  train-pooled-cv · quarter 2025Q2",
      "  It is stale: what it depends on is not what it was.",
      "",
      "Since 2025Q2-1",
      "  · input panel changed: 3 rows after the cutoff differ",
      "",
      "Input panel",
      "  · known-ahead.parquet: 3 rows differ (1 added, 1 removed, 1 changed), periods 2025-07-01 to",
      "    2025-08-01",
      "      holidays in 1 row",
      "      e.g. H001 2025-07-01: holidays 2 → 3",
      "      e.g. H002 2025-07-01 removed: holidays 1",
      "      e.g. H001 2025-08-01 added: holidays 1",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
  });

  test("of a step that never ran: so, and what comes first", async () => {
    expect(await output(project(), "explain", "2025Q2", "train")).toEqual([
      "train would run  train-pooled-cv · quarter 2025Q2",
      "  It never ran for this quarter, and waits for validate.",
      "",
      "Upstream",
      "  · validate: never ran for this quarter",
      "  · segments: after validate",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
  });

  test("of a step that is reused: from which run", async () => {
    expect(await output(await afterRun(), "explain", "2025Q2", "train")).toEqual([
      "train would be reused  train-pooled-cv · quarter 2025Q2",
      "  Nothing that it depends on has changed since run 2025Q2-1 made its outputs (TIME).",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
  });

  test("of a changed parameter, with commands that repeat the flags", async () => {
    const cwd = await afterRun();
    const set = ["--set", "train.folds=4"];
    expect(await output(cwd, "explain", "2025Q2", "train", ...set)).toEqual([
      "train would run  train-pooled-cv · quarter 2025Q2",
      "  It is stale: what it depends on is not what it was.",
      "",
      "Since 2025Q2-1",
      "  · parameter folds 3 → 4",
      "",
      "  next  retrain quarter 2025Q2 --set train.folds=4",
    ]);
    expect(await output(cwd, "explain", "2025Q2", "artifacts", ...set)).toEqual([
      "artifacts would run  build-artifacts · quarter 2025Q2",
      "  It waits for train. Where that leaves the same outputs as before, it is reused.",
      "",
      "Upstream",
      "  · train: stale: parameter folds 3 → 4",
      "  · register: after train",
      "",
      "  next  retrain quarter 2025Q2 --set train.folds=4",
    ]);
  });

  test("of three changed rows: the source first, and then the rows themselves; plan has the same words", async () => {
    const cwd = await afterRun();
    const path = join(cwd, "fixtures", "demand.csv");
    const lines = readFileSync(path, "utf8").split("\n");
    for (const at of [200, 700, 1500]) {
      const cells = lines[at]!.split(",");
      cells[4] = String(Number(cells[4]) + 5);
      lines[at] = cells.join(",");
    }
    writeFileSync(path, lines.join("\n"));
    expect(await output(cwd, "explain", "2025Q2", "validate")).toEqual([
      "validate would run  validate-data · quarter 2025Q2",
      "  It is stale: what it depends on is not what it was.",
      "",
      "Since 2025Q2-1",
      "  · source file demand.csv changed",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
    const run = await retrain(["quarter", "2025Q2", "--until", "validate"], { cwd });
    expect(run.stderr).toContain("\n→ validate: stale: source file demand.csv changed\n✔ validate: ");
    expect(run.stderr).toContain("\n– train: after --until validate\n");

    expect(await output(cwd, "explain", "2025Q2", "train")).toEqual([
      "train would run  train-pooled-cv · quarter 2025Q2",
      "  It is stale already, and waits for segments.",
      "",
      "Since 2025Q2-1",
      "  · input panel changed: 3 rows differ",
      "",
      "Upstream",
      "  · segments: stale: input panel changed: 3 rows differ",
      "",
      "Input panel",
      "  · panel.parquet: 3 rows differ (0 added, 0 removed, 3 changed), periods 2019-03-01 to 2025-04-01",
      "      target in 3 rows",
      "      e.g. H020 2019-03-01: target 1569 → 1574",
      "      e.g. H003 2021-08-01: target 3509 → 3514",
      "      e.g. H009 2025-04-01: target 3718 → 3723",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
    const plan = JSON.parse((await retrain(["plan", "2025Q2", "--json"], { cwd })).stdout) as {
      steps: { id: string; action: string; reason: string }[];
    };
    expect(plan.steps.slice(0, 4).map(({ id, action, reason }) => `${id} ${action}: ${reason}`)).toEqual([
      "validate reuse: nothing changed",
      "accuracy run: stale: input panel changed: 3 rows differ",
      "segments run: stale: input panel changed: 3 rows differ",
      "train run: stale: input panel changed: 3 rows differ; after segments",
    ]);
  });

  test("of another champion, promoted in between", async () => {
    const cwd = await afterRun();
    const between = await retrainJson(["quarter", "2025Q2", "--set", "train.folds=2"], { cwd });
    expect(between.document.champion).toEqual({ before: "1", after: "2" });
    expect(await output(cwd, "explain", "2025Q2", "outlook")).toEqual([
      "outlook would run  generate-outlook · quarter 2025Q2",
      "  It is stale: what it depends on is not what it was.",
      "",
      "Since 2025Q2-2",
      "  · input forecaster changed",
      "  · input version changed",
      "  · champion moved 1 → 2",
      "",
      "Input forecaster",
      "  · MLmodel: N bytes, sha256 HASH → N bytes, sha256 HASH",
      "  · forecaster.json: 3 fields differ",
      "      cv changed",
      "      naive changed",
      "      residuals changed",
      "  · golden.json: 1 field differs",
      "      quantiles changed",
      "  · manifest.json: 1 field differs",
      "      files changed",
      "  · model.onnx: N bytes, sha256 HASH → N bytes, sha256 HASH",
      "",
      "Input version (registered-version)",
      "  · registered.json: 3 fields differ",
      "      identity HASH → HASH",
      "      runId HASH → HASH",
      "      version 2 → 1",
      "",
      "  next  retrain quarter 2025Q2",
    ]);
  });

  test("of a step that the runbook does not have", async () => {
    const result = await retrain(["explain", "2025Q2", "tarin"], { cwd: project() });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain('"tarin"');
    expect(result.stderr).toContain("train");
  });

  test("and writes nothing", async () => {
    const cwd = project();
    await retrain(["explain", "2025Q2", "train", "--json"], { cwd });
    expect(existsSync(state(cwd))).toBe(false);
  });
});

describe("what a damaged state directory costs", () => {
  test.each([
    ["corrupted", "its segments.json in the object store is damaged"],
    ["missing", "its segments.json is gone from the object store"],
  ])("a %s object is made again, and explain, console and journal say so", async (how, reason) => {
    const cwd = await afterRun();
    const object = objectOf(cwd, "segments", "segments");
    const content = readFileSync(object);
    chmodSync(object, 0o644);
    if (how === "missing") rmSync(object);
    else writeFileSync(object, "something else");
    const text = (await output(cwd, "explain", "2025Q2", "segments")).join(" ").replace(/ +/g, " ");
    expect(text).toBe(
      `segments would run refresh-segments · quarter 2025Q2 Nothing that it depends on has changed, but ${reason}: it is made again. next retrain quarter 2025Q2`,
    );
    const { document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(document.steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "validate reused",
      "accuracy reused",
      "segments succeeded",
      ...["train", "register", "artifacts", "outlook", "checkpoints", "gate", "promote"].map(
        (id) => `${id} reused`,
      ),
    ]);
    expect(stderr).toContain(`\n→ segments: ${reason}\n✔ segments: `);
    expect(readFileSync(state(cwd, "runs/2025Q2-2/journal.jsonl"), "utf8")).toContain(`"reason":"${reason}"`);
    expect(readFileSync(object)).toEqual(content);
  });

  test("a journal whose last line is torn: the run goes on where it was", async () => {
    const cwd = await afterRun();
    const journal = state(cwd, "runs/2025Q2-1/journal.jsonl");
    truncateSync(journal, readFileSync(journal).length - 20);
    // It is written behind the line, so a kill that tears the line leaves none.
    rmSync(state(cwd, "runs/2025Q2-1/journal.seal.json"));
    expect((await retrain(["status"], { cwd })).stdout).toContain("retrain resume 2025Q2-1");
    const { document, exitCode } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ run: "2025Q2-1", verdict: "promoted" });
    expect(new Set(document.steps.map(({ status }) => status))).toEqual(new Set(["reused"]));
    const lines = readFileSync(journal, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
      lines.map((_, i) => i + 1),
    );
  });

  test("a run of a newer format is refused with the way out, and is in nobody else's way", async () => {
    const cwd = await afterRun();
    const path = state(cwd, "runs/2025Q2-1/run.json");
    const header = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...header, format: 2, retrain: "9.0.0" }));
    const refused = await retrain(["quarter", "2025Q2"], { cwd });
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr.replaceAll(cwd, "PROJECT").split("\n")).toEqual([
      "✖ This run was written by a newer retrain and cannot be gone on with",
      "  where     PROJECT/.retrain/runs/2025Q2-1/run.json",
      "  expected  a run of format 1",
      "  │ It has format 2, of retrain 9.0.0. Runs of other quarters can be used as before.",
      "  next      Go on with it in retrain 9.0.0",
      "            Make it again from the start: `retrain quarter 2025Q2 --fresh`",
      "            Or keep both apart with another `--state-dir`",
      "",
    ]);
    expect(await output(cwd, "runs")).toEqual([
      "  run       model  started  verdict",
      "  2025Q2-1                  Unreadable: format 2",
    ]);
    const other = await retrainJson(["quarter", "2025Q1", "--until", "validate"], { cwd });
    expect(other.document).toMatchObject({ run: "2025Q1-1", verdict: "completed" });
    const fresh = await retrainJson(["quarter", "2025Q2", "--fresh", "--until", "validate"], { cwd });
    expect(fresh.document.run).toBe("2025Q2-2");
  });
});

describe("--plan, --from", () => {
  test("a plan that does not hold: exit code 5, and nothing is there that was not", async () => {
    const cwd = project();
    const refused = await retrain(["quarter", "2025Q2", "--plan", "sha256:aa"], { cwd });
    expect(refused).toMatchObject({ exitCode: 5, stdout: "" });
    expect(readdirSync(cwd).sort()).toEqual(["fixtures", "runbook.yaml"]);
  });

  test("--from runs a stale step before it too, and says so", async () => {
    const cwd = await afterRun();
    const { stderr } = await retrain(
      [
        "quarter",
        "2025Q2",
        "--dry-run",
        "--from",
        "train",
        "--until",
        "train",
        "--set",
        "segments.by=[tier]",
      ],
      { cwd },
    );
    expect(stderr).toMatch(
      /\n→ segments: stale: parameter by.*; it runs too, although --from train was asked\n✔ segments: .*\n→ train: --from\n/,
    );
  });
});
