import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { RunDocument } from "../../src/report/run-document.js";
import { tempFolder } from "../support/cli.js";
import { drillOnMlflow } from "../support/mlflow/drill-project.js";
import { type Fault, type FaultProxy, startFaultProxy } from "../support/mlflow/fault-proxy.js";
import { describeWithMlflow } from "../support/mlflow/require.js";

const LONG_MS = 60_000;

describeWithMlflow("calls to MLflow that take long", "sqlite", (uri) => {
  const proxies: FaultProxy[] = [];
  let started = 0;
  afterAll(() => Promise.all(proxies.map((proxy) => proxy.stop())));

  async function start(what: string) {
    const proxy = await startFaultProxy(uri);
    proxies.push(proxy);
    const name = `e2e-${what}-${process.pid}-${Date.now()}-${started++}`;
    return { proxy, ...drillOnMlflow(tempFolder(afterAll), name, proxy.uri, uri) };
  }

  /** Runs the quarter; when the server has done the call, Ctrl-C is sent, and the answer comes so many ms late. */
  async function stopped(what: string, late: number, signal: NodeJS.Signals, method: string, path: string) {
    const { proxy, quarter, expectOnce } = await start(what);
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    let sentAt: number | null = null;
    const stall: Fault = {
      kind: "hook",
      when: "after",
      async run() {
        sentAt = performance.now();
        kill(signal);
        await delay(late, undefined, { ref: false });
      },
    };
    proxy.inject({ fault: stall, method, path });
    const result = await quarter({
      onTalk: (_talk, send) => {
        kill = send;
      },
    });
    expect(sentAt, result.stderr).not.toBeNull();
    const seconds = (performance.now() - sentAt!) / 1000;
    const finish = async () => {
      proxy.heal();
      const resumed = await quarter();
      expect(resumed.exitCode, resumed.stderr).toBe(0);
      await expectOnce();
    };
    return { ...result, seconds, finish };
  }

  // The two concurrent suites run at the same time: while one waits for its stalls, the other works.
  describe.concurrent("a stall of 30 seconds", () => {
    const stall: Fault = { kind: "stall", ms: 30_000 };

    test("is waited for by default", async () => {
      const { proxy, quarter, expectOnce } = await start("stall");
      proxy.inject({ fault: stall, method: "POST", path: "model-versions/create" });
      const before = performance.now();
      const { exitCode, stderr } = await quarter();
      expect(exitCode, stderr).toBe(0);
      expect(performance.now() - before).toBeGreaterThan(30_000);
      await expectOnce();
    }, 120_000);

    test.each(["runs/create", "model-versions/create", "runs/log-batch"])(
      "of %s is cut off where the user says so, and what was made in it is found",
      async (path) => {
        const { proxy, quarter, expectOnce } = await start("limit");
        proxy.inject({ fault: stall, method: "POST", path });
        const { exitCode, stderr } = await quarter({ env: { MLFLOW_HTTP_REQUEST_TIMEOUT: "10" } });
        expect(exitCode, stderr).toBe(0);
        await expectOnce();
      },
      120_000,
    );
  });

  describe.concurrent("Ctrl-C during a call that nobody answers ends the run at once, and it goes on later", () => {
    test.each([
      ["runs/create", "POST", "SIGINT", 130],
      ["model-versions/create", "POST", "SIGTERM", 143],
      ["registered-models/alias", "POST", "SIGINT", 130],
    ] as const)(
      "%s",
      async (path, method, signal, code) => {
        const run = await stopped("cut", LONG_MS, signal, method, path);
        expect(run.exitCode, run.stderr).toBe(code);
        expect(run.seconds).toBeLessThan(15);
        expect(run.stderr).toMatch(new RegExp(`Stopped by ${signal} during the step \\w+`));
        expect(run.stderr).toContain("retrain quarter 2025Q2");
        expect(run.stderr).not.toContain("internal");
        await run.finish();
      },
      120_000,
    );

    test("while the report of a verdict is handed over", async () => {
      const run = await stopped("report", LONG_MS, "SIGINT", "PUT", "report.html");
      expect(run.exitCode, run.stderr).toBe(130);
      expect(run.seconds).toBeLessThan(15);
      expect(run.stderr).toContain("the verdict (promoted) stands");
      await run.finish();
    }, 120_000);
  });

  test("a call that is answered in time lets its step come to its end", async () => {
    const run = await stopped("graceful", 500, "SIGINT", "POST", "runs/create");
    expect(run.exitCode, run.stderr).toBe(130);
    const { verdict, steps } = JSON.parse(run.stdout) as RunDocument;
    expect(verdict).toBe("interrupted");
    expect(steps.some(({ status }) => status === "skipped")).toBe(true);
    expect(steps.filter(({ status }) => status === "failed")).toEqual([]);
    await run.finish();
  }, 120_000);
});
