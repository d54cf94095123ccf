export type ColumnType = "VARCHAR" | "DATE" | "INTEGER" | "DOUBLE";

/**
 * One column of a table in memory. VARCHAR and DATE (ISO days) hold strings and null, INTEGER an Int32Array without gaps,
 * DOUBLE a Float64Array whose NaN is NULL.
 */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: ReadonlyArray<string | null> | Int32Array | Float64Array;
}
