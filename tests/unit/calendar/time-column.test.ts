import { describe, expect, test } from "vitest";
import { isTimeText, timeColumn } from "../../../src/calendar/time-column.js";
import type { TimeText } from "../../../src/calendar/time-forms.js";

const shown = (time: TimeText | null): string | null => {
  if (time === null) return null;
  if ("quarter" in time) return time.quarter;
  const { year, month, day } = time.cell;
  return [year, month, ...(day === null ? [] : [day])].join("-");
};

const one = (text: string, frequency: "month" | "quarter" = "month") =>
  shown(timeColumn([text], frequency).read(text));

describe("months and days with one reading", () => {
  test.each([
    ["2024-01", "2024-1"],
    ["2024-01-31", "2024-1-31"],
    ["1991 Jul", "1991-7"],
    ["1991-Jul", "1991-7"],
    ["1991Jul", "1991-7"],
    ["Jul 1991", "1991-7"],
    ["JUL-1991", "1991-7"],
    ["jul/1991", "1991-7"],
    ["July 1991", "1991-7"],
    ["JULY 1991", "1991-7"],
    ["july, 1991", "1991-7"],
    ["Jul. 1991", "1991-7"],
    ["Sept 2020", "2020-9"],
    ["Sep. 2020", "2020-9"],
    ["September 2020", "2020-9"],
    ["May 2020", "2020-5"],
    ["2024M01", "2024-1"],
    ["2024M1", "2024-1"],
    ["2024-M12", "2024-12"],
    ["2024 m03", "2024-3"],
    ["M3 2024", "2024-3"],
    ["2024/1", "2024-1"],
    ["2024-1", "2024-1"],
    ["2024.01", "2024-1"],
    ["2024 1", "2024-1"],
    ["2024/1/31", "2024-1-31"],
    ["2024.12.31", "2024-12-31"],
    ["2024-1-5", "2024-1-5"],
    ["2024/01/31 10:00", "2024-1-31"],
    ["Jan 1 2000", "2000-1-1"],
    ["Jan 1, 2000", "2000-1-1"],
    ["January 1st, 2000", "2000-1-1"],
    ["1 Jan 2000", "2000-1-1"],
    ["01-Jan-2000", "2000-1-1"],
    ["01JAN2000", "2000-1-1"],
    ["1. January 2000", "2000-1-1"],
    ["2000 Jan 1", "2000-1-1"],
    ["Sat, 01 Jan 2000 00:00:00 GMT", "2000-1-1"],
    ["Jan 5, 2000, 10:00 PM", "2000-1-5"],
    [" Jan 2000 ", "2000-1"],
    ["1949 January", "1949-1"],
  ])("%s", (text, expected) => {
    expect(one(text)).toBe(expected);
    expect(isTimeText(text, "month")).toBe(true);
  });

  test.each([
    "2024",
    "2024-13",
    "13/2024",
    "Foo 1991",
    "Febtober 2020",
    "Feb 30 2020",
    "31 Apr 2020",
    "241301",
    "20241301",
    "202413",
    "2024M13",
    "2024-01 e",
    "Jan 2024 e",
    "Jan",
    "Q1 2024",
    "2024Q1",
    "",
  ])("not %j", (text) => {
    expect(one(text)).toBeNull();
    expect(isTimeText(text, "month")).toBe(false);
  });
});

describe("quarters", () => {
  test.each([
    "1998Q1",
    "1998-Q1",
    "1998 Q1",
    "1998q1",
    "1998:Q1",
    "1998/Q1",
    "Q1 1998",
    "Q1-1998",
    "q1/1998",
    "1Q1998",
    "1Q 1998",
    "1998 Quarter 1",
    "Qtr 1 1998",
    "1998 1",
    "1998.0 1.0",
  ])("%s", (text) => {
    expect(one(text, "quarter")).toBe("1998Q1");
    expect(isTimeText(text, "quarter")).toBe(true);
  });

  test.each(["1998Q5", "1998Q0", "1998Q", "Q1", "1998Q1 e"])("not %j", (text) => {
    expect(one(text, "quarter")).toBeNull();
  });

  test("numbers are quarters while none is above four, and months of a quarterly panel otherwise", () => {
    const read = (texts: readonly string[]) => {
      const column = timeColumn(texts, "quarter");
      return texts.map((text) => shown(column.read(text)));
    };
    expect(read(["1998 1", "1998 4"])).toEqual(["1998Q1", "1998Q4"]);
    expect(read(["1998 1", "1998 4", "1998 7"])).toEqual(["1998-1", "1998-4", "1998-7"]);
  });
});

