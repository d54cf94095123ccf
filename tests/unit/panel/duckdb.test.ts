import { stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const one = async (sql: string) => (await withDuckDb((db) => db.query(sql)))[0]!.values[0];

describe("one piece of work after another", () => {
  test("finds nothing of the one before", async () => {
    for (const _ of [1, 2]) await withDuckDb((db) => db.run("CREATE TABLE kept AS SELECT 1 AS a"));
    await expect(one("SELECT a FROM kept")).rejects.toThrow(/kept/);
    expect(await one("SELECT count(*) FROM duckdb_tables()")).toBe(0);
  });

  test("goes on after one that failed, with nothing of it", async () => {
    const failing = withDuckDb(async (db) => {
      await db.run("CREATE TABLE half AS SELECT 1 AS a");
      throw new Error("gave up");
    });
    await expect(failing).rejects.toThrow("gave up");
    expect(await one("SELECT count(*) FROM duckdb_tables()")).toBe(0);
  });

  test("many at once each have their own", async () => {
    const made = Array.from({ length: 8 }, (_, index) =>
      withDuckDb(async (db) => {
        await db.load("own", [{ name: "n", type: "DOUBLE", values: Float64Array.of(index) }]);
        return (await db.query("SELECT c0 FROM own"))[0]!.values[0];
      }),
    );
    expect(await Promise.all(made)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each(["csv", "parquet"])(
    "reads a %s file anew, though its size and time are as they were",
    async (form) => {
      const path = join(folder, `same.${form}`);
      const write = (value: number) =>
        form === "csv"
          ? writeFile(path, `a\n${value}\n`)
          : withDuckDb((db) => db.run(`COPY (SELECT ${value}::INTEGER AS a) TO '${path}' (FORMAT parquet)`));
      const sizes = new Set<number>();
      const read = async (value: number) => {
        await write(value);
        await utimes(path, 1_700_000_000, 1_700_000_000);
        sizes.add((await stat(path)).size);
        return one(`SELECT a::INTEGER FROM '${path}'`);
      };
      expect(await read(1)).toBe(1);
      expect(await read(2)).toBe(2);
      expect(sizes.size).toBe(1);
    },
  );
});
