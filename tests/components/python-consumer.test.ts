import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { periodOfDay, periodStart } from "../../src/calendar/period.js";
import { REPOSITORY, retrainJson, tempFolder } from "../support/cli.js";
import { describeWithMlflow } from "../support/mlflow/require.js";
import { fixtureProject } from "../support/project.js";
import {
  describeWithPython,
  freePort,
  PYTHON_EXAMPLE,
  python,
  pythonJson,
  startPython,
  stopPython,
} from "../support/python.js";

interface Checked {
  readonly series: readonly string[];
  readonly pyfunc: Answer;
  readonly onnx: Answer;
  readonly exampleSeries: readonly string[];
  readonly [what: string]: unknown;
}
interface Answer {
  /** [N][H] and [N][H][Q] */
  readonly forecast: readonly (readonly number[])[];
  readonly quantiles: readonly (readonly (readonly number[])[])[];
}

/** Python takes seconds to import MLflow, more on a busy machine. */
const HOOK_TIMEOUT = 180_000;

describeWithPython("Python loads the promoted model", () => {
  let cwd: string;
  let model: string;
  let outlook: string;

  beforeAll(async () => {
    cwd = fixtureProject(afterAll);
    const { document } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(document.verdict).toBe("promoted");
    model = join(cwd, ".retrain/registry/models/room-demand/versions/1/model");
    outlook = join(cwd, document.files.outlook!);
  }, HOOK_TIMEOUT);
  describe("from the model directory", () => {
    let checked: Checked;
    beforeAll(async () => {
      checked = await pythonJson<Checked>("check_model.py", [model], { cwd });
    }, HOOK_TIMEOUT);

    test.each(["pyfunc", "onnx"] as const)("%s gives every number of the outlook", (flavor) => {
      const rows = readFileSync(outlook, "utf8").trimEnd().split("\n");
      expect(rows.shift()).toBe("series,period,lead,forecast,lo80,hi80,lo95,hi95,segment");
      expect(rows).toHaveLength(426);
      const { forecast, quantiles } = checked[flavor];
      let compared = 0;
      for (const row of rows) {
        const [series, , lead, ...numbers] = row.split(",");
        const s = checked.series.indexOf(series!);
        const h = Number(lead) - 1;
        // Probabilities 0.005 0.01 0.025 0.05 0.1 0.25 and their complements: 10% and 90%, 2.5% and 97.5%.
        const bounds = quantiles[s]![h]!;
        const answer = [forecast[s]![h]!, bounds[4]!, bounds[7]!, bounds[2]!, bounds[9]!];
        for (const [at, actual] of answer.entries()) {
          const expected = Number(numbers[at]);
          expect(Math.abs(actual - expected) / Math.max(1, Math.abs(expected)), row).toBeLessThan(1e-5);
          compared++;
        }
      }
      expect(compared).toBe(426 * 5);
    });

    test("says in its signature what to send, and refuses what does not fit", () => {
      const tensor = (name: string, dtype: string, shape: number[]) => ({
        name,
        type: "tensor",
        "tensor-spec": { dtype, shape },
      });
      expect(checked).toMatchObject({
        inputs: [
          tensor("history", "float32", [-1, 96]),
          tensor("period", "int64", [-1]),
          tensor("static", "float32", [-1, 3]),
          tensor("known", "float32", [-1, 6, 1]),
          tensor("observed", "float32", [-1, 1]),
        ],
        outputs: [tensor("forecast", "float32", [-1, 6]), tensor("quantiles", "float32", [-1, 6, 12])],
        refusesFloat64: expect.stringContaining("float64"),
        refusesMissing: expect.stringContaining("period"),
      });
    });

    test("has an example of two real series that pyfunc and the scoring server's parser take", () => {
      expect(checked).toMatchObject({
        example: {
          history: ["float32", [2, 96]],
          period: ["int64", [2]],
          static: ["float32", [2, 3]],
          known: ["float32", [2, 6, 1]],
          observed: ["float32", [2, 1]],
        },
        answer: { forecast: ["float32", [2, 6]], quantiles: ["float32", [2, 6, 12]] },
        servedAsDirect: true,
        exampleSeries: ["H001", "H002"],
      });
    });

    test("says what it is and what it needs", () => {
      expect(checked).toMatchObject({
        opset: 13,
        onnx_valid: true,
        created: "2025-06-30 00:00:00.000000",
        metadata: {
          quarter: "2025Q2",
          cutoff: "2025-06-30",
          frequency: "month",
          context: 96,
          horizon: 6,
          first_period: 24306,
          first_period_start: "2025-07-01",
        },
        flavors: {
          onnx: { data: "model.onnx", providers: ["CPUExecutionProvider"] },
          python_function: { loader_module: "mlflow.onnx", data: "model.onnx" },
        },
      });
      const example = readFileSync(join(PYTHON_EXAMPLE, "requirements.txt"), "utf8").split("\n");
      for (const requirement of checked.requirements as string[]) {
        expect(requirement).toMatch(/^[a-z]+==[\d.]+$/);
        expect(example).toContain(requirement);
      }
      const installed = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
        devDependencies: Record<string, string>;
      };
      expect(checked.requirements).toContain(`onnxruntime==${installed.devDependencies["onnxruntime-node"]}`);
    });

    test("counts periods as the calendar does", async () => {
      const days = ["2024-12-31", "2025-01-01", "2025-02-01", "2025-03-31", "2025-04-01", "1999-07-15"];
      for (const [frequency, fiscalYearStart] of [
        ["month", 1],
        ["quarter", 1],
        ["quarter", 2],
        ["quarter", 12],
      ] as const) {
        const indexes = await pythonJson<[number, string][]>(
          "period_indexes.py",
          [frequency, String(fiscalYearStart), ...days],
          { cwd },
        );
        const calendar = { frequency, fiscalYearStart };
        const expected = days.map((day) => periodOfDay(day, calendar)!);
        expect(indexes).toEqual(expected.map((period) => [period, periodStart(period, calendar)]));
      }
    });

    test.each([[], ["--panel", "fixtures/demand.csv"]])(
      "predict.py agrees with the outlook %s %s",
      async (...from) => {
        const script = join(PYTHON_EXAMPLE, "predict.py");
        const same = await python([script, model, "--outlook", outlook, ...from], { cwd });
        expect(same.stdout).toContain("432 forecasts of 72 series");
        expect(same.stdout).toMatch(/426 rows of the outlook: \d\.\de-0[6-9] \n/);
        expect(same.exitCode, same.stderr).toBe(0);

        const changed = join(cwd, "changed.csv");
        writeFileSync(
          changed,
          readFileSync(outlook, "utf8").replace(/(\n[^\n]*)$/, "\nH001,2031-01-01,1,5,5,5,5,5,x$1"),
        );
        const other = await python([script, model, "--outlook", changed, ...from], { cwd });
        expect(other.exitCode).toBe(1);
        expect(other.stdout).toContain("too large");
      },
    );

    test("`mlflow models serve` answers its serving example", async () => {
      const port = await freePort();
      const args = [
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        model,
        "--env-manager",
        "local",
        "-p",
        `${port}`,
      ];
      const server = startPython(args, { cwd });
      onTestFinished(() => stopPython(server));
      const url = `http://127.0.0.1:${port}`;
      await until(async () => (await fetch(`${url}/ping`)).ok);
      const response = await fetch(`${url}/invocations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: readFileSync(join(model, "serving_input_example.json")),
      });
      expect(response.status).toBe(200);
      const { predictions } = (await response.json()) as { predictions: Answer };
      const h001 = checked.pyfunc.forecast[checked.series.indexOf("H001")]!;
      predictions.forecast[0]!.forEach((value, h) => {
        expect(value).toBeCloseTo(h001[h]!, 2);
      });
    });
  });

  describeWithMlflow("by the alias in MLflow", "sqlite", (uri) => {
    const env = { MLFLOW_TRACKING_URI: uri };
    const name = `python-consumer-${process.pid}-${Date.now()}`;
    let versions: string[];

    beforeAll(async () => {
      const broken = join(tempFolder(afterAll), "model");
      cpSync(model, broken, { recursive: true });
      writeFileSync(join(broken, "model.onnx"), "no graph");
      versions = await pythonJson("publish.py", [name, "best", outlook, model, model, broken], { cwd, env });
    }, HOOK_TIMEOUT);

    const pointAt = async (version: string): Promise<void> => {
      const response = await fetch(`${uri}/api/2.0/mlflow/registered-models/alias`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name, alias: "best", version }),
      });
      expect(response.status).toBe(200);
    };

    test("predict.py finds model and outlook by itself", async () => {
      const script = join(PYTHON_EXAMPLE, "predict.py");
      const { exitCode, stdout, stderr } = await python([script, `models:/${name}@best`], { cwd, env });
      expect(stdout).toContain(`432 forecasts of 72 series by models:/${name}/1`);
      expect(exitCode, stderr).toBe(0);
    });

    test("the service follows the alias, drops no request, and keeps its model when a reload fails", async () => {
      const port = await freePort();
      const args = ["-m", "uvicorn", "app:app", "--app-dir", PYTHON_EXAMPLE, "--port", String(port)];
      const service = startPython(args, { cwd, env: { ...env, MODEL_NAME: name, POLL_SECONDS: "0.2" } });
      onTestFinished(() => stopPython(service));
      const url = `http://127.0.0.1:${port}`;
      const predict = async (body: unknown) => {
        const response = await fetch(`${url}/predict`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return { status: response.status, body: (await response.json()) as never };
      };
      const health = async () => {
        const response = await fetch(`${url}/health`);
        const body = (await response.json()) as { status: string; version: string | null };
        return { code: response.status, ...body };
      };
      await until(async () => (await health()).status === "ok");
      expect(await health()).toMatchObject({ code: 200, version: "1", quarter: "2025Q2", error: null });

      const first = readFileSync(outlook, "utf8")
        .split("\n")
        .filter((row) => row.startsWith("H001,"))
        .map((row) => row.split(","));
      const known = await predict({ series: [{ id: "H001" }], levels: [0.95] });
      expect(known).toEqual({
        status: 200,
        body: {
          model: name,
          version: "1",
          quarter: "2025Q2",
          forecasts: [
            {
              id: "H001",
              periods: first.map((row) => row[1]),
              forecast: first.map((row) => nearly(row[3]!)),
              intervals: [
                {
                  level: 0.95,
                  lo: first.map((row) => nearly(row[6]!)),
                  hi: first.map((row) => nearly(row[7]!)),
                },
              ],
            },
          ],
        },
      });
      const fresh = { id: "new", history: [null, 5, 7], last: "2025-11" };
      expect((await predict({ series: [fresh] })).body).toMatchObject({
        forecasts: [
          { periods: ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"] },
        ],
      });
      expect((await predict({ series: [{ ...fresh, history: [null] }] })).body).toMatchObject({
        forecasts: [{ forecast: [null, null, null, null, null, null] }],
      });
      // What is known ahead and observed last moves the forecast, and so does another attribute; null is what is missing.
      const points = async (extra: object) =>
        (
          (await predict({ series: [{ id: "H001", ...extra }] })).body as {
            forecasts: [{ forecast: (number | null)[] }];
          }
        ).forecasts[0].forecast;
      const released = await points({});
      for (const extra of [
        { known: [[9], [9], [9], [9], [9], [9]] },
        { known: Array(6).fill([null]) },
        { observed: [300] },
        { attributes: [-1, -1], segment: -1 },
      ]) {
        const changed = await points(extra);
        expect(changed).toHaveLength(6);
        expect(changed.every((value) => Number.isFinite(value))).toBe(true);
        expect(changed, JSON.stringify(extra)).not.toEqual(released);
      }
      // The holidays of July to December 2025 in the north, as the panel has them after the cutoff.
      expect(await points({ known: [[0], [0], [0], [1], [0], [2]] })).toEqual(released);

      for (const wrong of [
        { series: [] },
        { series: [{ id: "H001", known: [[1]] }] },
        { series: [{ id: "H001", observed: [1, 2] }] },
        { series: [{ id: "H001", attributes: [0] }] },
        { series: [{ id: "H001", attributes: ["north", "budget"] }] },
        { series: [{ id: "new" }] },
        { series: [{ id: "H001", last: "2025-06" }] },
        { series: [{ id: "H001", history: ["many"] }] },
        { series: [{ id: "H001" }], levels: [0.81] },
        { series: [{ id: "H001" }], level: 0.8 },
      ]) {
        expect((await predict(wrong)).status, JSON.stringify(wrong)).toBe(422);
      }

      const seen = new Set<string>();
      let calls = 0;
      let calling = true;
      const caller = (async () => {
        while (calling) {
          const answer = await predict({ series: [{ id: "H001" }] });
          expect(answer.status).toBe(200);
          seen.add((answer.body as { version: string }).version);
          calls++;
        }
      })();
      await pointAt(versions[1]!);
      await until(async () => (await health()).version === "2");
      await pointAt(versions[2]!);
      await until(async () => (await health()).status === "stale");
      expect(await health()).toMatchObject({
        code: 200,
        version: "2",
        error: expect.stringMatching(/protobuf/i),
      });
      await pointAt(versions[0]!);
      await until(async () => (await health()).version === "1");
      expect(await health()).toMatchObject({ status: "ok", error: null });
      calling = false;
      await caller;
      expect([...seen].sort()).toEqual(["1", "2"]);
      expect(calls).toBeGreaterThan(10);
    });
  });
});

const nearly = (text: string) => expect.closeTo(Number(text), 2);

/** Waits for a program that takes its time to start; what it refuses meanwhile is no error. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error("it did not come to pass within 120 s");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
