import type { PanelDifference } from "../kit/explanation.js";
import { type DuckDb, withDuckDb } from "./duckdb.js";
import { parquetTable, quoteName } from "./sql.js";

/** How many rows are shown as examples. */
const EXAMPLES = 5;

const KEY = ["series", "period"];

/**
 * Compares two files that `writePanelArtifact` wrote, row by row: rows are matched by series and period, values are equal when they are
 * the same number or text, or both missing. The order of rows and columns plays no part.
 */
export async function comparePanels(before: string, after: string): Promise<PanelDifference> {
  return withDuckDb(async (db) => {
    await db.run(`CREATE VIEW before AS SELECT * FROM ${parquetTable(before)}`);
    await db.run(`CREATE VIEW after AS SELECT * FROM ${parquetTable(after)}`);
    const types = [await columnTypes(db, "before"), await columnTypes(db, "after")] as const;
    const shared = [...types[0].keys()].filter((name) => types[1].has(name) && !KEY.includes(name));
    const isNumber = shared.map((name) => types.every((of) => of.get(name) === "DOUBLE"));
    await db.run(`CREATE TABLE differing AS ${differingRows(shared, isNumber)}`);

    const total = async (sql: string) => (await numbers(db, sql))[0]!;
    const counts = await numbers(
      db,
      `SELECT ${["added", "removed", "changed", ...shared.map((_, i) => `differs${i}`)]
        .map((name) => `count(*) FILTER (WHERE ${name})`)
        .join(", ")} FROM differing`,
    );
    const periods = await db.query("SELECT min(period), max(period) FROM differing");
    const [first, last] = periods.map(({ values }) => values[0] as string | null);
    return {
      rows: {
        before: await total("SELECT count(*) FROM before"),
        after: await total("SELECT count(*) FROM after"),
      },
      added: counts[0]!,
      removed: counts[1]!,
      changed: counts[2]!,
      columns: {
        added: [...types[1].keys()].filter((name) => !types[0].has(name)),
        removed: [...types[0].keys()].filter((name) => !types[1].has(name)),
      },
      cells: shared.map((column, i) => ({ column, rows: counts[3 + i]! })).filter(({ rows }) => rows > 0),
      periods: first == null || last == null ? null : { first, last },
      examples: await examples(db, shared),
    };
  });
}

/** Rows of either side that have no equal on the other, with both values of every shared column. */
function differingRows(shared: readonly string[], isNumber: readonly boolean[]): string {
  const cell = (side: string, i: number) => {
    const value = `${side}.${quoteName(shared[i]!)}`;
    return isNumber[i] ? value : `CAST(${value} AS VARCHAR)`;
  };
  const differs = (i: number) => `(${cell("b", i)} IS DISTINCT FROM ${cell("a", i)})`;
  const isMatched = "b.series IS NOT NULL AND a.series IS NOT NULL";
  const anyDiffers = shared.length === 0 ? "false" : shared.map((_, i) => differs(i)).join(" OR ");
  const columns = [
    "coalesce(b.series, a.series) AS series",
    "coalesce(b.period, a.period) AS period",
    "b.series IS NULL AS added",
    "a.series IS NULL AS removed",
    `${isMatched} AS changed`,
    ...shared.flatMap((_, i) => [
      `${isMatched} AND ${differs(i)} AS differs${i}`,
      `${cell("b", i)} AS before${i}`,
      `${cell("a", i)} AS after${i}`,
    ]),
  ];
  return `SELECT ${columns.join(", ")} FROM before b FULL JOIN after a ON b.series = a.series AND b.period = a.period
    WHERE b.series IS NULL OR a.series IS NULL OR ${anyDiffers}`;
}

async function examples(db: DuckDb, shared: readonly string[]): Promise<PanelDifference["examples"]> {
  const flag = (name: string) => `CAST(${name} AS INTEGER)`;
  const columns = [
    "series",
    "period",
    flag("added"),
    flag("removed"),
    ...shared.flatMap((_, i) => [flag(`differs${i}`), `before${i}`, `after${i}`]),
  ];
  const found = await db.query(
    `SELECT ${columns.join(", ")} FROM differing ORDER BY period, series LIMIT ${EXAMPLES}`,
  );
  const at = (column: number, row: number) => {
    const value = found[column]!.values[row] ?? null;
    return typeof value === "number" && Number.isNaN(value) ? null : value;
  };
  return Array.from(found[0]!.values as readonly unknown[], (_, row) => {
    const change = at(2, row) === 1 ? "added" : at(3, row) === 1 ? "removed" : "changed";
    const values = shared.flatMap((column, i) => {
      const [before, after] = [at(5 + 3 * i, row), at(6 + 3 * i, row)];
      const isShown = change === "changed" ? at(4 + 3 * i, row) === 1 : before !== null || after !== null;
      return isShown ? [{ column, before, after }] : [];
    });
    return { series: String(at(0, row)), period: String(at(1, row)), change, values };
  });
}

async function columnTypes(db: DuckDb, view: string): Promise<Map<string, string>> {
  const [names, types] = await db.query(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${quoteName(view)})`,
  );
  return new Map((names!.values as string[]).map((name, i) => [name, (types!.values as string[])[i]!]));
}

/** The first row of a query that returns counts. */
const numbers = async (db: DuckDb, sql: string): Promise<number[]> =>
  (await db.query(sql)).map(({ values }) => Number(values[0]));
