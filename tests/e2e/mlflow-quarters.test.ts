import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDrillProject } from "../../src/cli/drill/project.js";
import type { RunDocument } from "../../src/report/run-document.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
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
    const cwd = tempFolder();
    const name = unique(what);
    writeDrillProject(cwd, []);
    const set = [`registry.uri=${proxy.uri}`, `model.name=${name}`, `name=${name}`].flatMap((value) => [
      "--set",
      value,
    ]);
    return {
      name,
      // A few short pauses between attempts, so that a test does not wait for minutes.
      quarter: () =>
        retrainJson(["quarter", "2025Q2", ...set], { cwd, env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "2" } }),
      models: async () => JSON.parse((await retrain(["models", "--json", ...set], { cwd })).stdout) as Models,
    };
  }

  async function runsOn(name: string): Promise<number> {
    const post = async (path: string, body: object) => {
      const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as {
        experiments?: { experiment_id: string }[];
        runs?: { data: { tags: { key: string }[] } }[];
      };
    };
    const { experiments } = await post("experiments/search", { max_results: 10, filter: `name = '${name}'` });
    const ids = experiments!.map(({ experiment_id }) => experiment_id);
    const { runs = [] } = await post("runs/search", { experiment_ids: ids, max_results: 100 });
    return runs.filter(({ data }) => !data.tags.some(({ key }) => key === "mlflow.parentRunId")).length;
  }

  /** Whatever happened on the way: one run, one version, one move of each alias. */
  async function expectOnce({ name, models }: ReturnType<typeof project>): Promise<void> {
    const { aliases, versions, history } = await models();
    expect(versions.map(({ version, status }) => `${version} ${status}`)).toEqual(["1 ready"]);
    expect(aliases).toEqual({ best: "1", candidate: "1" });
    expect(history.map(({ alias, to }) => `${alias} ${to}`).sort()).toEqual(["best 1", "candidate 1"]);
    expect(await runsOn(name)).toBe(1);
  }

  /** The run ends well, or it fails cleanly and the same command brings it to its end. */
  async function runThrough(
    what: string,
    fault: Fault,
    method: string,
    path: string,
    on: number | "all" = 1,
  ): Promise<void> {
    const own = project(what);
    proxy.heal();
    proxy.forget();
    proxy.inject({ fault, method, path, on });
    const first = await own.quarter();
    expect(proxy.calls().some((call) => call.fault === fault.kind)).toBe(true);
    proxy.heal();
    if (first.exitCode !== 0) {
      expect(first.exitCode, first.stderr).toBe(1);
      expect(first.stderr).not.toContain("internal");
      const second = await own.quarter();
      expect(second.exitCode, second.stderr).toBe(0);
    }
    await expectOnce(own);
  }

  const CHANGES: readonly [string, string][] = [
    ["POST", "experiments/create"],
    ["POST", "runs/create"],
    ["POST", "runs/log-batch"],
    ["POST", "runs/log-inputs"],
    ["POST", "runs/update"],
    ["PUT", "mlflow-artifacts/"],
    ["POST", "registered-models/create"],
    ["POST", "logged-models"],
    ["POST", "model-versions/create"],
    ["POST", "registered-models/set-tag"],
    ["POST", "registered-models/alias"],
    ["PATCH", "logged-models/"],
    ["POST", "model-versions/set-tag"],
  ];

  test.each(CHANGES)(
    "the answer to %s %s gets lost after the server has done it",
    async (method, path) => {
      await runThrough("lost", { kind: "reset-after" }, method, path);
    },
    120_000,
  );

  // The first is the version itself; then come the requests to move `candidate` and `best`.
  test.each([2, 3])(
    "the answer to the version number %i that a run makes gets lost",
    async (on) => {
      await runThrough("append", { kind: "reset-after" }, "POST", "model-versions/create", on);
    },
    120_000,
  );

  const FAULTS: readonly [string, Fault, string, string][] = [
    ["refused for a second", { kind: "refuse", ms: 1000 }, "POST", "runs/create"],
    ["reset before it arrives", { kind: "reset-before" }, "POST", "model-versions/create"],
    ["half an answer", { kind: "reset-in-answer" }, "POST", "runs/create"],
    ["too many requests", tooManyRequests(1), "POST", "runs/log-batch"],
    ["an error of the server", internalError, "POST", "model-versions/create"],
    ["a gateway's HTML", unavailableHtml, "PUT", "mlflow-artifacts/"],
    ["an answer that comes late", { kind: "stall", ms: 5000 }, "POST", "registered-models/alias"],
  ];
  test.each(FAULTS)(
    "%s",
    async (_name, fault, method, path) => {
      await runThrough("fault", fault, method, path);
    },
    120_000,
  );

  test("a server that stays away fails the run cleanly, and nothing is lost", async () => {
    const own = project("away");
    proxy.heal();
    proxy.inject({ fault: { kind: "reset-before" }, path: "registered-models/alias", on: "all" });
    const failed = await own.quarter();
    expect(failed.exitCode).toBe(1);
    expect(failed.document.verdict).toBe("failed");
    expect(failed.stderr).toContain(proxy.uri.replace("http://", ""));
    proxy.heal();
    const again = await own.quarter();
    expect(again.exitCode, again.stderr).toBe(0);
    await expectOnce(own);
  }, 120_000);
});
