import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LearnerSpec } from "../../../../src/forecast/learners/spec.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { trainForecaster } from "../../../../src/forecast/train.js";
import { panelOf, withFeatures } from "../../../support/panels.js";
import { quietControl, trainOptions, twoKindsOfSeries } from "../../../support/training.js";
import { tempFolder } from "../../durable/temp-folder.js";

/** What onnxruntime says is written by its library, not by Node: it is heard from a process of its own. */
const LOAD = `
  const { InferenceSession } = require("onnxruntime-node");
  (async () => {
    for (const path of process.argv.slice(1)) {
      console.error(path);
      await (await InferenceSession.create(path, { logSeverityLevel: 2 })).release();
    }
  })();
`;

const TREES: readonly LearnerSpec[] = [{ use: "boosted-trees", trees: 3, leaves: 4 }];
const LEARNERS: readonly LearnerSpec[] = [
  "seasonal-naive",
  "season-average",
  "ets-bank",
  "theta",
  "ses",
  "damped-trend",
  "pooled-ridge",
  "centred-ridge",
  ...TREES,
];

describe("a graph loads without a warning", () => {
  test("of every learner, of all together, and of a combination with features and segments", async () => {
    const folder = await tempFolder();
    const plain = panelOf(twoKindsOfSeries(3));
    const rich = withFeatures(plain);
    const all = { ids: ["all"], codes: new Int32Array(plain.series.length) };
    const byKind = {
      ids: ["growing", "seasonal"],
      codes: Int32Array.from(plain.series, (id) => ["g", "s"].indexOf(id[0]!)),
    };
    const cases = [
      ...LEARNERS.map((learner) => [plain, all, { learners: [learner] }] as const),
      [plain, all, { ensemble: "four", learners: LEARNERS }] as const,
      [rich, byKind, { ensemble: "full", learners: ["ets-bank", "pooled-ridge", ...TREES] }] as const,
    ];
    const paths: string[] = [];
    for (const [index, [panel, segments, recipe]] of cases.entries()) {
      const options = trainOptions({ folds: 2, ...recipe });
      const { model } = await trainForecaster(panel, panel.lastPeriod, segments, options, quietControl());
      const path = join(folder, `${index}.onnx`);
      writeFileSync(path, emitOnnx(model, "0.0.0"));
      paths.push(path);
    }
    const { status, stderr } = spawnSync(process.execPath, ["-e", LOAD, ...paths], { encoding: "utf8" });
    expect(stderr.trim().split("\n")).toEqual(paths);
    expect(status).toBe(0);
  }, 120_000);
});
