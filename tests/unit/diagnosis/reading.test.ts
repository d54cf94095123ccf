import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberFindings } from "../../../src/diagnosis/numbers.js";
import { periodProfile } from "../../../src/panel/checks/coverage.js";
import type { Panel } from "../../../src/panel/panel.js";
import { causeWords } from "../../../src/report/escalation/cause-words.js";
import { MONTHS, panelOf } from "../../support/panels.js";
import { diagnosePanel, healthyPanel, keepRows, retarget } from "./faults.js";

const healthy = healthyPanel({ seed: 7, series: 40, years: 5, regions: 4, noise: 0.06, season: 0.3 });
const causes = (panel: Panel, more: Parameters<typeof diagnosePanel>[1] = {}) =>
  diagnosePanel(panel, more).findings.map(({ cause, score }) => ({ cause, score }));
const first = (panel: Panel, more: Parameters<typeof diagnosePanel>[1] = {}) =>
  diagnosePanel(panel, more).findings[0];

/** The panel with other ids for the rows of some series from a period on. */
function renamed(panel: Panel, rename: (id: string) => string | null, from: number): Panel {
  const rows = panel.series.map((id, s) => {
    const values: (number | null)[] = [];
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) values.push(panel.target[row]!);
    return { id, start: panel.period[panel.offsets[s]!]!, values };
  });
  const split = rows.flatMap(({ id, start, values }) => {
    const other = rename(id);
    const cut = Math.max(0, from - start);
    return other === null
      ? [{ id, start, values }]
      : [
          { id, start, values: values.slice(0, cut) },
          { id: other, start: from, values: values.slice(cut) },
        ];
  });
  return panelOf(
    split.filter(({ values }) => values.length > 0),
    MONTHS,
    panel.lastPeriod,
  );
}

describe("ids that changed their form", () => {
  test("in the quarter's files: all of them, as numbers", () => {
    const numbered: Panel = { ...healthy, series: healthy.series.map((_, s) => String(1000 + s)) };
    const panel = renamed(numbered, (id) => `${id}.0`, healthy.lastPeriod - 2);
    expect(first(panel)).toMatchObject({
      cause: "ids-changed-form",
      lost: 40,
      new: 40,
      matched: 40,
      since: null,
      differences: ["number"],
      folding: "{ form: number }",
    });
    expect(causes(panel).filter(({ score }) => score >= 0.4)).toHaveLength(1);
    const { title, evidence } = causeWords(first(panel)!);
    expect(title).toBe("Ids changed their form: 40 lost, 40 new, equal as numbers");
    expect(evidence[0]).toContain('for example "1000" is "1000.0" now');
    expect(evidence[1]).toBe("`data.ids: { form: number }` in the runbook takes both as one.");
  });

  test.each([
    ["blanks", (id: string) => `${id} `, "equal but for blanks"],
    ["case", (id: string) => id.toLowerCase(), "equal but for case"],
    ["unicode", (id: string) => `${id}\u200B`, "equal but for Unicode form"],
    ["number", (id: string) => id.replace("S00", "S"), "equal but for the way of writing numbers"],
  ])("in the last month, some series, %s", (difference, rename, words) => {
    const panel = renamed(healthy, (id) => (id < "S0003" ? rename(id) : null), healthy.lastPeriod);
    const found = first(panel)!;
    expect(found).toMatchObject({ cause: "ids-changed-form", lost: 3, new: 3, differences: [difference] });
    expect(causeWords(found).title).toBe(`Ids changed their form: 3 lost, 3 new, ${words}`);
  });

  test("with their whole history, beside the run of the quarter before", () => {
    const assignment = Object.fromEntries(healthy.series.map((id) => [id, "all"]));
    const profile = periodProfile(keepRows(healthy, (_, period) => period <= healthy.lastPeriod - 3));
    const previous = { quarter: "2022Q3", profile, assignment };
    const panel: Panel = { ...healthy, series: healthy.series.map((id) => id.toLowerCase()) };
    expect(first(panel, { previous })).toMatchObject({
      cause: "ids-changed-form",
      lost: 40,
      new: 40,
      since: "2022Q3",
    });
    expect(first(healthy, { previous })).toBeUndefined();
  });

  test("is silent where series come and go, or live beside each other", () => {
    const fresh = renamed(healthy, (id) => (id < "S0003" ? `N${id}` : null), healthy.lastPeriod - 2);
    expect(causes(fresh).filter(({ cause }) => cause === "ids-changed-form")).toEqual([]);
    const twins: Panel = {
      ...healthy,
      series: healthy.series.map((_, s) => (s % 2 === 0 ? `a${s}` : `A${s - 1}`)),
    };
    expect(causes(twins).filter(({ cause }) => cause === "ids-changed-form")).toEqual([]);
  });
});

