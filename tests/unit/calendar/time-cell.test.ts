import { describe, expect, test } from "vitest";
import { isInstant, localDay, otherMonth, parseTimeCell } from "../../../src/calendar/time-cell.js";
import { isTimeZone, offsetOf, wallClock } from "../../../src/calendar/time-zone.js";

describe("what a time cell may say", () => {
  test.each([
    ["2025-06", 6, null],
    ["2025-06-30", 6, 30],
    [" 2025-06-30 ", 6, 30],
    ["2025-06-30T00:00:00", 6, 30],
    ["2025-06-30 23:59:59", 6, 30],
    ["2025-06-30 23:59:59.999999999", 6, 30],
    ["2025-06-30 23:59:59,5", 6, 30],
    ["2025-06-30 9:05", 6, 30],
    ["2025-06-30 12:00:00 AM", 6, 30],
    ["2025-06-30 11:59 p.m.", 6, 30],
    ["2025-06-30T22:00:00Z", 6, 30],
    ["2025-06-30 22:00:00 UTC", 6, 30],
    ["2025-07-01T00:00:00+02:00", 7, 1],
    ["2025-07-01T00:00:00+0530", 7, 1],
    ["2025-07-01 00:00:00+00", 7, 1],
    ["2025-07-01+02:00", 7, 1],
    ["2025-06-30T22:00:00Z[Europe/Berlin]", 6, 30],
    ["2024-02-29", 2, 29],
  ])("%s", (text, month, day) => {
    expect(parseTimeCell(text)).toMatchObject({ month, day });
  });

  test.each([
    "2025-06 e",
    "2025-06e",
    "2025-06*",
    "2025-06 (forecast)",
    "2025-06-01 e",
    "2025-06-01 (p)",
    "2025-06-01 99:99:99",
    "2025-06-01 24:00:00",
    "2025-06-01 12:60",
    "2025-06-01 12:00:60",
    "2025-06-01 13:00 PM",
    "2025-06-01 0:00 AM",
    "2025-06-01T",
    "2025-06-01 12",
    "2025-06-01 12:00 e",
    "2025-06-01 12:00:00+99:00",
    "2025-06-01 12:00:00 CET",
    "2025-06-01T12:00:00Z[Mars/Base]",
    "2025-06-01T12:00:00Z[]",
    "2025-06-01/2025-06-30",
    "2025-06-31",
    "2025-02-29",
    "2025-06-00",
    "2025-13",
    "2025-00",
    "0000-01",
    "2025-6",
    "2025-06-1",
    "202506",
    "20250601",
    "2025",
    "2025-W23",
    "06/2025",
    "12025-06-01",
    "2025-06-01\u0000",
    "Jun 2025",
    "",
  ])("%s is refused", (text) => {
    expect(parseTimeCell(text)).toBeNull();
  });
});

/** Starts of months in a zone, written as instants; the offsets are those of the tz database, looked up by hand. */
const MONTH_STARTS: readonly (readonly [zone: string, instant: string, month: number])[] = [
  ["Europe/Berlin", "2024-12-31T23:00:00Z", 1],
  ["Europe/Berlin", "2025-03-31T22:00:00Z", 4],
  ["Europe/Berlin", "2025-10-31T23:00:00Z", 11],
  ["Asia/Kolkata", "2025-05-31T18:30:00Z", 6],
  ["Asia/Kathmandu", "2025-05-31T18:15:00Z", 6],
  ["Australia/Adelaide", "2025-01-31T13:30:00Z", 2],
  ["Australia/Adelaide", "2025-05-31T14:30:00Z", 6],
  ["Pacific/Auckland", "2025-05-31T12:00:00Z", 6],
  ["Pacific/Auckland", "2025-01-31T11:00:00Z", 2],
  ["Pacific/Kiritimati", "2025-05-31T10:00:00Z", 6],
  ["America/New_York", "2025-06-01T04:00:00Z", 6],
  ["America/St_Johns", "2025-06-01T02:30:00Z", 6],
  ["+05:30", "2025-05-31T18:30:00Z", 6],
  ["UTC", "2025-06-01T00:00:00Z", 6],
];

describe("zones", () => {
  test.each(MONTH_STARTS)("in %s, %s is the first of a month", (zone, text, month) => {
    const cell = parseTimeCell(text)!;
    expect(isInstant(cell)).toBe(true);
    expect(localDay(cell, zone)).toMatchObject({ month, day: 1 });
    expect(localDay(parseTimeCell(`${text}[${zone}]`)!, null)).toMatchObject({ month, day: 1 });
  });

  test("what is given comes before what is written; without either the written day counts", () => {
    const cell = parseTimeCell("2025-06-30T22:00:00Z[Europe/Berlin]")!;
    expect(localDay(cell, "America/New_York")).toMatchObject({ month: 6, day: 30 });
    expect(localDay(parseTimeCell("2025-07-01T00:00:00+02:00")!, null)).toMatchObject({ month: 7, day: 1 });
    expect(localDay(parseTimeCell("2025-07-01T00:00:00+02:00")!, "UTC")).toMatchObject({ month: 6, day: 30 });
  });

  test("a time without a zone is in the given zone already", () => {
    expect(localDay(parseTimeCell("2025-06-30 23:00")!, "Asia/Tokyo")).toMatchObject({ month: 6, day: 30 });
  });

  test("names and offsets", () => {
    expect(["Europe/Berlin", "UTC", "Z", "+05:30", "-0330"].map(isTimeZone)).toEqual(Array(5).fill(true));
    expect(["", "Berlin", "Europe/Bonn", "+25:00", "+5"].map(isTimeZone)).toEqual(Array(5).fill(false));
    expect([offsetOf("-03:30"), offsetOf("+0545"), offsetOf("Z"), offsetOf("CET")]).toEqual([
      -210,
      345,
      0,
      null,
    ]);
  });

  test("the hour that is there twice is told apart by the instant", () => {
    const hour = (instant: string) => new Date(wallClock(Date.parse(instant), "Europe/Berlin")).toISOString();
    expect(hour("2025-10-26T00:30:00Z")).toBe("2025-10-26T02:30:00.000Z");
    expect(hour("2025-10-26T01:30:00Z")).toBe("2025-10-26T02:30:00.000Z");
    expect(hour("2025-03-30T01:30:00Z")).toBe("2025-03-30T03:30:00.000Z");
  });
});

describe("times that may be another month", () => {
  test.each<[string, "next" | "previous" | null]>([
    ...MONTH_STARTS.map(([zone, text]): [string, "next" | null] => [
      text,
      zone.startsWith("America") || zone === "UTC" ? null : "next",
    ]),
    ["2025-06-30 22:00:00", "next"],
    // Ends of months: the last second of the day, in UTC, and west of it.
    ["2025-06-30T23:59:59Z", null],
    ["2025-06-30T23:59:59.999Z", null],
    ["2025-06-30T21:59:59Z", null],
    ["2025-07-01T03:59:59Z", "previous"],
    ["2025-07-01T02:29:59.999Z", "previous"],
    ["2025-07-01T07:59:59", "previous"],
    // Days, and times in the middle of a month.
    ["2025-06-30", null],
    ["2025-06", null],
    ["2025-06-30T00:00:00Z", null],
    ["2025-07-01T00:00:00Z", null],
    ["2025-06-15T22:00:00Z", null],
    ["2025-07-01T12:00:00Z", null],
  ])("%s: %s", (text, other) => {
    expect(otherMonth(parseTimeCell(text)!)).toBe(other);
  });
});
