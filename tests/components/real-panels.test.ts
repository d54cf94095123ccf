import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Escalation } from "../../src/report/escalation/escalation.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { realPanels } from "../support/panels.js";

if (realPanels === null) {
  console.warn(
    "SKIPPED: tests on real panels. Set RETRAIN_PANELS to the folder that holds aus_tourism_large_monthly.csv.gz.",
  );
}

interface Panel {
  readonly file: string;
  readonly frequency: "month" | "quarter";
  readonly horizon: number;
  readonly attributes: readonly string[];
  readonly segments: string;
}

const MONTHLY: Panel = {
  file: "aus_tourism_large_monthly.csv.gz",
  frequency: "month",
  horizon: 6,
  attributes: ["state", "zone", "region", "purpose"],
  segments: "state",
};
const QUARTERLY: Panel = {
  file: "aus_tourism_region_quarterly.csv.gz",
  frequency: "quarter",
  horizon: 4,
  attributes: ["state", "region", "purpose"],
  segments: "state",
};

const runbook = ({ file, frequency, horizon, attributes, segments }: Panel) => `version: 1
name: tourism
data:
  source: ${join(realPanels!, file)}
  frequency: ${frequency}
  columns: { series: series_id, time: date, target: value, attributes: [${attributes.join(", ")}] }
model: { name: tourism, alias: best, horizon: ${horizon}, firstRelease: promote }
steps:
  - { id: validate, uses: validate-data }
  - { id: accuracy, uses: accuracy-report }
  - { id: segments, uses: refresh-segments, with: { by: [${segments}] } }
  - { id: train, uses: train-pooled-cv, with: { folds: 3 } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8, 0.95] } }
  - { id: checkpoints, uses: compare-checkpoints, with: { maxRevision: 0.25 } }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: accuracy, metric: accuracy.wmape, max: 0.45 }
        - { id: candidate, metric: train.cv.wmape, max: 0.45 }
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.01 }
        - { id: drift, ks: { features: [target], statistic: 0.2, alpha: 0.05 } }
        - { id: checkpoints, metric: checkpoints.maxRevision, max: 0.25, severity: warn }
  - { id: promote, uses: promote }
escalation: { owner: forecasting, deadline: 5d }
`;

function project(panel: Panel, whenOver?: Parameters<typeof tempFolder>[0]): string {
  const folder = tempFolder(whenOver);
  writeFileSync(join(folder, "runbook.yaml"), runbook(panel));
  return folder;
}

