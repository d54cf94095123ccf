import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { periodStart } from "../../calendar/period.js";
import { distinctNames } from "../../panel/distinct-names.js";
import type { Panel } from "../../panel/panel.js";
import { type Column, writeParquet } from "../../panel/table.js";
import { CLIP } from "../cv-task.js";
import { type OfferedInput, offeredInputs } from "../experts/onnx/inputs.js";
import { learnerId } from "../learners/index.js";
import { hasCodes } from "../onnx/rows.js";
import { ML_OPSET, OPSET } from "../onnx/versions.js";
import { columnsOf } from "../panel-batch.js";
import type { Rows } from "../rows.js";
import type { TrainingData } from "../training-view.js";
import { CONTRACT_FORMAT, type LearnerRequest } from "./contract.js";
import { npyFile } from "./npy.js";
import type { Part } from "./part.js";

/** The same for every run: a learner that wants another has an option for it. */
const SEED = 1;

/** Writes request.json, panel.parquet and the inputs into an empty folder. */
export async function writeRequest(folder: string, part: Part): Promise<void> {
  const inputs = inputsOf(part.data);
  await writeFile(join(folder, "request.json"), `${JSON.stringify(requestOf(part, inputs), null, 2)}\n`);
  await writeParquet(join(folder, "panel.parquet"), panelColumns(part));
  for (const input of inputs) {
    await writeFile(
      join(folder, fileOf(input)),
      npyFile(valuesOf(input, part.rows), sizesOf(input, part.rows)),
    );
  }
}

/** What the forecaster of this data offers to a graph. */
export function inputsOf({ panel, horizon, context, segments }: TrainingData): OfferedInput[] {
  const columns = columnsOf(panel);
  const codes = hasCodes({
    segments: [...segments.ids],
    attributes: columns.attributes.map(({ name, levels }) => ({ name, levels: [...levels] })),
  });
  return offeredInputs({
    context,
    horizon,
    codes: codes ? 1 + columns.attributes.length : 0,
    known: columns.known.length,
    observed: columns.observed.length,
  });
}

function requestOf(
  { data, spec, span, fold, view, rows }: Part,
  inputs: readonly OfferedInput[],
): LearnerRequest {
  const { panel, segments } = data;
  const { attributes, known, observed } = columnsOf(panel);
  const columns = columnNames(panel);
  return {
    format: CONTRACT_FORMAT,
    learner: learnerId(spec),
    task: fold === null ? "export" : "forecast",
    fold,
    origin: { period: span.origin, start: periodStart(span.origin, panel.calendar) },
    since: Number.isFinite(span.since) ? span.since : null,
    gap: span.gap,
    frequency: panel.calendar.frequency,
    season: view.season,
    horizon: view.horizon,
    context: view.context,
    clip: { nonNegative: view.nonNegative, peaks: CLIP },
    seed: SEED,
    options: spec.options ?? {},
    series: [...panel.series],
    segments: [...segments.ids],
    attributes: attributes.map(({ name, levels }, index) => ({
      name,
      column: columns.attributes[index]!,
      levels: [...levels],
    })),
    known: known.map((name, index) => ({ name, column: columns.known[index]! })),
    observed: observed.map((name, index) => ({ name, column: columns.observed[index]! })),
    inputs: inputs.map((input) => ({
      name: input.name,
      file: fileOf(input),
      type: input.element === "float" ? "float32" : "int64",
      shape: sizesOf(input, rows),
    })),
    onnx: { opset: OPSET, mlOpset: ML_OPSET },
  };
}

/** Names in `panel.parquet`: those of the panel with their role in front, and a number behind one that only differs in case. */
function columnNames(panel: Panel) {
  const distinct = distinctNames([]);
  const named = (role: string, names: readonly string[]) =>
    names.map((name) => distinct(`${role}.${name}`, (_, attempt) => `${role}.${name}_${attempt}`));
  return {
    attributes: named(
      "attribute",
      panel.attributes.map(({ name }) => name),
    ),
    known: named("known", Object.keys(panel.known)),
    observed: named("observed", Object.keys(panel.observed)),
  };
}

const fileOf = ({ name }: OfferedInput): string => `${name}.npy`;
const sizesOf = ({ shape }: OfferedInput, { count }: Rows): number[] => [count, ...shape];

function valuesOf({ name }: OfferedInput, rows: Rows): Float32Array | BigInt64Array {
  if (name === "period") return BigInt64Array.from(rows.period, BigInt);
  return name === "static" ? Float32Array.from(rows.codes) : rows[name];
}

/** Rows that may be trained on, and no others: a program cannot leak what it does not have. */
function panelColumns({ data, span, view }: Part): Column[] {
  const { panel } = data;
  const rows: number[] = [];
  const owner: number[] = [];
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (period < span.since || period > span.origin - span.gap) continue;
      rows.push(row);
      owner.push(s);
    }
  }
  const width = view.levels.length;
  const codes = (column: number) => Int32Array.from(owner, (s) => view.codes[s * width + column]!);
  const doubles = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  const names = columnNames(panel);
  const features = (role: "known" | "observed"): Column[] =>
    Object.values(panel[role]).map((values, index) => ({
      name: names[role][index]!,
      type: "DOUBLE",
      values: doubles(values),
    }));
  return [
    { name: "series", type: "VARCHAR", values: owner.map((s) => panel.series[s]!) },
    { name: "period", type: "INTEGER", values: Int32Array.from(rows, (row) => panel.period[row]!) },
    {
      name: "start",
      type: "DATE",
      values: rows.map((row) => periodStart(panel.period[row]!, panel.calendar)),
    },
    { name: "target", type: "DOUBLE", values: doubles(panel.target) },
    { name: "segment", type: "INTEGER", values: codes(0) },
    ...panel.attributes.map(
      (_, a): Column => ({ name: names.attributes[a]!, type: "INTEGER", values: codes(1 + a) }),
    ),
    ...features("known"),
    ...features("observed"),
  ];
}
