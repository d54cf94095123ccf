import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ArtifactReader } from "../../../src/kit/artifact.js";
import { PANEL_FILE, readPanelArtifact } from "../../../src/panel/artifact.js";
import { readArtifactTable } from "../../../src/panel/artifact-table.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { explainFailure } from "../../../src/report/failures/explain.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const path = join(folder, PANEL_FILE);

const reader = {
  kind: "panel",
  hash: "sha256:00",
  files: [],
  file: (name: string) => join(folder, name),
  readJson: () => Promise.reject(new Error("no JSON here")),
} satisfies ArtifactReader;

const read = () =>
  readPanelArtifact(reader, {
    ahead: false,
    columns: { attributes: ["region"], known: [], observed: ["price"] },
    calendar: { frequency: "month", fiscalYearStart: 1 },
    cutoff: "2025-03-31",
  });

const COLUMNS = "series, period, target, region, price";
/** Rows `series, period, target, region, price` as SQL. */
const parquet =
  (rows: string, columns = COLUMNS, select = "*") =>
  () =>
    withDuckDb((db) =>
      db.run(`COPY (SELECT ${select} FROM (VALUES ${rows}) t(${columns})) TO '${path}' (FORMAT parquet)`),
    );
const row = (series: string, month: string, more = "1.0, 'n', 2.0") =>
  `(${series}, DATE '2025-${month}-01', ${more})`;

/** Panels that a step of the user's own may write. */
const PANELS: Readonly<Record<string, readonly [make: () => Promise<void>, detail: RegExp]>> = {
  "no Parquet": [() => writeFile(path, "garbage"), /too small|No magic bytes/],
  "an empty file": [() => writeFile(path, ""), /too small/],
  "a cut file": [() => writeFile(path, `PAR1${"x".repeat(99)}`), /magic bytes|Parquet/],
  "another column": [parquet(row("'a'", "01"), "series, period, target, area, price"), /region/],
  "a period that is text": [parquet("('a', 'March', 1.0, 'n', 2.0)"), /year/],
  "a target that is text": [parquet(row("'a'", "01", "'x', 'n', 2.0")), /[Cc]onver|x/],
  "ids that are numbers": [parquet(row("1", "01")), /the column series is no text/],
  "ids that are bytes": [parquet(row("'a'::BLOB", "01")), /series has the type BLOB/],
  "a row without a series": [parquet(row("NULL::VARCHAR", "01")), /a row has no series/],
  "a row without a period": [parquet("('a', NULL::DATE, 1.0, 'n', 2.0)"), /series a has no period|no period/],
  "rows of a series apart": [
    parquet([row("'a'", "01"), row("'b'", "01"), row("'a'", "02")].join(", ")),
    /rows of series a do not stand together/,
  ],
  "series out of order": [
    parquet([row("'b'", "01"), row("'a'", "01")].join(", ")),
    /series a stands behind b/,
  ],
  "periods out of order": [
    parquet([row("'a'", "02"), row("'a'", "01")].join(", ")),
    /2025-01 twice, or not in order/,
  ],
  "a period twice": [parquet([row("'a'", "02"), row("'a'", "02")].join(", ")), /2025-02 twice/],
  "a row after the cutoff": [
    parquet([row("'a'", "03"), row("'a'", "04")].join(", ")),
    /after the cutoff, 2025-04/,
  ],
};

test("a panel as it should be is read", async () => {
  await parquet([row("'a'", "01"), row("'a'", "03"), row("'b'", "02")].join(", "))();
  expect((await read()).series).toEqual(["a", "b"]);
});

describe("a panel artifact that is no panel is told of itself", () => {
  test.each(Object.entries(PANELS))("%s", async (_, [make, detail]) => {
    await make();
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ code: "step.artifact-invalid", kind: "panel", file: PANEL_FILE });
    expect(failure).toMatchObject({ detail: expect.stringMatching(detail) });
    const { title, next } = explainFailure(failure);
    expect(title).toBe(`The file ${PANEL_FILE} of the panel artifact is not valid`);
    expect(next.join(" ")).not.toContain("data.source");
  });

  test.each([
    ["nothing there", "none.parquet", "it is gone"],
    ["a column that is not there", PANEL_FILE, "it has no column forecast"],
  ])("a table: %s", async (_, file, detail) => {
    await parquet(row("'a'", "01"))();
    const columns = [{ name: "forecast", type: "DOUBLE" }] as const;
    expect(await failureOf(readArtifactTable(reader, file, columns))).toEqual({
      code: "step.artifact-invalid",
      retryable: false,
      kind: "panel",
      file,
      detail,
    });
  });
});
