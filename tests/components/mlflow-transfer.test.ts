import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { writeDrillProject } from "../../src/cli/drill/project.js";
import { nodeFiles } from "../../src/durable/node-files.js";
import type { ModelRegistry } from "../../src/kit/registry.js";
import type { TransferReport } from "../../src/kit/transfer.js";
import { openRegistry } from "../../src/registry/open.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { type FaultProxy, startFaultProxy } from "../support/mlflow/fault-proxy.js";
import { describeWithMlflow, SAMPLED_BACKENDS } from "../support/mlflow/require.js";
import { registryContent } from "../support/registry-content.js";

const QUARTERS = ["2024Q4", "2025Q1"];

for (const backend of SAMPLED_BACKENDS)
  describeWithMlflow(`registries pushed to MLflow and pulled from it, on ${backend}`, backend, (uri) => {
    let laptop: string;
    let whole: Awaited<ReturnType<typeof registryContent>>;

    /** A machine with the project and an empty state directory; the model is this suite's own. */
    function machine(name: string, whenOver?: Parameters<typeof tempFolder>[0]): string {
      const cwd = tempFolder(whenOver);
      writeDrillProject(cwd, []);
      const file = join(cwd, "runbook.yaml");
      writeFileSync(file, readFileSync(file, "utf8").replaceAll("name: drill", `name: ${name}`));
      return cwd;
    }
    const open = (address: string): Promise<ModelRegistry> =>
      openRegistry(address, {
        files: nodeFiles(),
        clock: { now: () => new Date().toISOString(), monotonic: () => performance.now() },
        baseFolder: "/",
      });
    const embedded = (cwd: string) => open(`file:${join(cwd, ".retrain", "registry")}`);
    const ran = async (command: "push" | "pull", cwd: string, ...args: string[]) => {
      const { exitCode, stdout, stderr } = await retrain(["registry", command, ...args, "--json"], { cwd });
      expect(exitCode, stderr).toBe(0);
      return JSON.parse(stdout) as TransferReport;
    };
    const actions = ({ runs, versions, aliases }: TransferReport) => ({
      runs: runs.map(({ action }) => action),
      versions: versions.map(({ action }) => action),
      aliases: aliases.map(({ outcome, appended }) => `${outcome} ${appended}`),
    });

    const name = `e2e-transfer-${backend}-${process.pid}-${Date.now()}`;
    beforeAll(async () => {
      laptop = machine(name, afterAll);
      for (const quarter of QUARTERS) {
        const { exitCode, document, stderr } = await retrainJson(["quarter", quarter], { cwd: laptop });
        expect(exitCode, stderr).toBe(0);
        expect(document.verdict).toBe("promoted");
      }
      whole = await registryContent(await embedded(laptop), name);
      expect(whole.history).toHaveLength(4);
    }, 180_000);

    test("killed in the middle of a push and of a pull, the same commands complete them, and all three are equal", async () => {
      const proxy = await startFaultProxy(uri);
      onTestFinished(() => proxy.stop());
      const office = machine(name);
      // The values of a part, the files of a run, the model of the first version, and the second alias move.
      const pushed: readonly [string, number][] = [
        ["runs/log-batch", 4],
        ["/artifacts/", 7],
        ["logged-models/", 1],
        ["registered-models/alias", 2],
      ];
      for (const [path, on] of pushed)
        await killedAt(proxy, path, on, (kill) =>
          retrain(["registry", "push", "--to", proxy.uri], { cwd: laptop, onStart: kill }),
        );
      const completed = await ran("push", laptop, "--to", uri);
      // The last kill came between the two moves of each alias.
      expect(actions(completed).aliases).toEqual(["moved 1", "moved 1"]);
      expect(await registryContent(await open(uri), name)).toEqual(whole);

      for (const on of [3, 25])
        await killedAt(proxy, "/artifacts/", on, (kill) =>
          retrain(["registry", "pull", "--from", proxy.uri], { cwd: office, onStart: kill }),
        );
      await ran("pull", office, "--from", uri);
      expect(await registryContent(await embedded(office), name)).toEqual(whole);
    }, 240_000);

    describe("once it is there", () => {
      let before: unknown;
      beforeAll(async () => {
        await ran("push", laptop, "--to", uri);
        before = await serverState();
      }, 120_000);

      /** As MLflow itself tells it: a tag, a point or an entry of a ledger that was written twice would show. */
      async function serverState(): Promise<unknown> {
        const ask = async (path: string, body?: object) => {
          const response = await fetch(`${uri}/api/2.0/mlflow/${path}`, {
            method: body === undefined ? "GET" : "POST",
            headers: { "content-type": "application/json" },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          expect(response.status, path).toBe(200);
          return (await response.json()) as { experiment?: { experiment_id: string } };
        };
        const models = [name, `${name}~moves`].map((model) =>
          ask(`model-versions/search?filter=${encodeURIComponent(`name = '${model}'`)}&max_results=100`),
        );
        const model = ask(`registered-models/get?name=${encodeURIComponent(name)}`);
        const { experiment } = await ask(`experiments/get-by-name?experiment_name=${name}`);
        const runs = ask("runs/search", { experiment_ids: [experiment!.experiment_id], max_results: 1000 });
        return Promise.all([...models, model, runs]);
      }

      test("a push changes nothing, and a dry run says so", async () => {
        expect(actions(await ran("push", laptop, "--to", uri))).toEqual({
          runs: ["there", "there"],
          versions: ["there", "there"],
          aliases: ["there 0", "there 0"],
        });
        expect(actions(await ran("push", laptop, "--to", uri, "--dry-run")).runs).toEqual(["there", "there"]);
        expect(await serverState()).toEqual(before);
      });

      test("the next quarter goes on from it on the server, and comes back to the laptop", async () => {
        const office = machine(name);
        const set = ["--set", `registry.uri=${uri}`];
        const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2", ...set], {
          cwd: office,
        });
        expect(exitCode, stderr).toBe(0);
        expect(document).toMatchObject({
          verdict: "promoted",
          champion: { before: "2", after: "3" },
          candidate: { version: "3" },
        });
        expect(document.metrics["accuracy.wmape"]).toBeGreaterThan(0);
        expect(document.metrics["checkpoints.months"]).toBe(3);

        expect(actions(await ran("pull", laptop, "--from", uri))).toEqual({
          runs: ["there", "there", "copied"],
          versions: ["there", "there", "copied"],
          aliases: ["moved 1", "moved 1"],
        });
        const [there, here] = [await open(uri), await embedded(laptop)];
        expect(await registryContent(here, name)).toEqual(await registryContent(there, name));
        expect(await here.getAlias(name, "best")).toBe("3");
      }, 180_000);
    });
  });

/** SIGKILL to a command once the server has done the call; it must not have come to its end before. */
async function killedAt(
  proxy: FaultProxy,
  path: string,
  on: number,
  run: (onStart: (kill: (signal: NodeJS.Signals) => void) => void) => ReturnType<typeof retrain>,
): Promise<void> {
  let kill: (signal: NodeJS.Signals) => void = () => undefined;
  const die = async () => kill("SIGKILL");
  proxy.inject({ fault: { kind: "hook", when: "after", run: die }, path, on });
  const { exitCode, stderr } = await run((killer) => {
    kill = killer;
  });
  proxy.heal();
  expect(exitCode, `${path} ${on}: ${stderr}`).toBeNull();
}
