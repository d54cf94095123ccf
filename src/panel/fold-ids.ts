import type { IdFolding } from "../kit/specs.js";
import type { DuckDb } from "./duckdb.js";
import { foldId, nearGroups } from "./id-forms.js";

/** An id of a group that differs in blanks, case, Unicode form or the way of writing a number alone. */
export interface NearId {
  readonly id: string;
  readonly rows: number;
  /** Where it stands first. */
  readonly file: number;
  readonly record: number;
  readonly period: number;
}

/** Writes the ids in table `raw` as the options say. An id of blanks alone is none, whatever they say. */
export async function foldIds(db: DuckDb, folding: IdFolding): Promise<void> {
  const found = await db.query("SELECT DISTINCT series FROM raw WHERE series IS NOT NULL");
  const ids = found[0]!.values as string[];
  const changed = ids.filter((id) => foldId(id, folding) !== id);
  if (changed.length === 0) return;
  await db.load("folds", [
    { name: "id", type: "VARCHAR", values: changed },
    { name: "folded", type: "VARCHAR", values: changed.map((id) => foldId(id, folding)) },
  ]);
  await db.run("UPDATE raw SET series = folds.c1 FROM folds WHERE raw.series = folds.c0");
}

/** Groups of ids in the rows up to a period that nearly agree, each with its most frequent id first. */
export async function nearIds(db: DuckDb, folding: IdFolding, lastPeriod: number): Promise<NearId[][]> {
  const rows = `raw JOIN times ON raw.time = times.c0 WHERE times.c1 <= ${lastPeriod} AND series <> ''`;
  const ids = (await db.query(`SELECT DISTINCT series FROM ${rows}`))[0]!.values as string[];
  const groups = nearGroups(ids, folding);
  if (groups.length === 0) return [];
  await db.load("near", [{ name: "id", type: "VARCHAR", values: groups.flat() }]);
  const order = "CAST(file AS BIGINT) * 4294967296 + record";
  const [id, count, file, record, period] = await db.query(
    `SELECT series, CAST(count(*) AS INTEGER), arg_min(file, ${order}), arg_min(record, ${order}), arg_min(times.c1, ${order})
      FROM ${rows} AND series IN (SELECT c0 FROM near) GROUP BY series`,
  );
  const found = new Map(
    (id!.values as string[]).map((text, at): [string, NearId] => [
      text,
      {
        id: text,
        rows: count!.values[at] as number,
        file: file!.values[at] as number,
        record: record!.values[at] as number,
        period: period!.values[at] as number,
      },
    ]),
  );
  return groups.map((group) =>
    group.map((text) => found.get(text)!).sort((a, b) => b.rows - a.rows || (a.id < b.id ? -1 : 1)),
  );
}
