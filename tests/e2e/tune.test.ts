import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliOptions, type CliResult, retrain } from "../support/cli.js";
import { fixtureProject, hashTree } from "../support/project.js";

/** A registry that nobody answers for: a search must not ask it. */
const NO_REGISTRY = { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" };

const SPACE = `
space:
  learners: [[seasonal-naive], [seasonal-naive, season-average]]
  minSegmentSeries: [5, 1000]
`;

/** Takes some seconds. */
const SLOW = `
space:
  learners: [[theta, pooled-ridge, boosted-trees]]
  window: { min: 40, max: 70 }
`;

/** The fixtures with learners whose forecasts are plain arithmetic, and a search space. */
function project(space = SPACE): string {
  const folder = fixtureProject();
  const runbook = join(folder, "runbook.yaml");
  const text = readFileSync(runbook, "utf8");
  const simple = "{ folds: 3, ensemble: single, learners: [season-average] }";
  writeFileSync(runbook, text.replace("{ folds: 3 }", simple));
  writeFileSync(join(folder, "tune.yaml"), space);
  return folder;
}

const tune = (
  cwd: string,
  args: readonly string[] = [],
  more: Partial<CliOptions> = {},
): Promise<CliResult> =>
  retrain(["tune", "2025Q2", ...args], { cwd, ...more, env: { ...NO_REGISTRY, ...more.env } });

/** The document without what names this folder. */
function documentOf({ stdout, stderr }: CliResult): Record<string, unknown> {
  if (stdout === "") throw new Error(stderr);
  const { folder: _, patch, ...document } = JSON.parse(stdout) as Record<string, unknown>;
  return { ...document, patch: patch !== null };
}

test("the best trials beside the runbook, and a patch that git takes", async () => {
  const cwd = project();
  const before = hashTree(join(cwd, ".retrain"));
  expect(before).toEqual({});
  const first = await tune(cwd);
  expect(first.stderr).toMatchInlineSnapshot(`
    "  validate succeeded: 4931 rows, 72 series, 2019-01 to 2025-03, 639 rows after the cutoff left out
      segments succeeded: 12 segments
      trial 0: the runbook as it is: WMAPE 0.0860 MASE 0.9786
      trial 1: learners=["seasonal-naive"]: WMAPE 0.0842 MASE 0.9653
      trial 2: learners=["seasonal-naive"] minSegmentSeries=1000: WMAPE 0.0842 MASE 0.9653
      trial 3: learners=["seasonal-naive","season-average"]: WMAPE 0.0838 MASE 0.9589
      trial 4: learners=["seasonal-naive","season-average"] minSegmentSeries=1000: WMAPE 0.0835 MASE 0.9543
    "
  `);
  const { id } = documentOf(await tune(cwd, ["--json"])) as { id: string };
  expect(first.stdout.replaceAll(id, "ID")).toMatchInlineSnapshot(`
    "tune 2025Q2  train · 4 trials beside the runbook's own · rows up to 2025-03-31

      trial  relative  WMAPE    MASE  vs runbook  ± s.e.   relative by fold  changes
          4    1.9806  8.35%  0.9543     −0.0619  0.0296  1.932 2.000 2.000  learners=["seasonal-naive","season-average"] minSegmentSeries=1000
        * 3    1.9892  8.38%  0.9589     −0.0552  0.0433  1.932 2.033 1.987  learners=["seasonal-naive","season-average"]
          1    2.0000  8.42%  0.9653     −0.0393  0.0313  2.000 2.000 2.000  learners=["seasonal-naive"]
          2    2.0000  8.42%  0.9653     −0.0393  0.0313  2.000 2.000 2.000  learners=["seasonal-naive"] minSegmentSeries=1000
          0    2.0360  8.60%  0.9786                      2.012 2.004 2.102  the runbook as it is

      trial 4 has the lowest relative; trial 3 changes less and is as good up to one standard error
      between folds.

      take it: patch -p1 < .retrain/tune/ID/runbook.patch
      or:      retrain tune 2025Q2 --apply
    "
  `);
  expect(first.exitCode).toBe(0);

  const patch = join(".retrain", "tune", id, "runbook.patch");
  expect(
    readFileSync(join(cwd, patch), "utf8")
      .split("\n")
      .filter((line) => /^[-+]/.test(line)),
  ).toEqual([
    "--- a/runbook.yaml",
    "+++ b/runbook.yaml",
    "-  - { id: train, uses: train-pooled-cv, with: { folds: 3, ensemble: single, learners: [season-average] } }",
    "+  - { id: train, uses: train-pooled-cv, with: { folds: 3, ensemble: single, learners: [ seasonal-naive, season-average ] } }",
  ]);
  expect(spawnSync("git", ["apply", patch], { cwd }).status).toBe(0);
  expect((await retrain(["check"], { cwd })).exitCode).toBe(0);
  expect((await retrain(["runs"], { cwd })).stdout).not.toContain("2025Q1");
});

/** Forecasts what was a year before, times an option, and fails where a file tells it to. */
const PROGRAM = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
if (existsSync("broken")) { console.error("no luck with " + process.env.TOKEN); process.exit(7); }
const at = (file) => process.env.RETRAIN_LEARNER_DIR + "/" + file;
const { series, horizon, season, context, options } = JSON.parse(readFileSync(at("request.json"), "utf8"));
const bytes = readFileSync(at("history.npy"));
const start = 10 + bytes.readUInt16LE(8);
const rows = ["series,lead,forecast"];
series.forEach((id, i) => {
  for (let lead = 1; lead <= horizon; lead++) {
    const before = bytes.readFloatLE(start + 4 * ((i + 1) * context - season + lead - 1));
    rows.push([id, lead, (Number.isNaN(before) ? 1 : before) * options.factor].join());
  }
});
writeFileSync(at("forecasts.csv"), rows.join("\\n") + "\\n");
`;

test("a learner that is a program takes part, is tuned by its options, and is started once for each of them", async () => {
  const cwd = project("space:\n  learners.mine.options.factor: [3, 1]\n  minSegmentSeries: [5, 1000]\n");
  writeFileSync(join(cwd, "mine.mjs"), PROGRAM);
  const runbook = join(cwd, "runbook.yaml");
  const learner = `{ command: [${JSON.stringify(process.execPath)}, mine.mjs], env: { TOKEN: "\${TOKEN}" }, options: { factor: 2 } }`;
  writeFileSync(
    runbook,
    readFileSync(runbook, "utf8").replace("learners: [season-average]", `learners: [ ${learner} ]`),
  );
  const env = { TOKEN: "hunter2-hunter2" };
  const first = await tune(cwd, ["--json", "--apply"], { env });
  const { id, trials, chosen } = documentOf(first) as {
    id: string;
    trials: { trial: number; values: Record<string, unknown>; wmape: number }[];
    chosen: number;
  };
  expect(trials.map(({ values }) => values)).toContainEqual({ "learners.mine.options.factor": 3 });
  expect(trials.find(({ trial }) => trial === chosen)!.values).toEqual({ "learners.mine.options.factor": 1 });
  expect(readFileSync(runbook, "utf8")).toContain("options: { factor: 1 } }");
  const folder = join(cwd, ".retrain", "tune", id);
  // Three factors and three folds, in five trials.
  const runs = readFileSync(join(folder, "programs.log"), "utf8").match(/^--- mine: fold .*$/gm)!;
  expect([trials.length, runs.length]).toEqual([5, 9]);
  expect(readFileSync(join(folder, "search.json"), "utf8")).toContain("mine.mjs");
  for (const file of ["search.json", "trials.jsonl", "runbook.patch"])
    expect(readFileSync(join(folder, file), "utf8")).not.toContain("hunter2");

  // Another program is another search, and one that fails is said to.
  writeFileSync(join(cwd, "mine.mjs"), `${PROGRAM}\n// edited`);
  writeFileSync(join(cwd, "broken"), "");
  const { exitCode, stderr } = await tune(cwd, [], { env });
  expect([exitCode, stderr.includes("hunter2")], stderr).toEqual([1, false]);
  const said = stderr.replace(/\s+/g, " ");
  expect(said).toContain("of the learner mine ended with exit code 7");
  expect(said).toContain("no luck with ***");
});

