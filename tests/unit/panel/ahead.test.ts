import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { periodLabel } from "../../../src/calendar/period.js";
import { aheadPanel, withAhead } from "../../../src/drift/ahead.js";
import { guardedKs } from "../../../src/drift/guarded-ks.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { validateSource } from "../../../src/panel/checks/report.js";
import { readSource } from "../../../src/panel/source.js";
import { MONTHS } from "../../support/panels.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const FIRST = 2020 * 12;
const LAST = 2025 * 12 + 5;
const HORIZON = 6;
const SERIES = 12;

/** Price 5 to 15 with a season, holidays 0 to 3, a share of 0.02 to 0.3; no chance in it. */
const PRICE = (s: number, period: number) =>
  10 + 3 * Math.sin((period * Math.PI) / 6) + ((s * 7 + period * 5) % 11) / 6;
const HOLIDAYS = (s: number, period: number) => (s + period * 3) % 4;
const SHARE = (s: number, period: number) => 0.02 + ((s * 5 + period * 3) % 29) / 100;

type Cell = number | string | null;
interface Ahead {
  readonly price?: (s: number, lead: number, usual: number) => Cell;
  readonly holidays?: (s: number, lead: number, usual: number) => Cell;
  readonly share?: (s: number, lead: number, usual: number) => Cell;
  readonly row?: (s: number, lead: number) => boolean;
}

const text = (cell: Cell) =>
  cell === null ? "" : typeof cell === "number" ? String(Number(cell.toFixed(4))) : cell;

async function check(ahead: Ahead, given: Record<string, unknown> = {}, more = "") {
  const file = join(folder, "x.csv");
  const lines: string[] = [];
  for (let s = 0; s < SERIES; s++) {
    for (let period = FIRST; period <= LAST + HORIZON; period++) {
      const lead = period - LAST;
      if (lead > 0 && ahead.row?.(s, lead) === false) continue;
      const usual = [PRICE, HOLIDAYS, SHARE].map((of) => of(s, period)) as [number, number, number];
      const change = [ahead.price, ahead.holidays, ahead.share];
      const cells = usual.map((value, i) =>
        lead > 0 && change[i] !== undefined ? change[i](s, lead, value) : value,
      );
      lines.push(
        [`P${10 + s}`, periodLabel(period, MONTHS), "n", lead > 0 ? "" : 100 + s, ...cells.map(text)].join(
          ",",
        ),
      );
    }
  }
  await writeFile(file, `id,t,region,y,price,holidays,share\n${lines.join("\n")}\n${more}`);
  const spec: DataSpec = {
    sources: [file],
    frequency: "month",
    delimiter: null,
    columns: {
      series: "id",
      time: "t",
      target: "y",
      attributes: ["region"],
      known: ["price", "holidays", "share"],
      observed: [],
    },
  };
  const source = await readSource(spec, { cutoff: "2025-06-30", fiscalYearStart: 1, ahead: HORIZON });
  const limits = {
    ranges: {},
    nulls: {},
    gaps: "warn",
    minRows: 1,
    maxRowsDrop: 0.5,
    maxSeriesLost: 0.5,
    ...given,
  } as const;
  const validation = await validateSource(source, spec, limits, null);
  const broken = validation.report.checks.filter(({ status }) => status !== "pass");
  return {
    source,
    validation,
    broken,
    ids: Object.fromEntries(broken.map(({ id, status, count }) => [id, `${status} ${count}`])),
  };
}

const ALL = SERIES * HORIZON;

