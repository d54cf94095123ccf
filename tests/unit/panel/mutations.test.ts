import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutate } from "../../../bench/mutants/mutate.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { readSource } from "../../../src/panel/source.js";
import { readTable } from "../../../src/panel/table.js";

import { createRandom } from "../../../src/stats/random.js";
import { scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);

/** Mutants a file; `RETRAIN_TEST_MUTANTS=5000` looks further. */
const MUTANTS = Number(process.env.RETRAIN_TEST_MUTANTS ?? 25);

const SPEC: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "t", target: "y", attributes: ["r"], known: [], observed: ["x"] },
};

const ROWS = `SELECT 's' || (i % 7) AS id, DATE '2020-01-01' + INTERVAL (i // 7) MONTH AS day, 'r' || (i % 3) AS r,
  i * 1.25 AS y, i % 11 AS x FROM range(300) t(i)`;

const FORMS: readonly (readonly [name: string, select: string, options: string])[] = [
  [
    "zstd.parquet",
    `SELECT id, CAST(day AS DATE) AS t, r, y, x FROM (${ROWS})`,
    "FORMAT parquet, COMPRESSION zstd",
  ],
  [
    "snappy.parquet",
    `SELECT id, day AS t, r, y::FLOAT AS y, x FROM (${ROWS})`,
    "FORMAT parquet, COMPRESSION snappy",
  ],
  [
    "plain.parquet",
    `SELECT id, day::TIMESTAMPTZ AS t, r, y, x FROM (${ROWS})`,
    "FORMAT parquet, COMPRESSION uncompressed",
  ],
  ["text.csv", `SELECT id, strftime(day, '%Y-%m') AS t, r, y, x FROM (${ROWS})`, "FORMAT csv"],
];

test.each(FORMS)(
  "damaged anywhere, %s is read or refused by name, and the next file is read",
  async (name, select, options) => {
    await withDuckDb((db) => db.run(`COPY (${select}) TO '${at(name)}' (${options})`), { threads: 1 });
    const whole = readFileSync(at(name));
    const random = createRandom(20_250_630);
    const file = at(`mutant-${name}`);
    const read = () => readSource({ ...SPEC, sources: [file] }, { cutoff: "2025-06-30", fiscalYearStart: 1 });
    for (let mutant = 0; mutant < MUTANTS; mutant++) {
      writeFileSync(file, mutate(whole, random).bytes);
      for (const attempt of [
        read,
        () =>
          readTable(file, [
            { name: "id", type: "VARCHAR" },
            { name: "y", type: "DOUBLE" },
          ]),
      ]) {
        try {
          await attempt();
        } catch (error) {
          if (!(error instanceof FailureError))
            throw new Error(`mutant ${mutant} of ${name}`, { cause: error });
          // What concerns rows after the cutoff names no file.
          if ("file" in error.failure) expect(error.failure.file).toBe(file);
        }
      }
    }
    writeFileSync(file, whole);
    expect((await read()).panel.series).toHaveLength(7);
  },
  600_000,
);
