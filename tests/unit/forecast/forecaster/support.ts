import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { LinearExpert } from "../../../../src/forecast/experts/linear/model.js";
import type { ForecastModel } from "../../../../src/forecast/model.js";
import type { Batch } from "../../../../src/forecast/rows.js";
import type { ArtifactKind, ArtifactReader, ArtifactWriter } from "../../../../src/kit/artifact.js";
import type { TrainingReport } from "../../../../src/kit/artifacts/training.js";
import { panelOf } from "../../../support/panels.js";

/** A folder that goes away with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "retrain-forecaster-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writerAt(folder: string): ArtifactWriter {
  const path = (name: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    return join(folder, name);
  };
  return {
    path,
    writeText: async (name, text) => writeFileSync(path(name), text),
    writeBytes: async (name, bytes) => writeFileSync(path(name), bytes),
    writeJson: async (name, value) => writeFileSync(path(name), `${JSON.stringify(value, null, 2)}\n`),
  };
}

/** The artifact that the files of a folder are. */
export function readerAt(kind: ArtifactKind, folder: string): ArtifactReader {
  const files = readdirSync(folder)
    .sort()
    .map((path) => ({
      path,
      sha256: hashOf(join(folder, path)),
      bytes: readFileSync(join(folder, path)).length,
    }));
  return {
    kind,
    hash: `sha256:${createHash("sha256").update(JSON.stringify(files)).digest("hex")}`,
    files,
    file: (path) => {
      if (!existsSync(join(folder, path))) throw new Error(`no ${path} in ${folder}`);
      return join(folder, path);
    },
    readJson: async (path, schema) => schema.parse(JSON.parse(readFileSync(join(folder, path), "utf8"))),
  };
}

export const hashOf = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

/** January 2020. */
export const START = 2020 * 12;

/**
 * Monthly series of 24 periods up to December 2021: whole, short, gappy, ended within the year, ended before,
 * all in two regions.
 */
export const smallPanel = () => {
  const wave = (level: number) => (t: number) => level + 10 * Math.sin((t * Math.PI) / 6) + (t % 5) / 10;
  const months = (count: number, value: (t: number) => number | null) =>
    Array.from({ length: count }, (_, t) => value(t));
  return panelOf(
    [
      { id: "a-whole", start: START, values: months(24, wave(100)) },
      { id: "b-short", start: START + 19, values: months(5, wave(50)) },
      { id: "c-gaps", start: START, values: months(24, (t) => (t % 7 === 3 ? null : wave(30)(t))) },
      { id: "d-ended-in-may", start: START, values: months(17, wave(70)) },
      { id: "e-ended-last-year", start: START, values: months(12, wave(20)) },
      { id: "f-zero", start: START, values: months(24, () => 0) },
    ],
    undefined,
    START + 23,
  );
};

/** One expert that repeats the last 12 periods. */
export const naiveExpert = (horizon: number): LinearExpert => ({
  kind: "linear",
  id: "naive",
  maps: [
    {
      minLength: 1,
      lags: 12,
      weights: Array.from({ length: 12 }, (_, k) =>
        Array.from({ length: horizon }, (_, h) => (h === k ? 1 : 0)),
      ),
    },
  ],
  groups: [],
  known: [],
  observed: [],
});

/**
 * Season 12, context 24, horizon 3. `naive` repeats the year before, for the north and unknown segments; `mean`
 * averages the last 3 periods, for the south.
 */
export const smallModel: ForecastModel = {
  format: 2,
  frequency: "month",
  season: 12,
  horizon: 3,
  context: 24,
  nonNegative: true,
  clip: 3,
  segments: ["north", "south"],
  attributes: [],
  known: [],
  observed: [],
  experts: [
    naiveExpert(3),
    {
      ...naiveExpert(3),
      id: "mean",
      maps: [{ minLength: 1, lags: 3, weights: [0, 1, 2].map(() => [1 / 3, 1 / 3, 1 / 3]) }],
    },
  ],
  combination: {
    method: "single",
    weights: [
      [1, 0],
      [0, 1],
      [1, 0],
    ],
    residual: null,
  },
  conformal: {
    levels: [0.5, 0.8, 0.95],
    halfWidths: [
      [
        [0.5, 0.75, 1],
        [1, 1.5, 2],
        [2, 3, 4],
      ],
    ],
    residuals: [[40, 38, 36]],
  },
};

/** Rows of `smallModel`: a history and a segment each. */
export const smallBatch = (history: Float32Array, segment: Int32Array, period = 0): Batch => ({
  count: segment.length,
  history,
  period: new Int32Array(segment.length).fill(period),
  codes: segment,
  known: new Float32Array(0),
  observed: new Float32Array(0),
});

const score = { learner: "naive", wmape: 0.1, mase: 0.9, bias: 0, n: 100 };

/** A report that goes with `smallModel`. */
export const smallTraining: TrainingReport = {
  horizon: 3,
  season: 12,
  context: 24,
  series: 6,
  learners: [{ id: "naive", description: "" }],
  ensemble: {
    asked: "single",
    method: "single",
    why: "",
    candidates: [score],
    weights: [{ learner: "naive", weight: 1 }],
    residual: 0,
  },
  folds: [],
  segments: [],
  cv: score,
  naive: { ...score, wmape: 0.2 },
  learnerTotals: [score],
  conformal: {
    levels: smallModel.conformal.levels,
    halfWidths: smallModel.conformal.halfWidths[0]!,
    residuals: smallModel.conformal.residuals[0]!,
  },
  intervals: { levels: [], wql: null, naiveWql: null, n: 0 },
};
