import { isTimeZone, isUtc } from "../calendar/time-zone.js";
import { FailureError } from "../kit/failure.js";
import type { DuckDb } from "./duckdb.js";
import { timeZonesOf } from "./parquet-zones.js";
import { literalPath, parquetTable } from "./sql.js";
import { unreadable } from "./text-form.js";

/** A column at the top of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  /** As DuckDB names it. */
  readonly type: string;
  /** Time zone that the writer noted for a column of instants; null where it noted none. */
  readonly zone: string | null;
}

const INSTANT = "TIMESTAMP WITH TIME ZONE";

/**
 * Names as they stand in the file: DuckDB would call the second of `Y` and `y` `y_1`.
 * @throws FailureError `data.unreadable`
 */
export async function parquetColumns(db: DuckDb, path: string): Promise<readonly ParquetColumn[]> {
  try {
    const [known, types] = await db.query(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${parquetTable(path)})`,
    );
    const [names, children] = await db.query(
      `SELECT name, coalesce(num_children, 0) FROM parquet_schema(${literalPath(path)})`,
    );
    const tops = topNames(names!.values as string[], children!.values as ArrayLike<number>);
    const own = tops.length === types!.values.length ? tops : (known!.values as string[]);
    const zones = (types!.values as string[]).includes(INSTANT)
      ? await timeZonesOf(db, path)
      : new Map<string, string>();
    return (types!.values as string[]).map((type, index) => {
      const name = own[index]!;
      const zone = type === INSTANT ? (zones.get(name) ?? null) : null;
      // Every instant is in UTC somewhere on its way, so a note of UTC says nothing of where a month starts.
      return { name, type, zone: zone === null || isUtc(zone) || !isTimeZone(zone) ? null : zone };
    });
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const detail = `the Parquet file is damaged: ${firstLine(error)}`;
    throw new FailureError(unreadable(path, null, detail), { cause: error });
  }
}

/** The schema lists the tree depth first; the first entry is its root. */
function topNames(names: readonly string[], children: ArrayLike<number>): string[] {
  const tops: string[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < children[at]! && next < names.length; child++) next = skip(next);
    return next;
  };
  for (let at = 1; at < names.length; at = skip(at)) tops.push(names[at]!);
  return tops;
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