describe("known features ahead", () => {
  test("that go on as they did break nothing", async () => {
    const { ids, validation } = await check({}, { ranges: { price: { min: 5, max: 15 } } });
    expect(ids).toEqual({});
    expect(validation).toMatchObject({ aheadFailures: 0, aheadMissing: { value: 0, n: ALL } });
  });

  const CASES: readonly (readonly [
    name: string,
    ahead: Ahead,
    given: Record<string, unknown>,
    broken: Record<string, string>,
  ])[] = [
    [
      "cents, with a range",
      { price: (_, __, v) => 100 * v },
      { ranges: { price: { min: 5, max: 15 } } },
      { "range.price": `fail ${ALL}` },
    ],
    ["cents, without", { price: (_, __, v) => 100 * v }, {}, { "ahead-scale.price": `fail ${ALL}` }],
    [
      "cents in the last month",
      { price: (_, lead, v) => (lead === 6 ? 100 * v : v) },
      {},
      { "ahead-scale.price": `fail ${SERIES}` },
    ],
    [
      "cents of some series",
      { price: (s, _, v) => (s < 3 ? 100 * v : v) },
      {},
      { "ahead-scale.price": `fail ${3 * HORIZON}` },
    ],
    ["a hundredth", { price: (_, __, v) => v / 100 }, {}, { "ahead-scale.price": `fail ${ALL}` }],
    ["another sign", { price: (_, __, v) => -v }, {}, { "ahead-scale.price": `fail ${ALL}` }],
    [
      "a sign of one value",
      { holidays: (s, lead, v) => (s === 4 && lead === 2 ? -1 : v) },
      {},
      { "ahead-scale.holidays": "fail 1", "ahead-unseen.holidays": "warn 1" },
    ],
    [
      "percent for a share",
      { share: (_, __, v) => 100 * v },
      { values: { holidays: [0, 1, 2, 3] } },
      { "ahead-scale.share": "fail 68" },
    ],
    [
      "a code for unknown",
      { price: (s, _, v) => (s === 0 ? -999 : v) },
      {},
      { "ahead-scale.price": `fail ${HORIZON}` },
    ],
    [
      "a value that it never had",
      { holidays: (s, lead, v) => (s === 1 && lead === 3 ? 7 : v) },
      {},
      { "ahead-unseen.holidays": "warn 1" },
    ],
    [
      "a value that is not accepted",
      { holidays: (s, lead, v) => (s === 1 && lead === 3 ? 7 : v) },
      { values: { holidays: [0, 1, 2, 3] } },
      { "values.holidays": "fail 1", "ahead-unseen.holidays": "warn 1" },
    ],
    [
      "one value carried forward",
      { price: (s) => PRICE(s, LAST) },
      {},
      { "ahead-constant.price": `warn ${SERIES}` },
    ],
    ["one value for all", { price: () => 10 }, {}, { "ahead-constant.price": `warn ${SERIES}` }],
    [
      "empty cells",
      { price: (s, _, v) => (s < 6 ? null : v) },
      {},
      { "ahead-missing.price": `warn ${ALL / 2}` },
    ],
    [
      "empty cells beyond a limit",
      { price: (s, _, v) => (s < 6 ? null : v) },
      { nulls: { price: 0.1 } },
      { "ahead-missing.price": `fail ${ALL / 2}` },
    ],
    ["empty cells within a limit", { price: (s, _, v) => (s < 6 ? null : v) }, { nulls: { price: 0.6 } }, {}],
    [
      "no rows of the last month",
      { row: (_, lead) => lead < 6 },
      { nulls: { price: 0.1 } },
      {
        "ahead-missing.price": `fail ${SERIES}`,
        "ahead-missing.holidays": `warn ${SERIES}`,
        "ahead-missing.share": `warn ${SERIES}`,
      },
    ],
    ["texts", { price: (s, lead, v) => (s === 0 && lead === 1 ? "tbd" : v) }, {}, { numbers: "fail 1" }],
    [
      "decimal commas",
      { price: (s, lead, v) => (s === 0 && lead === 1 ? '"9,5"' : v) },
      {},
      { numbers: "fail 1" },
    ],
    ["not finite", { price: (s, lead, v) => (s === 0 && lead === 1 ? "inf" : v) }, {}, { numbers: "fail 1" }],
  ];
  test.each(CASES)("%s", async (_, ahead, given, broken) => {
    expect((await check(ahead, given)).ids).toEqual(broken);
  });

  test("findings name column, period, series and row", async () => {
    const { validation, broken } = await check({
      price: (s, lead, v) => (s === 2 && lead === 6 ? 100 * v : v),
    });
    expect(validation.findings).toMatchObject([
      {
        check: "ahead-scale.price",
        column: "price",
        series: "P12",
        period: LAST + 6,
        line: 217,
        text: expect.stringMatching(/^\d{3,4}/),
      },
    ]);
    expect(validation.aheadFailures).toBe(1);
    expect(broken[0]!.examples[0]).toMatch(/^x\.csv:217: P12, 2025-12: price is "/);
    expect(broken[0]!.advice).toContain("`ranges: { price: { min: …, max: … } }`");
  });

  test("a range says what is allowed, also far from the past", async () => {
    const cents: Ahead = { price: (_, __, v) => 100 * v };
    expect((await check(cents, { ranges: { price: { max: 2000 } } })).ids).toEqual({});
    // It says nothing of the other end.
    expect((await check(cents, { ranges: { price: { min: 0 } } })).ids).toEqual({
      "ahead-scale.price": `fail ${ALL}`,
    });
    const hundredth: Ahead = { price: (_, __, v) => v / 100 };
    expect((await check(hundredth, { ranges: { price: { min: 0 } } })).ids).toEqual({});
    expect((await check(hundredth, { ranges: { price: { max: 20 } } })).ids).toEqual({
      "ahead-scale.price": `fail ${ALL}`,
    });
  });

  test("two rows that say different things, and two that agree", async () => {
    const row = (price: number) => `P10,2025-07,n,,${price},${HOLIDAYS(0, LAST + 1)},\n`;
    expect((await check({}, {}, row(9.5))).ids).toEqual({ duplicates: "fail 2" });
    expect((await check({}, {}, row(Number(PRICE(0, LAST + 1).toFixed(4))))).ids).toEqual({});
  });

  test("a series that stopped needs none, and a target after the cutoff is never looked at", async () => {
    const gone = "Z1,2021-01,n,5,9,1,0.1\nZ1,2021-02,n,5,9,1,0.1\n";
    const { ids, validation } = await check({}, {}, `${gone}P10,2026-03,n,junk,9,1,0.1\n`);
    expect(ids).toEqual({});
    expect(validation.aheadMissing).toEqual({ value: 0, n: ALL });
  });

  test("accepted labels of an attribute, and a column that is not there", async () => {
    const { ids, validation } = await check({}, { values: { region: ["north"] } });
    expect(ids).toEqual({ "values.region": `fail ${SERIES}` });
    expect(validation.findings[0]).toMatchObject({ series: "P10", column: "region", line: 2 });
    expect((await check({}, { values: { region: ["n", "s"], holidays: [0, 1, 2, 3] } })).ids).toEqual({});
    expect(await failureOf(check({}, { values: { regoin: ["n"] } }))).toMatchObject({ suggestion: "region" });
  });
});

describe("drift ahead", () => {
  const options = {
    statistic: 0.2,
    alpha: 0.05,
    correction: "bh",
    reference: "same-quarter-last-year",
    values: "relative",
    guard: "auto",
    quarters: 24,
    minN: 30,
    segments: null,
  } as const;
  const drift = async (ahead: Ahead, features: readonly string[] = ["price"]) => {
    const { panel } = (await check(ahead)).source;
    const found = withAhead(panel, features, { first: LAST - 2, last: LAST }, (of, periods, names) =>
      guardedKs(of, { ...options, features: [...names], quarterPeriods: periods }),
    );
    return found.map(({ feature, verdict }) => `${feature} ${verdict}`);
  };

  test.each([
    ["a third more", { price: (_: number, __: number, v: number) => 1.3 * v }],
    ["in the wrong season", { price: (s: number, lead: number) => PRICE(s, LAST + lead + 6) }],
  ])("is found beside the same months of a year ago: %s", async (_, ahead) => {
    expect(await drift({})).toEqual(["price PASS", "price ahead PASS"]);
    expect(await drift(ahead)).toEqual(["price PASS", "price ahead FAIL"]);
  });

  test("is not judged where nothing is known ahead", async () => {
    expect(await drift({ row: () => false })).toEqual(["price PASS"]);
    expect(await drift({ price: () => null })).toEqual(["price PASS"]);
  });

  test("the panel that goes on has the past as it was, and no targets ahead", async () => {
    const { panel } = (await check({ row: (s, lead) => s > 0 || lead < 3 })).source;
    const ahead = aheadPanel(panel, { first: LAST - 2, last: LAST })!;
    expect(ahead.periods).toEqual({ first: LAST + 1, last: LAST + 6 });
    const rows = Array.from(ahead.panel.period, (period, row) => ({ period, row }));
    expect(rows.filter(({ period }) => period > LAST)).toHaveLength(SERIES * 6 - 4);
    expect(
      rows.filter(({ period }) => period > LAST).every(({ row }) => Number.isNaN(ahead.panel.target[row]!)),
    ).toBe(true);
    const past = rows.filter(({ period }) => period <= LAST);
    expect(past.map(({ row }) => ahead.panel.known.price![row])).toEqual([...panel.known.price!]);
    expect(past.map(({ row }) => ahead.panel.target[row])).toEqual([...panel.target]);
  });
});