test("--apply changes the runbook and nothing else", async () => {
  const cwd = project();
  const { exitCode, stdout } = await tune(cwd, ["--apply"]);
  expect([exitCode, stdout.includes("applied to runbook.yaml")]).toEqual([0, true]);
  const text = readFileSync(join(cwd, "runbook.yaml"), "utf8");
  expect(text).toContain(
    "with: { folds: 3, ensemble: single, learners: [ seasonal-naive, season-average ] }",
  );
  expect(text).toContain("attributes: [region, tier] # never change for a series");
  expect(Object.keys(hashTree(join(cwd, ".retrain", "registry")))).toEqual([]);
});

test("killed, a search goes on where it was and ends like one that nobody killed, whatever the workers", async () => {
  const whole = documentOf(await tune(project(), ["--json"], { env: { RETRAIN_WORKERS: "2" } }));
  const cwd = project();
  const killed = await tune(cwd, ["--json"], {
    onTalk: (talk, kill) => {
      if (talk.includes("trial 2")) kill("SIGKILL");
    },
  });
  expect(killed.exitCode).toBeNull();
  const journal = join(cwd, ".retrain", "tune", whole.id as string, "trials.jsonl");
  const lines = readFileSync(journal, "utf8").split("\n").slice(0, -1);
  expect(lines.length).toBeGreaterThanOrEqual(3);
  // What a kill in the middle of a line leaves.
  writeFileSync(journal, `${lines.join("\n")}\n{"seq":9,"rec`);
  const resumed = await tune(cwd, ["--json"], { env: { RETRAIN_WORKERS: "1" } });
  expect(documentOf(resumed)).toEqual(whole);
  expect(resumed.stderr).toContain(`${lines.length} of 5 configurations had been scored before`);
  const again = await tune(cwd, ["--json"]);
  expect(again.stdout).toBe(resumed.stdout);
  expect(again.stderr).not.toContain("trial");
});

