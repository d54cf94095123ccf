import type { Rows } from "../../rows.js";
import type { ExpertKind } from "../kind.js";
import { emitLinear } from "./emit.js";
import { groupTables } from "./group-tables.js";
import type { LinearExpert, LinearMap } from "./model.js";

export const linear: ExpertKind<LinearExpert> = { forecast: forecastLinear, emit: emitLinear };

function forecastLinear(expert: LinearExpert, rows: Rows): Float64Array {
  const { horizon } = rows;
  const forecast = new Float64Array(rows.count * horizon);
  const tables = groupTables(expert);
  const pooled = new Float64Array(horizon);
  const grouped = new Float64Array(horizon);
  for (let i = 0; i < rows.count; i++) {
    const length = Math.max(1, rows.length[i]!);
    const m = expert.maps.findIndex(({ minLength }) => minLength <= length);
    const row = readRow(expert, rows, i);
    addMap(expert.maps[m]!, row, pooled.fill(0));
    let groups = 0;
    grouped.fill(0);
    for (const { column, byCode } of tables) {
      const maps = byCode[rows.codes[i * rows.columns + column] ?? -1];
      if (maps === undefined) continue;
      groups++;
      addMap(maps[m]!, row, grouped);
    }
    for (let h = 0; h < horizon; h++) {
      forecast[i * horizon + h] = groups === 0 ? pooled[h]! : 0.5 * (pooled[h]! + grouped[h]! / groups);
    }
  }
  return forecast;
}

interface LinearRow {
  readonly filled: Float64Array;
  readonly scale: number;
  /** [H × K] and [O]: z-scores in units of the scale. */
  readonly known: Float64Array;
  readonly observed: Float64Array;
}

function readRow({ known, observed }: LinearExpert, rows: Rows, i: number): LinearRow {
  const { context, horizon, count } = rows;
  const scale = rows.scale[i]!;
  const knownWidth = rows.known.length / (count * horizon);
  const observedWidth = rows.observed.length / count;
  const scaledZ = (value: number | undefined, { centre, spread }: LinearExpert["known"][number]): number =>
    value === undefined || Number.isNaN(value) ? 0 : ((value - centre) / spread) * scale;
  const ahead = new Float64Array(horizon * known.length);
  for (let cell = 0; cell < ahead.length; cell++) {
    const j = cell % known.length;
    const lead = (cell - j) / known.length;
    ahead[cell] = scaledZ(rows.known[(i * horizon + lead) * knownWidth + known[j]!.column], known[j]!);
  }
  return {
    filled: rows.filled.subarray(i * context, (i + 1) * context),
    scale,
    known: ahead,
    observed: Float64Array.from(observed, (standard) =>
      scaledZ(rows.observed[i * observedWidth + standard.column], standard),
    ),
  };
}

/** Adds the forecast of a map to `out`. */
function addMap(map: LinearMap, { filled, scale, known, observed }: LinearRow, out: Float64Array): void {
  const first = filled.length - map.lags;
  for (let k = 0; k < map.lags; k++) addScaled(out, map.weights[k]!, filled[first + k]!, 0);
  if (map.intercept !== undefined) addScaled(out, map.intercept, scale, 0);
  map.known?.forEach((effect, j) => {
    const width = known.length / out.length;
    for (let lead = 0; lead < out.length; lead++) addScaled(out, effect, known[lead * width + j]!, lead);
  });
  map.observed?.forEach((effect, o) => {
    addScaled(out, effect, observed[o]!, 0);
  });
}

/** out[h] += by · response[h − delay] */
function addScaled(out: Float64Array, response: readonly number[], by: number, delay: number): void {
  for (let h = delay; h < out.length; h++) out[h]! += by * response[h - delay]!;
}
