import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, tempFolder } from "../support/cli.js";
import { CHANGES, COMPOUND_CHANGES } from "../support/mlflow/changes.js";
import { drillOnMlflow, outcomeOf } from "../support/mlflow/drill-project.js";
import { type FaultProxy, startFaultProxy } from "../support/mlflow/fault-proxy.js";
import { describeWithOwnMlflow, SAMPLED_BACKENDS } from "../support/mlflow/require.js";
import { startMlflow, type TestMlflow } from "../support/mlflow/server.js";
import { FULL } from "../support/thorough.js";

/** `lost`: the server has done the call, and the answer never comes. `after`: the answer comes, and the next call finds nobody. */
const MOMENTS = ["before", "lost", "after"] as const;
type Moment = (typeof MOMENTS)[number];

/** Also the kinds that are one row, every call of a quarter, and every test on every backend: hours. */
const ALL = process.env.RETRAIN_TEST_KILLS === "all";

/** Each kill takes a restart, ten seconds. The answers to the other kinds get lost in `mlflow-quarters.test.ts`. */
const KILLED_AT = ALL ? CHANGES : COMPOUND_CHANGES;

/** A run that is killed at once after each restart comes to its end all the same: a few times of typing the command again. */
const MOST_RUNS = 4;

for (const backend of SAMPLED_BACKENDS)
  await describeWithOwnMlflow(`kill -9 of the server during a quarter, on ${backend}`, backend, () => {
    let mlflow: TestMlflow;
    let proxy: FaultProxy;
    let uninterrupted: CliResult;
    beforeAll(async () => {
      mlflow = await startMlflow({ backend });
      proxy = await startFaultProxy(mlflow.uri);
      uninterrupted = await project("whole").quarter();
      expect(uninterrupted.exitCode, uninterrupted.stderr).toBe(0);
    }, 180_000);
    afterAll(async () => {
      await proxy.stop();
      await mlflow.stop();
    }, 60_000);

    const project = (what: string) =>
      drillOnMlflow(tempFolder(afterAll), `e2e-kill-${what}`, proxy.uri, mlflow.uri);

    let restarted: Promise<void> = Promise.resolve();
    async function kill(moment: Moment): Promise<void> {
      await mlflow.kill9();
      restarted = mlflow.restart();
      // The test waits for it, but not yet.
      restarted.catch(() => undefined);
      if (moment === "lost") throw new Error("the answer is lost");
    }
    const faultAt = (moment: Moment) =>
      ({
        kind: "hook",
        when: moment === "before" ? "before" : "after",
        run: () => kill(moment),
      }) as const;

    function expectClean({ exitCode, stderr }: CliResult): void {
      expect(exitCode, stderr).toBe(1);
      expect(stderr).toContain("retrain quarter 2025Q2");
      expect(stderr).not.toContain("internal");
    }

    async function expectSame(result: CliResult, own: ReturnType<typeof project>): Promise<void> {
      expect(result.exitCode, result.stderr).toBe(0);
      expect(outcomeOf(result)).toEqual(outcomeOf(uninterrupted));
      await own.expectOnce();
    }

    // Answers that get lost at each kind of change are tried for every change, in `mlflow-quarters.test.ts`.
    if (ALL || (FULL && backend === "sqlite"))
      test("at the first change of each kind: every run fails cleanly, and the last one ends like one that was never killed", async () => {
        const own = project("each");
        const pending = new Map(KILLED_AT.map((change) => [String(change[1]), change]));
        for (let runs = 0; ; runs++) {
          let killed = false;
          for (const [name, [method, path]] of pending) {
            const fault = faultAt(MOMENTS[runs % MOMENTS.length]!);
            const run = async () => {
              if (killed) return;
              killed = true;
              pending.delete(name);
              await fault.run();
            };
            proxy.inject({ fault: { ...fault, run }, method, path });
          }
          const result = await own.quarter({ env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" } });
          proxy.heal();
          await restarted;
          if (!killed) {
            expect([...pending.keys()], "kinds of calls that the quarter does not make").toEqual([]);
            await expectSame(result, own);
            return;
          }
          // The answer to the last call of a run may be the last thing that it needs.
          if (result.exitCode !== 0) expectClean(result);
        }
      }, 400_000);

    test("a server that is back soon is waited for", async () => {
      const own = project("waits");
      for (const on of [10, 40]) proxy.inject({ fault: faultAt("lost"), on });
      let result = await own.quarter();
      for (let runs = 1; result.exitCode !== 0 && runs < MOST_RUNS; runs++) {
        expectClean(result);
        await restarted;
        result = await own.quarter();
      }
      proxy.heal();
      await restarted;
      await expectSame(result, own);
    }, 240_000);

    if (ALL)
      test("at any call at all", async () => {
        for (let on = 1; ; on++) {
          const own = project(`call-${on}`);
          proxy.forget();
          proxy.inject({ fault: faultAt(MOMENTS[on % MOMENTS.length]!), on });
          const first = await own.quarter({ env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" } });
          proxy.heal();
          await restarted;
          if (proxy.calls().length < on) return;
          if (first.exitCode !== 0) expectClean(first);
          await expectSame(first.exitCode === 0 ? first : await own.quarter(), own);
        }
      }, 7_200_000);
  });
