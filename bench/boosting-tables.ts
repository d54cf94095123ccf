import { rowsAt } from "../src/forecast/cv-task.js";
import { featureCount, featureMatrix, type Layout, levelOf } from "../src/forecast/experts/trees/features.js";
import type { TreesExpert } from "../src/forecast/experts/trees/model.js";
import { sampleRows } from "../src/forecast/experts/trees/sample.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import { type TrainingData, trainingView } from "../src/forecast/training-view.js";
import { createRandom } from "../src/stats/random.js";
import { readPublicPanel, TOURISM_MONTHLY } from "./forecast-panels.js";

/** What boosted trees are trained and judged on: training rows first. */
export interface BoostingTable {
  readonly training: number;
  readonly testing: number;
  readonly columns: number;
  /** [columns × (training + testing)], column-major; NaN where missing */
  readonly x: Float32Array;
  readonly y: Float64Array;
}

const GENERATED_COLUMNS = 40;

/** Friedman's first function (1991) of five uniform features, among others that say nothing. */
export function generatedTable(training: number): BoostingTable {
  const testing = Math.round(training / 5);
  const rows = training + testing;
  const columns = GENERATED_COLUMNS;
  const random = createRandom(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const x = Float32Array.from({ length: rows * columns }, random.uniform);
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const at = (column: number) => x[column * rows + row]!;
    return (
      10 * Math.sin(Math.PI * at(0) * at(1)) + 20 * (at(2) - 0.5) ** 2 + 10 * at(3) + 5 * at(4) + normal()
    );
  });
  return { training, testing, columns, x, y };
}

const SEASON = 12;
/** Of the trees expert, see its defaults. */
const LAYOUT: Layout = { lags: 2 * SEASON + 1, sameSeason: 3, codes: 0, known: 0, observed: 0 };
const TRAINING_ROWS = 150_000;
const CONTEXT = 5 * SEASON;

/**
 * The table that the trees expert is trained on up to the last 24 months of tourism_monthly, and what it sees of each
 * series and lead when it forecasts these.
 */
export async function tourismTable(): Promise<BoostingTable> {
  const folder = process.env.RETRAIN_PANELS;
  if (folder === undefined)
    throw new Error("RETRAIN_PANELS has to name the folder of tourism_monthly.csv.gz");
  const panel = await readPublicPanel(folder, TOURISM_MONTHLY);
  const { horizon } = TOURISM_MONTHLY;
  const data: TrainingData = {
    panel,
    horizon,
    context: CONTEXT,
    segments: encodeSegments(panel.series, null),
  };
  const origin = panel.lastPeriod - horizon;
  const sample = sampleRows(trainingView(data, origin), LAYOUT, TRAINING_ROWS, 1);
  const held = heldOut(data, origin);
  const columns = featureCount(LAYOUT);
  const rows = sample.rows + held.answer.length;
  const x = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    x.set(sample.values.subarray(column * sample.rows, (column + 1) * sample.rows), column * rows);
    for (let row = 0; row < held.answer.length; row++)
      x[column * rows + sample.rows + row] = held.features[row * columns + column]!;
  }
  const y = Float64Array.from([...sample.answer, ...held.answer]);
  return { training: sample.rows, testing: held.answer.length, columns, x, y };
}

/** Row-major features, and answers as those of a sample: (target − level) / scale. */
function heldOut(data: TrainingData, origin: number): { features: Float32Array; answer: Float64Array } {
  const rows = rowsAt(data, origin);
  const { codes: _, ...counts } = LAYOUT;
  const ensemble: TreesExpert["ensemble"] = { features: 1, base: 0, link: "identity", trees: [] };
  const features = featureMatrix({ kind: "trees", id: "", ...counts, encodings: [], ensemble }, rows);
  const { panel, horizon, context } = data;
  const answer = Float64Array.from({ length: rows.count * horizon }, (_, cell) => {
    const series = Math.floor(cell / horizon);
    const lead = cell % horizon;
    const target = panel.target[panel.offsets[series + 1]! - horizon + lead]!;
    const level = levelOf(rows.filled.subarray(series * context, (series + 1) * context), SEASON);
    return (target - level) / rows.scale[series]!;
  });
  return { features, answer };
}
