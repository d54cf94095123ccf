import type { Column } from "../../src/panel/column.js";
import { withDuckDb } from "../../src/panel/duckdb.js";

/** All columns of a Parquet file, with the names and types that the file has. */
export const readParquet = (file: string): Promise<Column[]> =>
  withDuckDb((db) => db.query(`SELECT * FROM read_parquet('${file.replaceAll("'", "''")}')`));
