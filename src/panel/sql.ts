/** A string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A quoted identifier. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A path in which glob characters stand for themselves. */
export const literalPath = (path: string): string => quoteText(path.replace(/[*?[]/g, "[$&]"));

/** A Parquet file as a table. Folders on its path that are called like `target=1` play no part. */
export const parquetTable = (path: string): string =>
  `read_parquet(${literalPath(path)}, hive_partitioning=false)`;