test("Ctrl-C keeps what is scored and says how to go on", async () => {
  const cwd = project(SLOW);
  let isStopped = false;
  const { exitCode, stderr, stdout } = await tune(cwd, ["--budget", "3"], {
    onTalk: (talk, kill) => {
      if (isStopped || !talk.includes("trial 0")) return;
      isStopped = true;
      kill("SIGINT");
    },
  });
  expect([exitCode, stdout], stderr).toEqual([130, ""]);
  expect(stderr).toContain("`retrain tune 2025Q2 --budget 3`");
  const resumed = await tune(cwd, ["--budget", "1"]);
  expect(resumed.stderr).not.toContain("trial 0");
  expect(resumed.stderr).toMatch(/\d of 2 configurations had been scored before/);
});

test("one search of a model at a time", async () => {
  const cwd = project(SLOW);
  let second: Promise<CliResult> | null = null;
  const first = await tune(cwd, [], {
    onTalk: (talk, kill) => {
      if (!talk.includes("validate succeeded") || second !== null) return;
      second = tune(cwd).finally(() => kill("SIGKILL"));
    },
  });
  expect(first.exitCode).toBeNull();
  const { exitCode, stderr } = await second!;
  expect(exitCode).toBe(4);
  expect(stderr).toContain("Another command holds the lock: retrain tune");
  expect(stderr).toContain("then run `retrain tune 2025Q2`");
});

test("the rows of the quarter that the gate judges by are not seen", async () => {
  const cwd = project();
  const document = documentOf(await tune(cwd, ["--json"]));
  expect(document.cutoff).toBe("2025-03-31");
  const changed = project();
  const csv = readFileSync(join(changed, "fixtures", "demand.csv"), "utf8");
  const spiked = csv
    .split("\n")
    .map((line) => (/,2025-0[4-6]/.test(line) ? line.replace(/,[\d.]+(?=,)/, ",99999") : line));
  writeFileSync(join(changed, "spiked.csv"), spiked.join("\n"));
  const runbook = join(changed, "runbook.yaml");
  writeFileSync(
    runbook,
    readFileSync(runbook, "utf8").replace("source: fixtures/demand.csv", "source: spiked.csv"),
  );
  expect(spiked.join("\n")).not.toBe(csv);
  expect(documentOf(await tune(changed, ["--json"]))).toEqual(document);
});

test("a bad space, a missing one, and bad flags", async () => {
  const cwd = project("space:\n  ensembel: [four]\n  context: [0]\n");
  const bad = await tune(cwd);
  expect(bad.exitCode).toBe(2);
  expect(bad.stderr).toContain('tune.yaml:2:3: no parameter is called "ensembel"');
  expect(bad.stderr).toContain("tune.yaml:3:13: expected at least 1, got 0");
  expect(bad.stderr).toContain("2 errors in tune.yaml");
  for (const [args, message] of [
    [["--space", "none.yaml"], "cannot read the search space none.yaml: there is no such file"],
    [["--budget", "much"], "--budget takes a number of trials"],
    [["--seed", "-1"], "--seed takes a whole number"],
    [["--strategy", "bayes"], "--strategy is one of grid, random"],
  ] as const) {
    const { exitCode, stderr } = await tune(cwd, args);
    expect([exitCode, stderr.includes(message)], stderr).toEqual([2, true]);
  }
});