const models = async (cwd: string) => {
  const { stdout } = await retrain(["models", "--json"], { cwd });
  return JSON.parse(stdout) as {
    aliases: Record<string, string>;
    versions: { version: string; digest: string }[];
    history: { alias: string; from: string | null; to: string; decision: string | null }[];
  };
};

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe.skipIf(realPanels === null)("three quarters of 304 monthly series", () => {
  let cwd: string;
  let first: Awaited<ReturnType<typeof retrainJson>>;
  beforeAll(async () => {
    cwd = project(MONTHLY, () => undefined);
    first = await retrainJson(["quarter", "2016Q2"], { cwd });
  }, 120_000);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  test("each quarter scores the one before, and best follows the decisions", {
    timeout: 300_000,
  }, async () => {
    expect(first).toMatchObject({
      exitCode: 0,
      document: {
        run: "2016Q2-1",
        quarter: "2016Q2",
        cutoff: "2016-06-30",
        dryRun: false,
        verdict: "promoted",
        candidate: { name: "tourism", version: "1" },
        champion: { before: null, after: "1" },
      },
    });
    expect(first.document.metrics["accuracy.wmape"]).toBeNull();
    expect(first.document.metrics["train.cv.wmape"]!).toBeLessThan(
      first.document.metrics["train.naive.wmape"]!,
    );

    const second = await retrainJson(["quarter", "2016Q3"], { cwd });
    expect(second).toMatchObject({
      exitCode: 0,
      document: { verdict: "promoted", champion: { before: "1", after: "2" } },
    });
    const accuracy = second.document.decision!.rules.find(({ id }) => id === "accuracy")!;
    expect(accuracy).toMatchObject({ verdict: "PASS", n: 912, limit: 0.45 });
    expect(accuracy.observed).toBe(second.document.metrics["accuracy.wmape"]);
    expect(second.document.metrics["checkpoints.months"]).toBe(3);

    const third = await retrainJson(["quarter", "2016Q4"], { cwd });
    expect(third).toMatchObject({
      exitCode: 0,
      document: { verdict: "promoted", champion: { before: "2", after: "3" } },
    });
    expect(third.document.decision!.rules.map(({ verdict }) => verdict)).toEqual([
      "PASS",
      "PASS",
      "PASS",
      "PASS",
      "PASS",
    ]);

    const registry = await models(cwd);
    expect(registry.versions.map(({ version }) => version)).toEqual(["1", "2", "3"]);
    expect(registry.aliases).toEqual({ best: "3", candidate: "3" });
    expect(
      registry.history.filter(({ alias }) => alias === "best").map(({ from, to }) => [from, to]),
    ).toEqual([
      [null, "1"],
      ["1", "2"],
      ["2", "3"],
    ]);

    // A limit set too tight: the same quarter escalates, and nothing that is live moves.
    const tight = await retrainJson(["quarter", "2016Q4", "--set", "gate.rules.0.max=0.10"], { cwd });
    expect(tight).toMatchObject({
      exitCode: 3,
      document: { verdict: "escalated", champion: { before: "3", after: "3" } },
    });
    expect((await models(cwd)).aliases).toEqual(registry.aliases);
    expect((await models(cwd)).versions).toHaveLength(3);
    const folder = join(cwd, ".retrain", "runs", tight.document.run, "escalation");
    expect(readdirSync(folder)).toEqual(["escalation.html", "escalation.json", "escalation.md", "rows.csv"]);
    const escalation = Escalation.parse(JSON.parse(readFileSync(join(folder, "escalation.json"), "utf8")));
    expect(escalation).toMatchObject({ verdict: "escalated", live: "3", owner: "forecasting" });
    expect(escalation.deadline).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(escalation.rules.failed).toMatchObject([{ id: "accuracy", verdict: "FAIL", limit: 0.1, n: 912 }]);
    expect(escalation.rules.failed[0]!.observed).toBe(tight.document.metrics["accuracy.wmape"]);
    expect(escalation.causes.segments.map(({ key }) => key).sort()).toEqual([
      "A",
      "B",
      "C",
      "D",
      "E",
      "F",
      "G",
    ]);
    expect(escalation.causes.series.length).toBeGreaterThan(5);
    expect(escalation.causes.periods.map(({ key }) => key).sort()).toEqual(["2016-10", "2016-11", "2016-12"]);
    expect(escalation.next.length).toBeGreaterThan(1);

    // What the run says is what Markdown readers find.
    const page = readFileSync(join(folder, "escalation.md"), "utf8");
    for (const text of [
      "accuracy.wmape",
      "10.0%",
      "forecasting",
      escalation.deadline!,
      `retrain report ${tight.document.run}`,
    ]) {
      expect(page).toContain(text);
    }
  });

  test("two runs of the same inputs give the same bytes", { timeout: 300_000 }, async () => {
    const files = [
      "artifacts/forecaster/model.onnx",
      "artifacts/forecaster/forecaster.json",
      "outlook/outlook/outlook.csv",
    ];
    const tables = [
      "artifacts/forecaster/series-state.parquet",
      "outlook/outlook/outlook.parquet",
      "outlook/snapshot/snapshot.parquet",
    ];
    const another = project(MONTHLY);
    expect((await retrainJson(["quarter", "2016Q2"], { cwd: another })).exitCode).toBe(0);
    const hashes = [cwd, another].map((folder) => {
      const steps = join(folder, ".retrain", "runs", "2016Q2-1", "steps");
      return [...files, ...tables].map((file) => sha256(join(steps, file)));
    });
    expect(hashes[1]).toEqual(hashes[0]);
  });
});

describe.skipIf(realPanels === null)("304 quarterly series", () => {
  test("a quarter is one period, and the next quarter scores it", { timeout: 300_000 }, async () => {
    const cwd = project(QUARTERLY);
    const first = await retrainJson(["quarter", "2016Q3"], { cwd });
    expect(first).toMatchObject({ exitCode: 0, document: { verdict: "promoted", cutoff: "2016-09-30" } });
    const second = await retrainJson(["quarter", "2016Q4"], { cwd });
    expect(second).toMatchObject({
      exitCode: 0,
      document: { verdict: "promoted", champion: { before: "1", after: "2" } },
    });
    expect(second.document.decision!.rules.find(({ id }) => id === "accuracy")).toMatchObject({
      verdict: "PASS",
      n: 304,
    });
    expect(second.document.metrics["checkpoints.months"]).toBe(3);
    expect(second.document.metrics["train.cv.wmape"]!).toBeLessThan(
      second.document.metrics["train.naive.wmape"]!,
    );
  });
});
