import { rm, writeFile } from "node:fs/promises";
import { intervalColumns } from "../kit/artifacts/snapshot.js";
import { FailureError, fail } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import { type Column, readTable } from "../panel/table.js";
import { type LiveSnapshot, SNAPSHOT_TABLE } from "./live.js";

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
  const name = `${SNAPSHOT_TABLE} of registry run ${snapshot.runId}`;
  await writeFile(workFile, await registry.readArtifact(snapshot.runId, SNAPSHOT_TABLE));
  try {
    return rowsOf(await readTable(workFile), snapshot.meta.levels, name);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code.startsWith("data.")) {
      return unreadable(name, `it is not a Parquet table (${error.failure.code})`, error);
    }
    throw error;
  } finally {
    await rm(workFile, { force: true });
  }
}

function rowsOf(columns: readonly Column[], levels: readonly number[], file: string): SnapshotRows {
  const texts = (name: string): readonly string[] => {
    const { values } = find(columns, name, file);
    const missing = (values as readonly unknown[]).findIndex((value) => typeof value !== "string");
    if (missing >= 0) return unreadable(file, `row ${missing + 1} has no ${name}`);
    return values as readonly string[];
  };
  const numbers = (name: string): Float64Array => {
    const { values, type } = find(columns, name, file);
    if (values instanceof Float64Array) return values;
    return unreadable(file, `column ${name} is ${type}, expected DOUBLE`);
  };
  const lead = find(columns, "lead", file);
  if (!(lead.values instanceof Int32Array)) {
    return unreadable(file, `column lead is ${lead.type}, expected INTEGER`);
  }
  return {
    series: texts("series"),
    period: texts("period"),
    lead: lead.values,
    forecast: numbers("forecast"),
    intervals: [...levels]
      .sort((a, b) => a - b)
      .map((level) => {
        const { lo, hi } = intervalColumns(level);
        return { level, lo: numbers(lo), hi: numbers(hi) };
      }),
  };
}

function find(columns: readonly Column[], name: string, file: string): Column {
  return columns.find((column) => column.name === name) ?? unreadable(file, `it has no column ${name}`);
}

function unreadable(file: string, detail: string, cause?: unknown): never {
  return fail({ code: "snapshot.unreadable", retryable: false, file, line: null, detail }, cause);
}
