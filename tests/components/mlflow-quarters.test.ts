import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunDocument } from "../../src/report/run-document.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { CHANGES, type Change } from "../support/mlflow/changes.js";
import { drillOnMlflow } from "../support/mlflow/drill-project.js";
import {
  type Fault,
  type FaultProxy,
  internalError,
  startFaultProxy,
  tooManyRequests,
  unavailableHtml,
} from "../support/mlflow/fault-proxy.js";
import { describeWithMlflow } from "../support/mlflow/require.js";
import { realPanels } from "../support/panels.js";
import { describeWithPython, PYTHON_EXAMPLE, python } from "../support/python.js";
import { chosen } from "../support/thorough.js";

/** Suites share the server. */
const unique = (what: string): string => `e2e-${what}-${process.pid}-${Date.now()}`;

interface Models {
  readonly aliases: Record<string, string>;
  readonly versions: readonly { readonly version: string; readonly status: string }[];
  readonly history: readonly { readonly alias: string; readonly from: string | null; readonly to: string }[];
}

const tourism = (name: string, uri: string) => `version: 1
name: ${name}
data:
  source: ${join(realPanels ?? "", "aus_tourism_large_monthly.csv.gz")}
  frequency: month
  columns: { series: series_id, time: date, target: value, attributes: [state, zone, region, purpose] }
model: { name: ${name}, horizon: 6 }
registry: { uri: "${uri}" }
steps:
  - { id: validate, uses: validate-data }
  - { id: accuracy, uses: accuracy-report }
  - { id: segments, uses: refresh-segments, with: { by: [state] } }
  - { id: train, uses: train-pooled-cv }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook }
  - { id: checkpoints, uses: compare-checkpoints }
  - { id: gate, uses: gate, with: { rules: [{ id: accuracy, metric: accuracy.wmape, max: 0.45 }] } }
  - { id: promote, uses: promote }
`;

describeWithMlflow(
  "three quarters on a real MLflow server, each from an empty state directory",
  "sqlite",
  (uri) => {
    describe.skipIf(realPanels === null)("304 monthly series", () => {
      const name = unique("quarters");
      const ended: RunDocument[] = [];
      let cwd: string;

      beforeAll(async () => {
        cwd = tempFolder(afterAll);
        writeFileSync(join(cwd, "runbook.yaml"), tourism(name, uri));
        for (const quarter of ["2016Q2", "2016Q3", "2016Q4"]) {
          const { exitCode, document, stderr } = await retrainJson(
            ["quarter", quarter, "--state-dir", quarter],
            {
              cwd,
            },
          );
          expect(exitCode, stderr).toBe(0);
          ended.push(document);
        }
      }, 240_000);

      test("each finds the champion and the snapshot of the one before in the registry alone", () => {
        expect(ended.map(({ champion }) => [champion.before, champion.after])).toEqual([
          [null, "1"],
          ["1", "2"],
          ["2", "3"],
        ]);
        expect(ended.map(({ metrics }) => metrics["accuracy.wmape"] === null)).toEqual([true, false, false]);
        expect(ended.map(({ metrics }) => metrics["checkpoints.months"])).toEqual([0, 3, 3]);
      });

      test("the numbers are those of the embedded registry", async () => {
        for (const quarter of ["2016Q2", "2016Q3"]) {
          const set = ["--set", "registry.uri=file:registry", "--state-dir", "embedded"];
          const { exitCode, stderr } = await retrain(["quarter", quarter, ...set], { cwd });
          expect(exitCode, stderr).toBe(0);
          const outlook = (state: string) =>
            readFileSync(
              join(cwd, state, "runs", `${quarter}-1`, "steps/outlook/outlook/outlook.csv"),
              "utf8",
            );
          expect(outlook(quarter)).toBe(outlook("embedded"));
        }
      });

      test("`retrain models` shows versions, aliases and every move", async () => {
        const { stdout } = await retrain(["models", "--json"], { cwd });
        const models = JSON.parse(stdout) as Models;
        expect(models.aliases).toEqual({ best: "3", candidate: "3" });
        expect(models.versions.map(({ version, status }) => `${version} ${status}`)).toEqual([
          "1 ready",
          "2 ready",
          "3 ready",
        ]);
        expect(models.history.map(({ alias, from, to }) => `${alias} ${from} ${to}`)).toEqual([
          "candidate null 1",
          "best null 1",
          "candidate 1 2",
          "best 1 2",
          "candidate 2 3",
          "best 2 3",
        ]);
      });

      describeWithPython("from Python", () => {
        test("pyfunc by the alias gives the outlook, every number of every series to 1e-5", async () => {
          const script = join(PYTHON_EXAMPLE, "predict.py");
          const { exitCode, stdout, stderr } = await python([script, `models:/${name}@best`], {
            cwd,
            env: { MLFLOW_TRACKING_URI: uri },
          });
          expect(stdout).toContain(`1824 forecasts of 304 series by models:/${name}/3`);
          expect(exitCode, stderr).toBe(0);
        }, 120_000);
      });
    });
  },
);

