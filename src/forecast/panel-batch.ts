import { ownValue } from "../kit/own-value.js";
import type { Panel } from "../panel/panel.js";
import { contextWindow } from "./context.js";
import type { Batch } from "./rows.js";

/** Which columns of a panel a forecaster takes, and in what form; a model and the metadata of its graph both say it. */
export interface InputColumns {
  readonly context: number;
  readonly horizon: number;
  /** Labels in the order of their codes. */
  readonly attributes: readonly { readonly name: string; readonly levels: readonly string[] }[];
  readonly known: readonly string[];
  readonly observed: readonly string[];
}

/** Every column that a panel has. */
export const columnsOf = (panel: Panel): Pick<InputColumns, "attributes" | "known" | "observed"> => ({
  attributes: panel.attributes.map(({ name, levels }) => ({ name, levels })),
  known: Object.keys(panel.known),
  observed: Object.keys(panel.observed),
});

/**
 * Every series of a panel as it is seen at `origin`, in the panel's order. What the panel has not is unknown
 * or missing.
 * @param segment [N], codes of the forecaster, −1 where unknown
 */
export function panelBatch(panel: Panel, origin: number, columns: InputColumns, segment: Int32Array): Batch {
  const count = panel.series.length;
  return {
    count,
    history: contextWindow(panel, origin, columns.context),
    period: new Int32Array(count).fill(origin + 1),
    codes: codesOf(panel, columns, segment),
    known: knownAhead(panel, origin, columns),
    observed: lastObserved(panel, origin, columns),
  };
}

/** [N × S]: segment, then attributes. */
export function codesOf(
  panel: Panel,
  { attributes }: Pick<InputColumns, "attributes">,
  segment: Int32Array,
): Int32Array {
  const width = 1 + attributes.length;
  const all = new Int32Array(panel.series.length * width).fill(-1);
  segment.forEach((code, s) => {
    all[s * width] = code;
  });
  attributes.forEach(({ name, levels }, a) => {
    const own = panel.attributes.find((attribute) => attribute.name === name);
    if (own === undefined) return;
    const codeOf = new Map(levels.map((label, code) => [label, code]));
    const translated = own.levels.map((label) => codeOf.get(label) ?? -1);
    own.codes.forEach((code, s) => {
      all[s * width + 1 + a] = translated[code]!;
    });
  });
  return all;
}

/** [N × H × K]: what the panel has of the periods after the origin. */
function knownAhead(panel: Panel, origin: number, { known, horizon }: InputColumns): Float32Array {
  const width = known.length;
  const all = new Float32Array(panel.series.length * horizon * width).fill(Number.NaN);
  const put = (s: number, period: number, k: number, value: number | undefined): void => {
    const lead = period - origin - 1;
    if (lead >= 0 && lead < horizon && value !== undefined) all[(s * horizon + lead) * width + k] = value;
  };
  known.forEach((name, k) => {
    const values = ownValue(panel.known, name);
    const ahead = panel.ahead && ownValue(panel.ahead.known, name);
    for (let s = 0; s < panel.series.length; s++) {
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
        put(s, panel.period[row]!, k, values?.[row]);
      }
      const periods = panel.ahead?.periods ?? 0;
      for (let t = 0; t < periods; t++) put(s, panel.lastPeriod + 1 + t, k, ahead?.[s * periods + t]);
    }
  });
  return all;
}

/** [N × O]: the last number at or before the origin. */
function lastObserved(panel: Panel, origin: number, { observed }: InputColumns): Float32Array {
  const width = observed.length;
  const all = new Float32Array(panel.series.length * width).fill(Number.NaN);
  observed.forEach((name, o) => {
    const values = ownValue(panel.observed, name);
    if (values === undefined) return;
    for (let s = 0; s < panel.series.length; s++) {
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]! && panel.period[row]! <= origin; row++) {
        if (!Number.isNaN(values[row]!)) all[s * width + o] = values[row]!;
      }
    }
  });
  return all;
}

/** Some rows of a batch, in the given order. */
export function takeRows(batch: Batch, rows: readonly number[]): Batch {
  const take = <T extends Float32Array | Int32Array>(values: T): T => {
    const width = batch.count === 0 ? 0 : values.length / batch.count;
    const taken = new (values.constructor as new (length: number) => T)(rows.length * width);
    rows.forEach((row, i) => {
      taken.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return taken;
  };
  return {
    count: rows.length,
    history: take(batch.history),
    period: take(batch.period),
    codes: take(batch.codes),
    known: take(batch.known),
    observed: take(batch.observed),
  };
}
