import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareQuarters, parseQuarter, quarterOfDay } from "../../../src/calendar/quarter.js";

const label = fc
  .tuple(fc.integer({ min: 2, max: 9998 }), fc.integer({ min: 1, max: 4 }))
  .map(([year, quarter]) => `${String(year).padStart(4, "0")}Q${quarter}`);
const start = fc.integer({ min: 1, max: 12 });
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

describe("parseQuarter", () => {
  test("a calendar year", () => {
    expect(parseQuarter("2025Q1")).toEqual({
      label: "2025Q1",
      start: "2025-01-01",
      cutoff: "2025-03-31",
      previous: { label: "2024Q4", start: "2024-10-01", cutoff: "2024-12-31" },
    });
    expect(parseQuarter("2024Q1")!.cutoff).toBe("2024-03-31");
  });

  // What pandas answers for Period("2025Q1", "Q-MAR") and its kin: start and end of the period.
  test.each([
    [4, "2025Q1", "2024-04-01", "2024-06-30"],
    [4, "2025Q4", "2025-01-01", "2025-03-31"],
    [2, "2025Q1", "2024-02-01", "2024-04-30"],
    [2, "2025Q4", "2024-11-01", "2025-01-31"],
    [7, "2025Q3", "2025-01-01", "2025-03-31"],
    [10, "2025Q1", "2024-10-01", "2024-12-31"],
    [12, "2025Q1", "2024-12-01", "2025-02-28"],
    [12, "2024Q1", "2023-12-01", "2024-02-29"],
  ])("a fiscal year from month %i: %s", (fiscalYearStart, text, first, cutoff) => {
    expect(parseQuarter(text, fiscalYearStart)).toMatchObject({ start: first, cutoff });
  });

  test.each(["2025q2", "2025-Q2", " 2025Q2 "])("also reads %s", (text) => {
    expect(parseQuarter(text)!.label).toBe("2025Q2");
  });
  test.each(["", "2025", "2025Q0", "2025Q5", "25Q1", "2025 Q1", "Q1 2025", "2025Q12", "0000Q1"])(
    "%s is no quarter",
    (text) => {
      expect(parseQuarter(text)).toBeNull();
    },
  );
});

describe("properties", () => {
  test("every day from start to cutoff, and no other, is in the quarter", () => {
    fc.assert(
      fc.property(label, start, (text, fiscalYearStart) => {
        const quarter = parseQuarter(text, fiscalYearStart)!;
        expect(quarter.label).toBe(text);
        expect(quarterOfDay(quarter.start, fiscalYearStart)).toEqual(quarter);
        expect(quarterOfDay(quarter.cutoff, fiscalYearStart)).toEqual(quarter);
        expect(dayNumber(quarter.start)).toBe(dayNumber(quarter.previous.cutoff) + 1);
        expect([90, 91, 92, 89]).toContain(dayNumber(quarter.cutoff) - dayNumber(quarter.start) + 1);
      }),
    );
  });

  test("the previous quarter of a quarter is the quarter of its last day", () => {
    fc.assert(
      fc.property(label, start, (text, fiscalYearStart) => {
        const { previous } = parseQuarter(text, fiscalYearStart)!;
        expect(quarterOfDay(previous.cutoff, fiscalYearStart)).toMatchObject(previous);
      }),
    );
  });

  test("a fiscal year has four quarters and is named after the calendar year in which it ends", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9990 }), start, (year, fiscalYearStart) => {
        const text = String(year).padStart(4, "0");
        expect(parseQuarter(`${text}Q4`, fiscalYearStart)!.cutoff.slice(0, 4)).toBe(text);
        expect(Number(parseQuarter(`${text}Q1`, fiscalYearStart)!.start.slice(5, 7))).toBe(fiscalYearStart);
      }),
    );
  });

  test("labels compare as their cutoffs do", () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        const [first, second] = [parseQuarter(a)!.cutoff, parseQuarter(b)!.cutoff];
        expect(compareQuarters(a, b)).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
    );
  });
});
