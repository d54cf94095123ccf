import { rm, writeFile } from "node:fs/promises";
import { intervalColumns } from "../kit/artifacts/snapshot.js";
import { fail } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import { readTable, type TypedColumn } from "../panel/table.js";
import { tableProblem } from "../panel/table-problem.js";
import type { LiveSnapshot } from "./live.js";

/** A forecast as columns of equal length, one row a series and period. */
export interface SnapshotRows {
  readonly series: readonly string[];
  /** First day of the period, ISO. */
  readonly period: readonly string[];
  /** Periods after the cutoff, from 1. */
  readonly lead: Int32Array;
  readonly forecast: Float64Array;
  /** By rising level; NaN where a row has no interval. */
  readonly intervals: readonly {
    readonly level: number;
    readonly lo: Float64Array;
    readonly hi: Float64Array;
  }[];
}

/**
 * Downloads a snapshot from the registry to `workFile`, reads it, and removes the file.
 * @throws FailureError `snapshot.unreadable`
 */
export async function readSnapshot(
  registry: ModelRegistry,
  snapshot: LiveSnapshot,
  workFile: string,
): Promise<SnapshotRows> {
  const { table, runId } = snapshot;
  const file = `${table} of registry run ${runId}`;
  await writeFile(workFile, await registry.readArtifact(runId, table));
  try {
    return await readRows(workFile, snapshot.meta.levels, file);
  } catch (error) {
    const detail = tableProblem(error);
    if (detail === null) throw error;
    return unreadable(file, detail, error);
  } finally {
    await rm(workFile, { force: true });
  }
}

async function readRows(path: string, levels: readonly number[], file: string): Promise<SnapshotRows> {
  const intervals = [...levels].sort((a, b) => a - b).map((level) => ({ level, ...intervalColumns(level) }));
  const wanted: TypedColumn[] = [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    { name: "lead", type: "INTEGER" },
    { name: "forecast", type: "DOUBLE" },
    ...intervals.flatMap(({ lo, hi }) => [lo, hi]).map((name) => ({ name, type: "DOUBLE" as const })),
  ];
  const columns = await readTable(path, wanted);
  const values = (name: string) => columns.find((column) => column.name === name)!.values;
  const texts = (name: string): readonly string[] => {
    const found = values(name) as readonly (string | null)[];
    const missing = found.indexOf(null);
    return missing < 0 ? (found as readonly string[]) : unreadable(file, `row ${missing + 1} has no ${name}`);
  };
  return {
    series: texts("series"),
    period: texts("period"),
    lead: values("lead") as Int32Array,
    forecast: values("forecast") as Float64Array,
    intervals: intervals.map(({ level, lo, hi }) => ({
      level,
      lo: values(lo) as Float64Array,
      hi: values(hi) as Float64Array,
    })),
  };
}

function unreadable(file: string, detail: string, cause?: unknown): never {
  return fail({ code: "snapshot.unreadable", retryable: false, file, line: null, detail }, cause);
}