describe("cells that have several readings", () => {
  const column = (texts: readonly string[], frequency: "month" | "quarter" = "month") => {
    const { read, doubt } = timeColumn(texts, frequency);
    return { read: texts.map((text) => shown(read(text))), doubt };
  };

  test.each([
    [
      ["01/02/2024", "31/01/2024"],
      ["2024-2-1", "2024-1-31"],
    ],
    [
      ["1.2.2024", "31.1.2024"],
      ["2024-2-1", "2024-1-31"],
    ],
    [
      ["01/02/2024", "1/31/2024"],
      ["2024-1-2", "2024-1-31"],
    ],
    [
      ["01/02/2024 00:00", "1/31/2024 12:00:00 AM"],
      ["2024-1-2", "2024-1-31"],
    ],
    [
      ["01/01/2024", "02/02/2024"],
      ["2024-1-1", "2024-2-2"],
    ],
    [
      ["202401", "202402", "202403"],
      ["2024-1", "2024-2", "2024-3"],
    ],
    [
      ["20240131", "20240229", "20240331"],
      ["2024-1-31", "2024-2-29", "2024-3-31"],
    ],
    [
      ["01/2024", "2/2024", "03/2024"],
      ["2024-1", "2024-2", "2024-3"],
    ],
    [
      ["1.2024", "2.2024", "12.2024"],
      ["2024-1", "2024-2", "2024-12"],
    ],
    [
      ["45292", "45323", "45352.0"],
      ["2024-1-1", "2024-2-1", "2024-3-1"],
    ],
  ])("are read where one order fits all: %j", (texts, expected) => {
    expect(column(texts)).toEqual({ read: expected, doubt: null });
  });

  test.each([
    [
      ["01/02/2024"],
      "month",
      [
        ["%d/%m/%Y", "2024-02-01"],
        ["%m/%d/%Y", "2024-01-02"],
      ],
    ],
    [
      ["1.2.2024 10:30"],
      "month",
      [
        ["%d.%m.%Y %H:%M", "2024-02-01 10:30"],
        ["%m.%d.%Y %H:%M", "2024-01-02 10:30"],
      ],
    ],
    [
      ["01-02-24"],
      "month",
      [
        ["%d-%m-%y", "2024-02-01"],
        ["%m-%d-%y", "2024-01-02"],
        ["%y-%m-%d", "2001-02-24"],
      ],
    ],
    [
      ["31/01/24"],
      "month",
      [
        ["%d/%m/%y", "2024-01-31"],
        ["%y/%m/%d", "2031-01-24"],
      ],
    ],
    [
      ["Jan-91"],
      "month",
      [
        ["%b-%y", "1991-01"],
        [null, "1891-01"],
      ],
    ],
    [
      ["January 68"],
      "month",
      [
        ["%B %y", "2068-01"],
        [null, "1968-01"],
      ],
    ],
    [
      ["91-Jan"],
      "month",
      [
        ["%y-%b", "1991-01"],
        [null, "1891-01"],
      ],
    ],
    [
      ["5-Jan-91"],
      "month",
      [
        ["%d-%b-%y", "1991-01-05"],
        [null, "1891-01-05"],
      ],
    ],
    [
      ["01/24"],
      "month",
      [
        ["%m/%y", "2024-01"],
        [null, "1924-01"],
      ],
    ],
    [
      ["01/02"],
      "month",
      [
        ["%m/%y", "2002-01"],
        ["%y/%m", "2001-02"],
      ],
    ],
    [
      ["Q1 98"],
      "quarter",
      [
        ["Q%q %y", "1998Q1"],
        [null, "1898Q1"],
      ],
    ],
    [
      ["98Q1"],
      "quarter",
      [
        ["%yQ%q", "1998Q1"],
        [null, "1898Q1"],
      ],
    ],
    [
      ["2024.1"],
      "month",
      [
        ["%Y.%m", "2024-01"],
        [null, "2024-10"],
      ],
    ],
    [
      ["45292"],
      "month",
      [
        ["excel", "2024-01-01"],
        ["excel-1904", "2028-01-02"],
      ],
    ],
    [
      ["45292", "45323", "45353"],
      "month",
      [
        ["excel", "2024-01-01"],
        ["excel-1904", "2028-01-02"],
      ],
    ],
  ] as const)("are in doubt where nothing decides: %j", (texts, frequency, readings) => {
    const { read, doubt } = column(texts, frequency);
    expect(read).toEqual(texts.map(() => null));
    expect(doubt).toEqual({
      text: texts[0],
      against: null,
      readings: readings.map(([format, means]) => ({ format, means })),
    });
  });

  test.each([
    [["202401", "202402"]],
    [["04/2025"]],
    [["04/2025", "05/2025", "06/2025", "2025-07"]],
    [["202401", "202402", "202413"]],
  ])("digits that could be anything are no times: %j", (texts) => {
    const { read, doubt } = column(texts);
    expect(read.slice(0, 2).every((time) => time === null)).toBe(true);
    expect(doubt).toBeNull();
  });

  test("what is no time at all does not keep the other cells from being read", () => {
    expect(column(["202401", "202402", "202403", "202413", "", "?"]).read.slice(0, 4)).toEqual([
      "2024-1",
      "2024-2",
      "2024-3",
      null,
    ]);
  });

  test("two cells that no order reads both are named", () => {
    expect(column(["01/02/2024", "13/02/2024", "1/31/2024"]).doubt).toEqual({
      text: "13/02/2024",
      against: "1/31/2024",
      readings: [
        { format: "%d/%m/%Y", means: "2024-02-13" },
        { format: "%m/%d/%Y", means: "2024-01-31" },
      ],
    });
  });

  test("a day that is none in any order decides nothing", () => {
    expect(column(["31/02/2024", "30/04/2024"])).toEqual({ read: [null, "2024-4-30"], doubt: null });
  });

  test("one odd cell among many others is a slip", () => {
    const months = Array.from({ length: 30 }, (_, i) => `${2000 + i}-01`);
    expect(column([...months, "01/02/2024"]).doubt).toBeNull();
    expect(column([...months.slice(0, 10), "01/02/2024"]).doubt).not.toBeNull();
  });
});