describe("a point between thousands that was read as a decimal point", () => {
  /** As a file in which 5595 is `5.595` and 861 is `861` is read. */
  const misread = (value: number) => (Math.abs(value) >= 1000 ? value / 1000 : value);
  const large = (factor: number): Panel => ({
    ...healthy,
    target: healthy.target.map((value) => Math.round(value * factor)),
  });
  /** In the whole file, in the quarter, in its last month, of one region, of some series. */
  const FAULTS: Readonly<Record<string, (panel: Panel) => Panel>> = {
    "the whole file": (panel) => ({ ...panel, target: panel.target.map(misread) }),
    "the quarter": (panel) => retarget(panel, misread),
    "the last month": (panel) =>
      retarget(panel, (value, _, period) => (period === panel.lastPeriod ? misread(value) : value)),
    "one region": (panel) =>
      retarget(panel, (value, s) => (panel.attributes[0]!.codes[s] === 1 ? misread(value) : value)),
    "some series": (panel) => retarget(panel, (value, s) => (s % 4 === 0 ? misread(value) : value)),
  };

  test.each(Object.keys(FAULTS))("in %s is the first cause, by its name", (name) => {
    fc.assert(
      // Where no value is below a thousand, a whole file of points is thousands: nothing tells.
      fc.property(fc.double({ min: 1.5, max: name === "the whole file" ? 3 : 8, noNaN: true }), (factor) => {
        const panel = FAULTS[name]!(large(factor));
        const found = first(panel);
        expect(found).toMatchObject({ cause: "unit-change", reading: "thousands-point", factor: 1 / 1000 });
        expect(found!.score).toBeGreaterThanOrEqual(0.9);
        // Nothing else is strong: the rest is looked for in what was meant.
        expect(causes(panel).filter(({ score }) => score >= 0.7)).toHaveLength(1);
      }),
      { numRuns: 5 },
    );
  });

  test("says which region, and since when", () => {
    const found = first(FAULTS["one region"]!(large(3)))!;
    expect(found).toMatchObject({
      scope: { attribute: "region", value: "inland" },
      first: "2022-10",
      last: "2022-12",
    });
    expect(causeWords(found).title).toBe(
      "Unit changed: a point between thousands was read as a decimal point in values of region inland",
    );
  });

  test("is silent where all was divided by a thousand", () => {
    for (const share of [1, 2, 4]) {
      const panel = retarget(large(2), (value, s) => (s % share === 0 ? value / 1000 : value));
      expect(diagnosePanel(panel).findings.filter((finding) => "reading" in finding)).toEqual([]);
      expect(first(panel)).toMatchObject({ cause: "unit-change", factor: 1 / 1000 });
    }
  });

  test("is silent on decimal numbers, thousands, shares, prices and counts", () => {
    const scaled = (change: (value: number) => number): Panel => ({
      ...healthy,
      target: healthy.target.map(change),
    });
    const places = (value: number, digits: number) => Number(value.toFixed(digits));
    const sound: readonly Panel[] = [
      healthy,
      scaled((value) => value / 1000),
      scaled((value) => places(value / 7, 3)),
      scaled((value) => places(value / 7, 2)),
      scaled((value) => places(value / 7, 1)),
      scaled((value) => value / 7),
      scaled((value) => places(value / 1e5, 3)),
      // Whole numbers and three places in one panel, by series.
      {
        ...healthy,
        target: healthy.target.map((value, row) => (row % 120 < 60 ? value : places(value / 7, 3))),
      },
      // Halves and quarters among counts.
      scaled((value) => (value % 3 === 0 ? value + 0.125 : value)),
    ];
    for (const panel of sound) {
      expect(diagnosePanel(panel).findings.filter((finding) => "reading" in finding)).toEqual([]);
    }
  });
});

describe("a unit that some series changed, without an attribute in common", () => {
  test.each([100, 1 / 100, 1000])("×%d", (factor) => {
    const panel = retarget(healthy, (value, s) => (s % 5 === 0 ? value * factor : value));
    expect(first(panel)).toMatchObject({
      cause: "unit-change",
      factor,
      scope: { attribute: null, series: 8 },
    });
  });
});

describe("numbers that are none", () => {
  const column = (texts: readonly string[]) => [
    { column: "y", cells: 12, of: 480, first: "2025-06", last: "2025-06", texts },
  ];
  test.each([
    ["comma", ["5,595", "861,5", "0,5"]],
    ["comma", ["5,595", "6,450", "7,289"]],
    ["grouped", ["1.234.567", "2.345.678"]],
    ["grouped", ["1.234,56", "2.345,00"]],
    ["grouped", ["1 234", "12 345"]],
    ["grouped", ["1'234", "1’234".replace("’", "'")]],
    ["percent", ["12%", "12.5 %"]],
    ["currency", ["$12.50", "$7"]],
    ["currency", ["12,50 €", "7 EUR"]],
    ["text", ["n/k", "closed", "5,5"]],
  ])("%s: %j", (how, texts) => {
    const [finding] = numberFindings(column(texts));
    expect(finding).toMatchObject({ cause: "unreadable-numbers", how, cells: 12 });
  });

  test("come first, and the values that are missing then are no cause of their own", () => {
    const panel = retarget(healthy, (value, _, period) =>
      period === healthy.lastPeriod ? Number.POSITIVE_INFINITY : value,
    );
    const found = diagnosePanel(panel, { unreadable: column(["5,595", "861,2"]) }).findings;
    expect(found.map(({ cause }) => cause)).toEqual(["unreadable-numbers"]);
    expect(causeWords(found[0]!).title).toBe(
      "Numbers in another form: y has commas for decimal points, or between thousands",
    );
  });
});
