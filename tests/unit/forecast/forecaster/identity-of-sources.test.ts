import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { modelIdentity } from "../../../../src/forecast/forecaster/identity.js";
import { encodeSegments } from "../../../../src/forecast/segment-codes.js";
import type { DataSpec } from "../../../../src/kit/specs.js";
import { withDuckDb } from "../../../../src/panel/duckdb.js";
import { readSource } from "../../../../src/panel/source.js";
import { quoteText } from "../../../../src/panel/sql.js";
import { testFolder } from "./support.js";

const HEAD = ["id", "month", "region", "y", "holidays", "price"];
const MONTHS = Array.from(
  { length: 18 },
  (_, m) => `${2024 + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`,
);
const CUTOFF = "2025-03-31";
const HORIZON = 2;

/** Two series over eighteen months, three of them after the cutoff. */
const ROWS: readonly (readonly string[])[] = ["007", "Åsa, Süd"].flatMap((id, s) =>
  MONTHS.map((month, m) => [
    id,
    month,
    s === 0 ? "north" : "",
    String(100 * s + m / 4),
    String(m % 3),
    String(m + 0.1),
  ]),
);
const TRAINED = { files: [{ path: "model.json", sha256: "m", bytes: 1 }] };

const cell = (text: string) => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csv = (rows: readonly (readonly string[])[], head: readonly string[] = HEAD, separator = ",") =>
  `${[head, ...rows].map((row) => row.map(cell).join(separator)).join("\n")}\n`;
const edited = (edit: (row: readonly string[]) => readonly string[]) => ROWS.map(edit);
const setting = (column: string, where: (row: readonly string[]) => boolean, value: string) =>
  edited((row) => (where(row) ? row.with(HEAD.indexOf(column), value) : row));
const of = (month: string) => (row: readonly string[]) => row[0] === "007" && row[1] === month;

interface Form {
  /** Files by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly sources?: readonly string[];
  readonly spec?: Partial<DataSpec>;
  /** Columns of the runbook that are others. */
  readonly columns?: Partial<DataSpec["columns"]>;
}

async function identityOf({ files, sources, spec, columns }: Form, folder = testFolder()): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const data: DataSpec = {
    sources: (sources ?? Object.keys(files)).map((name) => join(folder, name)),
    frequency: "month",
    columns: {
      ...{ series: "id", time: "month", target: "y", attributes: ["region"] },
      ...{ known: ["holidays"], observed: ["price"], ...columns },
    },
    delimiter: null,
    ...spec,
  };
  const { panel } = await readSource(data, { cutoff: CUTOFF, fiscalYearStart: 1, ahead: HORIZON });
  return modelIdentity(TRAINED, panel, encodeSegments(panel.series, null), HORIZON);
}

let identity: string;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "retrain-identity-"));
  identity = await identityOf({ files: { "demand.csv": csv(ROWS) } }, folder);
  rmSync(folder, { recursive: true });
});