describeWithMlflow("a run whose calls to MLflow go wrong", "sqlite", (uri) => {
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(uri);
  });
  afterAll(() => proxy.stop());

  /** A project with a name of its own, so that its part of the server is empty. */
  function project(what: string) {
    const own = drillOnMlflow(tempFolder(), unique(what), proxy.uri, uri);
    // A few short pauses between attempts, so that a test does not wait for minutes.
    const env = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2" };
    return { ...own, quarter: () => own.quarter({ env }) };
  }

  interface Trouble {
    readonly fault: Fault;
    readonly call: Change;
    /** Which of these calls. */
    readonly on: number;
  }

  /** The run ends well, or it fails cleanly and the same command brings it to its end; typed once more for each fault at most. */
  async function runThrough(what: string, troubles: readonly Trouble[]): Promise<void> {
    const own = project(what);
    proxy.heal();
    proxy.forget();
    for (const { fault, call, on } of troubles) proxy.inject({ fault, method: call[0], path: call[1], on });
    let result = await own.quarter();
    for (let runs = 1; result.exitCode !== 0 && runs <= troubles.length; runs++) {
      expect(result.exitCode, result.stderr).toBe(1);
      expect(result.stderr).not.toContain("internal");
      result = await own.quarter();
    }
    expect(result.exitCode, result.stderr).toBe(0);
    const met = proxy.calls().filter((call) => call.fault !== null);
    expect(met).toHaveLength(troubles.length);
    for (const { fault, call } of troubles) {
      const path: unknown = expect.stringMatching(call[1]);
      expect(met).toContainEqual(expect.objectContaining({ fault: fault.kind, method: call[0], path }));
    }
    proxy.heal();
    await own.expectOnce();
  }

  /**
   * A quarter for each call would take minutes, so a quarter loses the answers to every third kind: the calls around a lost answer are answered. Of
   * the three version numbers that a run makes (the version itself, then the requests to move `candidate` and `best`), each quarter loses another.
   */
  const QUARTERS = [0, 1, 2];
  const lostIn = (quarter: number): readonly Trouble[] => {
    const isAppend = ([, path]: Change) => path.test("model-versions/create");
    const others = CHANGES.filter((call) => !isAppend(call)).filter(
      (_, n) => n % QUARTERS.length === quarter,
    );
    const fault: Fault = { kind: "reset-after" };
    return [
      ...others.map((call) => ({ fault, call, on: 1 })),
      { fault, call: CHANGES.find(isAppend)!, on: quarter + 1 },
    ];
  };

  test.each(chosen(QUARTERS, (quarter) => quarter === 0))(
    "the answers to calls of every third kind get lost after the server has done them: from kind %i",
    async (quarter) => {
      await runThrough(`lost-${quarter}`, lostIn(quarter));
    },
    120_000,
  );

  const FAULTS: readonly (readonly [string, readonly (readonly [Fault, string, RegExp])[]])[] = [
    [
      "refused for a second, reset before it arrives, too many requests, a gateway's HTML, an answer that comes late",
      [
        [{ kind: "refuse", ms: 1000 }, "POST", /runs\/create$/],
        [{ kind: "reset-before" }, "POST", /model-versions\/create$/],
        [tooManyRequests(1), "POST", /runs\/log-batch$/],
        [unavailableHtml, "PUT", /\/mlflow-artifacts\//],
        [{ kind: "stall", ms: 2000 }, "POST", /registered-models\/alias$/],
      ],
    ],
    [
      "half an answer, an error of the server",
      [
        [{ kind: "reset-in-answer" }, "POST", /runs\/create$/],
        [internalError, "POST", /model-versions\/create$/],
      ],
    ],
  ];
  test.each(FAULTS)(
    "%s",
    async (_names, faults) => {
      const troubles = faults.map(([fault, ...call]) => ({ fault, call, on: 1 }));
      await runThrough("faults", troubles);
    },
    120_000,
  );

  test("a server that stays away fails the run cleanly, and nothing is lost", async () => {
    const own = project("away");
    proxy.heal();
    proxy.inject({ fault: { kind: "reset-before" }, path: "registered-models/alias", on: "all" });
    const failed = await own.quarter();
    expect(failed.exitCode).toBe(1);
    expect((JSON.parse(failed.stdout) as RunDocument).verdict).toBe("failed");
    expect(failed.stderr).toContain(proxy.uri.replace("http://", ""));
    proxy.heal();
    const again = await own.quarter();
    expect(again.exitCode, again.stderr).toBe(0);
    await own.expectOnce();
  }, 120_000);
});
