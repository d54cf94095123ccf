import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import type { FeatureMatrix } from "../../../../src/forecast/boosting/fit.js";
import {
  type BoostingOptions,
  DEFAULT_BOOSTING,
  type Loss,
} from "../../../../src/forecast/boosting/options.js";
import type { Workspace } from "../../../../src/forecast/boosting/workspace.js";
import { createRandom } from "../../../../src/stats/random.js";
import { REPOSITORY } from "../../../support/cli.js";

/** Threads load compiled code, so what is tested is what was built. */
const BUILT = join(REPOSITORY, "dist", "src", "forecast", "boosting");
if (!existsSync(join(BUILT, "tree-helper.js"))) throw new Error(`${BUILT} is not complete: npm run build`);
const load = (name: string) => import(pathToFileURL(join(BUILT, name)).href);
const { fitTrees } = (await load("fit.js")) as typeof import("../../../../src/forecast/boosting/fit.js");
const { makeTeam } = (await load("team.js")) as typeof import("../../../../src/forecast/boosting/team.js");
const { makeWorkspace } = (await load(
  "workspace.js",
)) as typeof import("../../../../src/forecast/boosting/workspace.js");
const { addRows } = (await load(
  "leaf-job.js",
)) as typeof import("../../../../src/forecast/boosting/leaf-job.js");
const { quantileLeaf } = (await load(
  "leaf-values.js",
)) as typeof import("../../../../src/forecast/boosting/leaf-values.js");

/** Large enough for threads to be worth it, and for leaves of several parts. */
function largeTable(): { x: FeatureMatrix; y: Float64Array; weight: Float64Array } {
  const [rows, columns] = [60_000, 11];
  const random = createRandom(3);
  const values = Float32Array.from({ length: rows * columns }, (_, i) =>
    random.uniform() < 0.05 ? Number.NaN : Math.round(random.uniform() * (i % columns === 2 ? 4 : 1e6)),
  );
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b] = [values[row]!, values[rows + row]!];
    return 5 + Math.sin((Number.isNaN(a) ? 0 : a) / 1e5) + (b > 5e5 ? 1 : 0) + random.uniform();
  });
  return { x: { rows, columns, values }, y, weight: y.map((target) => 1 + (target % 1)) };
}

const CASES: readonly (Partial<BoostingOptions> & { name: string; isWeighted?: boolean })[] = [
  { name: "l2" },
  { name: "l1", loss: { kind: "l1" } },
  { name: "weighted tweedie", loss: { kind: "tweedie", power: 1.5 }, isWeighted: true },
  {
    name: "a monotone quantile",
    loss: { kind: "quantile", probability: 0.8 },
    monotone: [1, 1, 0, -1, 0, 0, 0, 0, 0, 0, 0],
  },
  { name: "samples of rows and features", rowShare: 0.6, featureShare: 0.5, seed: 4 },
  { name: "early stopping", earlyStopping: { rounds: 2, validation: [...Array(9000).keys()] } },
];

describe("an ensemble is the same, bit by bit, for any number of threads", () => {
  const { x, y, weight } = largeTable();
  test.each(CASES)("$name", ({ name: _, isWeighted, ...options }) => {
    const train = (threads: number) =>
      JSON.stringify(fitTrees(x, y, { trees: 6, ...options }, isWeighted ? weight : null, threads));
    const alone = train(1);
    expect(JSON.parse(alone).trees.length).toBeGreaterThan(1);
    for (const threads of [2, 3]) expect(train(threads), `${threads} threads`).toBe(alone);
  });
});

describe("a helper", () => {
  const ROWS = 200_000;
  const PARTS = 256;

  /** One feature whose values are all in the first bin. */
  function plainWorkspace(loss: Loss): Workspace {
    const source = { values: new Float32Array(new SharedArrayBuffer(ROWS * 4)), sample: null };
    const options: BoostingOptions = { ...DEFAULT_BOOSTING, loss, leaves: PARTS, minLeaf: 1 };
    return makeWorkspace(source, new Float64Array(ROWS), null, options, true, 2);
  }

  /** A helper takes a while to start; meanwhile all parts are done here. */
  function runUntil(isEnough: () => boolean, run: () => void): number {
    const until = Date.now() + 20_000;
    let runs = 0;
    while (!isEnough() && Date.now() < until) {
      run();
      runs++;
    }
    return runs;
  }

  test("does parts of the work, and each is done once", () => {
    const workspace = plainWorkspace({ kind: "l2" });
    const { job, amounts, touched, histograms, helperHistograms } = workspace;
    job.set([0, 0, ROWS]);
    amounts.fill(1);
    const team = makeTeam(workspace);
    team.useThreads(2);
    try {
      const runs = runUntil(
        () => touched[1] === 1,
        () => team.run(addRows, PARTS),
      );
      expect(helperHistograms[0]).toBeGreaterThan(0);
      expect(histograms[0]! + helperHistograms[0]!).toBe(runs * ROWS);
    } finally {
      team.close();
    }
  });

  test("that fails makes the work fail", () => {
    const workspace = plainWorkspace({ kind: "l1" });
    workspace.job[0] = PARTS;
    // What the helper sees has leaves that end before they begin.
    workspace.leafStarts.forEach((_, leaf) => {
      workspace.leafStarts[leaf] = 1000 - leaf;
    });
    const own = Int32Array.from(workspace.leafStarts, (_, leaf) => leaf);
    const team = makeTeam({ ...workspace, leafStarts: own });
    team.useThreads(2);
    try {
      const never = () => false;
      expect(() => runUntil(never, () => team.run(quantileLeaf, PARTS))).toThrow(
        /Invalid typed array length/,
      );
    } finally {
      team.close();
    }
  });

  /** A thread that takes a part of the next work and is gone. */
  const THIEF = `
    import { workerData } from "node:worker_threads";
    import { takePart } from ${JSON.stringify(pathToFileURL(join(BUILT, "tickets.js")).href)};
    Atomics.store(workerData, 15, 1);
    while (takePart({ control: workerData }) === null);
    process.exit(1);
  `;

  test("that dies with a part in its hands makes the work fail", async () => {
    const workspace = plainWorkspace({ kind: "l2" });
    const { control, job } = workspace;
    job.set([0, 0, ROWS]);
    const thief = new Worker(new URL(`data:text/javascript,${encodeURIComponent(THIEF)}`), {
      workerData: control,
    });
    await vi.waitUntil(() => control[15] === 1, 20_000);
    const team = makeTeam(workspace, 1);
    team.useThreads(2);
    try {
      // It may come too late for one work, never for all of them.
      const never = () => false;
      expect(() => runUntil(never, () => team.run(addRows, PARTS))).toThrow(
        expect.objectContaining({ failure: { code: "forecast.thread-lost", retryable: true, seconds: 1 } }),
      );
    } finally {
      team.close();
      await thief.terminate();
    }
  });

  test("does not keep the process", () => {
    const script = `
      import { fitTrees } from ${JSON.stringify(pathToFileURL(join(BUILT, "fit.js")).href)};
      const values = Float32Array.from({ length: 600_000 }, (_, i) => (i * 7919) % 1000);
      const y = Float64Array.from(values);
      const { trees } = fitTrees({ rows: 600_000, columns: 1, values }, y, { trees: 3 }, null, 2);
      process.stdout.write(String(trees.length));
    `;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { encoding: "utf8", timeout: 25_000 },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "3", stderr: "" });
  });
});