describe("the same model comes from", () => {
  const note = [...HEAD, "note", "price "];
  const forms: [string, Form][] = [
    ["a copy in another folder", { files: { "copies/ü (1)/x.csv": csv(ROWS) } }],
    ["rows in another order", { files: { "a.csv": csv([...ROWS].reverse()) } }],
    ["rows by month", { files: { "a.csv": csv([...ROWS].sort((a, b) => (a[1]! < b[1]! ? -1 : 1))) } }],
    [
      "columns in another order",
      {
        files: {
          "a.csv": csv(
            edited((row) => [...row].reverse()),
            [...HEAD].reverse(),
          ),
        },
      },
    ],
    [
      "columns that the runbook does not name",
      {
        files: {
          "a.csv": csv(
            edited((row) => [...row, "x", "9"]),
            note,
          ),
        },
      },
    ],
    ["two files", { files: { "2.csv": csv(ROWS.slice(0, 5)), "1.csv": csv(ROWS.slice(5)) } }],
    [
      "a glob",
      { files: { "m/1.csv": csv(ROWS.slice(0, 20)), "m/2.csv": csv(ROWS.slice(20)) }, sources: ["m/*.csv"] },
    ],
    ["a gzipped file", { files: { "a.csv.gz": gzipSync(csv(ROWS)) } }],
    ["semicolons", { files: { "a.csv": csv(ROWS, HEAD, ";") } }],
    [
      "Windows' line ends and a byte order mark",
      { files: { "a.csv": `\ufeff${csv(ROWS).replaceAll("\n", "\r\n")}` } },
    ],
    [
      "numbers written otherwise",
      { files: { "a.csv": csv(edited((row) => row.with(3, Number(row[3]).toExponential()))) } },
    ],
    ["days instead of months", { files: { "a.csv": csv(edited((row) => row.with(1, `${row[1]}-15`))) } }],
    [
      "other actuals after the cutoff",
      { files: { "a.csv": csv(edited((row) => (row[1]! > "2025-03" ? row.with(3, "9") : row))) } },
    ],
    [
      "no actuals after the cutoff",
      { files: { "a.csv": csv(edited((row) => (row[1]! > "2025-03" ? row.with(3, "").with(5, "") : row))) } },
    ],
    [
      "more rows beyond the horizon",
      { files: { "a.csv": csv([...ROWS, ["007", "2025-09", "north", "5", "9", "1"]]) } },
    ],
    [
      "other known features beyond the horizon",
      { files: { "a.csv": csv(setting("holidays", of("2025-06"), "9")) } },
    ],
    [
      "a series that begins after the cutoff",
      { files: { "a.csv": csv([...ROWS, ["new", "2025-04", "north", "5", "9", "1"]]) } },
    ],
    [
      "a month without any value",
      { files: { "a.csv": csv([...ROWS, ["007", "2023-11", "north", "", "", ""]]) } },
    ],
    [
      "columns of other names for series, time and target",
      {
        files: { "a.csv": csv(ROWS, ["store", "when", "region", "goal", "holidays", "price"]) },
        columns: { series: "store", time: "when", target: "goal" },
      },
    ],
  ];
  test.each(forms)("%s", async (_, form) => expect(await identityOf(form)).toBe(identity));

  test("a Parquet file with typed columns", async () => {
    const folder = testFolder();
    writeFileSync(join(folder, "a.csv"), csv(ROWS));
    const [from, to] = ["a.csv", "a.parquet"].map((name) => quoteText(join(folder, name)));
    const types = "types={'id': 'VARCHAR', 'month': 'VARCHAR', 'region': 'VARCHAR'}";
    await withDuckDb((db) =>
      db.run(
        `COPY (SELECT * REPLACE ((month || '-01')::DATE AS month) FROM read_csv(${from}, ${types}) ORDER BY y DESC) TO ${to}`,
      ),
    );
    expect(await identityOf({ files: {}, sources: ["a.parquet"] }, folder)).toBe(identity);
  });
});

describe("another model comes from", () => {
  const forms: [string, Form][] = [
    ["another value of the target", { files: { "a.csv": csv(setting("y", of("2024-05"), "9")) } }],
    ["a value that is gone", { files: { "a.csv": csv(setting("y", of("2024-05"), "")) } }],
    ["one month fewer", { files: { "a.csv": csv(ROWS.slice(1)) } }],
    ["one month more", { files: { "a.csv": csv([...ROWS, ["007", "2023-12", "north", "5", "", ""]]) } }],
    ["another known feature", { files: { "a.csv": csv(setting("holidays", of("2024-05"), "9")) } }],
    ["another known feature ahead", { files: { "a.csv": csv(setting("holidays", of("2025-05"), "9")) } }],
    ["another observed feature", { files: { "a.csv": csv(setting("price", of("2024-05"), "9")) } }],
    ["another label", { files: { "a.csv": csv(setting("region", (row) => row[0] === "007", "north ")) } }],
    ["another id", { files: { "a.csv": csv(setting("id", (row) => row[0] === "007", "7")) } }],
    ["one series fewer", { files: { "a.csv": csv(ROWS.slice(0, 18)) } }],
    ["a feature fewer in the runbook", { files: { "a.csv": csv(ROWS) }, columns: { observed: [] } }],
    [
      "a column for another role",
      { files: { "a.csv": csv(ROWS) }, columns: { observed: ["price", "holidays"], known: [] } },
    ],
    ["another target", { files: { "a.csv": csv(ROWS) }, columns: { target: "price", observed: ["y"] } }],
  ];
  test.each(forms)("%s", async (_, form) => expect(await identityOf(form)).not.toBe(identity));
});
