import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FailureError } from "../../../src/kit/failure.js";
import { validateSource } from "../../../src/panel/checks/report.js";
import { readSource } from "../../../src/panel/source.js";
import { ROOMS } from "./scratch.js";

const folder = join(import.meta.dirname, "../../../fixtures/broken/data");

/** What reading and checking a file comes to: a failure with its place, or its blocking checks with an example each. */
async function outcome(name: string, gaps: "warn" | "fail" = "warn"): Promise<Record<string, unknown>> {
  const spec = { ...ROOMS, sources: [join(folder, name)] };
  try {
    const source = await readSource(spec, { cutoff: "2025-06-30", fiscalYearStart: 1 });
    const limits = {
      ranges: { rooms: { min: 0 } },
      nulls: {},
      minRows: 1,
      maxRowsDrop: 0.5,
      maxSeriesLost: 0.5,
    };
    const { report } = await validateSource(source, spec, { ...limits, gaps }, null);
    const blocking = report.checks.filter(({ status }) => status === "fail");
    return Object.fromEntries(
      blocking.map(({ id, detail, examples }) => [id, examples.length > 0 ? examples : detail]),
    );
  } catch (error) {
    if (error instanceof FailureError) return { ...error.failure };
    throw error;
  }
}

const EXPECTED: Readonly<Record<string, Record<string, unknown>>> = {
  "all-after-cutoff.csv": { code: "data.no-rows-before-cutoff", first: "2026-01", last: "2026-06" },
  "attribute-changes.csv": { attributes: ['attribute-changes.csv:18: P003, 2025-05: region is "south"'] },
  "bad-date.csv": {
    periods: ['bad-date.csv:4: P001: month is "2025-02-30"', 'bad-date.csv:11: P002: month is "04/2025"'],
  },
  "bom-crlf.csv": {},
  "decimal-comma.csv": {
    numbers: [
      'decimal-comma.csv:2: P001, 2025-01: price is "80,5"',
      'decimal-comma.csv:3: P001, 2025-02: price is "81,5"',
      'decimal-comma.csv:4: P001, 2025-03: price is "82,5"',
    ],
  },
  "duplicate-key.csv": {
    duplicates: [
      'duplicate-key.csv:9: P002, 2025-02: month is "2025-02-01"',
      'duplicate-key.csv:10: P002, 2025-02: month is "2025-02-01"',
    ],
  },
  "empty-target.csv": { "nulls.rooms": ["empty-target.csv:5: P001, 2025-04: rooms is empty"] },
  "empty.csv": { code: "data.empty" },
  "gap.csv": {},
  "header-only.csv": { code: "data.empty" },
  "latin1.csv": {
    code: "data.unreadable",
    line: 2,
    detail: expect.stringMatching(/^the text is not UTF-8: byte 0xFC .*data\.encoding: windows-1252$/),
  },
  "lfs-pointer.csv": { code: "data.lfs-pointer", bytes: "1284502" },
  "missing-column.csv": {
    code: "data.columns-missing",
    missing: [{ column: "rooms", role: "target", suggestion: "room" }],
  },
  "negative.csv": { "range.rooms": ['negative.csv:12: P002, 2025-05: rooms is "-3"'] },
  "no-series.csv": { "series-ids": ["no-series.csv:5: 2025-04: property_id is empty"] },
  "not-finite.csv": {
    numbers: [
      'not-finite.csv:3: P001, 2025-02: rooms is "NaN"',
      'not-finite.csv:9: P002, 2025-02: rooms is "inf"',
      'not-finite.csv:14: P003, 2025-01: rooms is "1e400"',
    ],
  },
  "one-row.csv": { "quarter-data": ["2025-04: no row", "2025-05: no row"] },
  "open-quote.csv": { code: "data.unreadable", line: 7, detail: "a quoted field is not closed" },
  "ragged.csv": { code: "data.unreadable", line: 7, detail: "expected 5 fields as in the header, found 3" },
  "stale.csv": {
    "quarter-data": ["2025-04: no row", "2025-05: no row", "2025-06: no row"],
    "rows-drop": "0 rows this quarter, 9 last quarter",
    "series-lost": ["P001: no row this quarter", "P002: no row this quarter", "P003: no row this quarter"],
  },
  "text-in-number.csv": {
    numbers: [
      'text-in-number.csv:6: P001, 2025-05: rooms is "n.a. yet"',
      'text-in-number.csv:15: P003, 2025-02: price is "eighty"',
    ],
  },
  "unicode-ids.csv": {},
};

describe("broken data", () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith(".csv")))("%s", async (name) => {
    const expected = EXPECTED[name]!;
    const actual = await outcome(name);
    if ("code" in expected) expect(actual).toMatchObject({ ...expected, retryable: false });
    else expect(actual).toEqual(expected);
    if (expected.code !== undefined && "file" in actual) expect(actual.file).toBe(join(folder, name));
  });

  test("gaps block when the runbook says so", async () => {
    expect(await outcome("gap.csv", "fail")).toEqual({
      gaps: ["P002, 2025-03: missing, and 1 more after it"],
    });
  });

  test("the table in the README is what happens", () => {
    const rows = readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| (\S+\.csv) \|.*\| (.*) \|$/gm);
    const documented = Object.fromEntries([...rows].map(([, name, outcome]) => [name, outcome!]));
    expect(Object.keys(documented)).toEqual(Object.keys(EXPECTED));
    for (const [name, expected] of Object.entries(EXPECTED)) {
      const { code } = expected;
      const ids = Object.keys(expected).join(", ");
      const words = code !== undefined ? `\`${code}\`` : ids === "" ? "passes" : `\`data.invalid\` (${ids})`;
      expect(`${name} ${documented[name]}`.startsWith(`${name} ${words}`)).toBe(true);
    }
  });
});
