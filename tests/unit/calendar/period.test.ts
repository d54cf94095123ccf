import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Calendar,
  daysInMonth,
  isoDay,
  periodEnd,
  periodLabel,
  periodOf,
  periodOfDay,
  periodStart,
  periodsPerQuarter,
  seasonLength,
} from "../../../src/calendar/period.js";

const months: Calendar = { frequency: "month", fiscalYearStart: 1 };
const quarters: Calendar = { frequency: "quarter", fiscalYearStart: 1 };
const fromFebruary: Calendar = { frequency: "quarter", fiscalYearStart: 2 };

/** Days since 1970 by the platform's calendar. */
const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

const anyCalendar = fc.record({
  frequency: fc.constantFrom("month" as const, "quarter" as const),
  fiscalYearStart: fc.integer({ min: 1, max: 12 }),
});
const anyPeriod = fc.integer({ min: 400, max: 8000 });

test("lengths", () => {
  expect([seasonLength("month"), seasonLength("quarter")]).toEqual([12, 4]);
  expect([periodsPerQuarter("month"), periodsPerQuarter("quarter")]).toEqual([3, 1]);
});

describe("months", () => {
  test("start, end and label", () => {
    const february = periodOf(2024, 2, months);
    expect(periodStart(february, months)).toBe("2024-02-01");
    expect(periodEnd(february, months)).toBe("2024-02-29");
    expect(periodLabel(february, months)).toBe("2024-02");
    expect(periodOf(2025, 1, months) - periodOf(2024, 12, months)).toBe(1);
  });
});

describe("quarters", () => {
  test("of the calendar year", () => {
    const second = periodOf(2025, 5, quarters);
    expect(periodStart(second, quarters)).toBe("2025-04-01");
    expect(periodEnd(second, quarters)).toBe("2025-06-30");
    expect(periodLabel(second, quarters)).toBe("2025Q2");
    expect(periodOf(2025, 4, quarters)).toBe(second);
    expect(periodOf(2025, 7, quarters)).toBe(second + 1);
  });

  test("of a fiscal year that starts in February", () => {
    const first = periodOf(2025, 2, fromFebruary);
    expect(periodOf(2025, 4, fromFebruary)).toBe(first);
    expect(periodOf(2025, 5, fromFebruary)).toBe(first + 1);
    expect(periodOf(2025, 1, fromFebruary)).toBe(first - 1);
    expect(periodStart(first, fromFebruary)).toBe("2025-02-01");
    expect(periodEnd(first, fromFebruary)).toBe("2025-04-30");
    expect(periodLabel(first, fromFebruary)).toBe("2025-02");
    expect(periodStart(first - 1, fromFebruary)).toBe("2024-11-01");
    expect(periodEnd(first - 1, fromFebruary)).toBe("2025-01-31");
  });

  test("a start in April has the quarters of the calendar year", () => {
    const april: Calendar = { frequency: "quarter", fiscalYearStart: 4 };
    expect(periodLabel(periodOf(2025, 6, april), april)).toBe("2025Q2");
  });
});

describe("properties", () => {
  test("every day of a period, and no other, is in it", () => {
    fc.assert(
      fc.property(anyCalendar, anyPeriod, (calendar, period) => {
        const [start, end] = [periodStart(period, calendar), periodEnd(period, calendar)];
        expect(periodOfDay(start, calendar)).toBe(period);
        expect(periodOfDay(end, calendar)).toBe(period);
        expect(dayNumber(periodStart(period + 1, calendar))).toBe(dayNumber(end) + 1);
      }),
    );
  });

  test("labels differ and sort as periods do", () => {
    fc.assert(
      fc.property(anyCalendar, anyPeriod, (calendar, period) => {
        expect(periodLabel(period, calendar) < periodLabel(period + 1, calendar)).toBe(true);
      }),
    );
  });

  test("one season later is the same day of the next year", () => {
    fc.assert(
      fc.property(anyCalendar, anyPeriod, (calendar, period) => {
        const [now, later] = [period, period + seasonLength(calendar.frequency)].map((p) =>
          periodStart(p, calendar),
        );
        expect(Number(later!.slice(0, 4))).toBe(Number(now!.slice(0, 4)) + 1);
        expect(later!.slice(4)).toBe(now!.slice(4));
      }),
    );
  });
});

describe("periodOfDay", () => {
  const april = periodOf(2025, 4, months);
  test.each(["2025-04-01", "2025-04", "2025-04-30"])("%s", (day) => {
    expect(periodOfDay(day, months)).toBe(april);
  });
  test.each([
    "",
    "2025",
    "2025-4-1",
    "2025-13-01",
    "2025-00-01",
    "2025-02-29",
    "2025-04-31",
    "2025-04-00",
    "01/04/2025",
    "2025-04-01x",
    " 2025-04-17",
    "2025-04-17T10:00:00Z",
  ])("%s is not a day", (day) => {
    expect(periodOfDay(day, months)).toBeNull();
  });
});

test("days in a month by the Gregorian rule", () => {
  const february = (year: number) => daysInMonth(year * 12 + 1);
  expect([2023, 2024, 1900, 2000].map(february)).toEqual([28, 29, 28, 29]);
  // The platform reads years below 100 as 19xx.
  expect([february(96), february(99), february(4)]).toEqual([29, 28, 29]);
  expect(isoDay(2025 * 12 + 11, 31)).toBe("2025-12-31");
  expect(isoDay(99 * 12, 1)).toBe("0099-01-01");
});
