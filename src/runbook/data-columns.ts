import { resolve } from "node:path";
import type { DataSpec } from "../kit/specs.js";
import type { RunbookFile } from "./schema.js";

/** What the ids are called where no column names them. */
const SERIES = "series";

/** @param folder of the runbook: paths are relative to it */
export function dataSpec(data: RunbookFile["data"], folder: string): DataSpec {
  return {
    sources: [data.source].flat().map((path) => resolve(folder, path)),
    frequency: data.frequency,
    ...dataColumns(data),
    delimiter: data.delimiter ?? null,
    ...(data.ids === undefined ? {} : { ids: data.ids }),
    // Absent and not null: what was fingerprinted before these were there stays as it is.
    ...(data.encoding === undefined ? {} : { encoding: data.encoding }),
    ...(data.sheet === undefined ? {} : { sheet: data.sheet }),
    ...(data.timeFormat === undefined ? {} : { timeFormats: [data.timeFormat].flat() }),
    ...(data.timeZone === undefined ? {} : { timeZone: data.timeZone }),
    ...(data.timeFlags === undefined ? {} : { timeFlags: data.timeFlags }),
  };
}

/**
 * Columns of the `data:` section with one name a role, and what makes a role of several columns, or of the names of columns. What a runbook does not
 * use is absent and not null, so that fingerprints stay as they are.
 */
function dataColumns(data: RunbookFile["data"]): Pick<DataSpec, "columns" | "parts" | "wide"> {
  const { series, time, ...others } = data.columns;
  const isWide = data.shape === "wide";
  const parts = {
    ...(series === undefined ? (isWide ? {} : { series: [] }) : Array.isArray(series) ? { series } : {}),
    ...(Array.isArray(time) ? { time } : {}),
  };
  return {
    columns: { series: nameOf(series ?? SERIES), time: nameOf(time), ...others },
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
    ...(isWide ? { wide: data.wide ?? {} } : {}),
  };
}

const nameOf = (columns: string | readonly string[]): string =>
  typeof columns === "string" ? columns : columns.join(" + ");
