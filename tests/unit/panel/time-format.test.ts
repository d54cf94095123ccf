import { describe, expect, test } from "vitest";
import { timeColumn } from "../../../src/calendar/time-column.js";
import { timeFormatProblem } from "../../../src/calendar/time-format.js";
import { withDuckDb } from "../../../src/panel/duckdb.js";
import { readByFormat } from "../../../src/panel/time-format.js";

const read = async (text: string, ...formats: readonly string[]) => {
  const time = (await withDuckDb((db) => readByFormat(db, [text], formats), { threads: 1 })).get(text);
  if (time === undefined) return null;
  if ("quarter" in time) return time.quarter;
  const { year, month, day, time: ofDay } = time.cell;
  return [year, month, ...(day === null ? [] : [day]), ...(ofDay === null ? [] : [`T${ofDay}`])].join("-");
};

describe("texts by a format", () => {
  test.each([
    ["01/02/2024", ["%d/%m/%Y"], "2024-2-1"],
    ["1/2/2024", ["%d/%m/%Y"], "2024-2-1"],
    ["01/02/2024", ["%m/%d/%Y"], "2024-1-2"],
    ["31/02/2024", ["%d/%m/%Y"], null],
    ["1/2/24", ["%d/%m/%Y"], null],
    ["1/2/2024 x", ["%d/%m/%Y"], null],
    ["Jan-91", ["%b-%y"], "1991-1"],
    ["JAN-68", ["%b-%y"], "2068-1"],
    ["January 1991", ["%B %Y"], "1991-1"],
    ["Januar 1991", ["%B %Y"], null],
    ["Q1 98", ["Q%q %y"], "1998Q1"],
    ["98Q4", ["%yQ%q"], "1998Q4"],
    ["98Q5", ["%yQ%q"], null],
    ["2024-02-01 10:00 PM", ["%Y-%m-%d %I:%M %p"], "2024-2-1-T79200000"],
    ["2024 032", ["%Y %j"], "2024-2-1"],
    ["2024.3", ["%Y.%m"], "2024-3"],
    ["45292", ["excel"], "2024-1-1"],
    ["45292.5", ["excel"], "2024-1-1-T43200000"],
    ["43830", ["excel-1904"], "2024-1-1"],
    ["60", ["excel"], null],
    ["2024-01", ["excel"], null],
    ["13/01/2024", ["%m/%d/%Y", "%d/%m/%Y"], "2024-1-13"],
    ["it's", ["it's %Y-%m"], null],
  ] as const)("%s by %j is %s", async (text, formats, expected) => {
    expect(await read(text, ...formats)).toBe(expected);
  });

  test.each([
    "01/02/2024",
    "1.2.2024 10:30",
    "1/2/2024 10:30:15 PM",
    "01-02-24",
    "Jan-91",
    "January 68",
    "91-Jan",
    "5-Jan-91",
    "01/24",
    "01/02",
    "Q1 98",
    "98Q1",
    "2024.1",
    "45292",
  ])("the format that a refused %s is offered reads it as it was said", async (text) => {
    const frequency = text.includes("Q") ? "quarter" : "month";
    const offered = timeColumn([text], frequency).doubt!.readings.filter(({ format }) => format !== null);
    expect(offered.length).toBeGreaterThan(0);
    for (const { format, means } of offered) {
      expect(timeFormatProblem(format!)).toBeNull();
      const column = timeColumn([means], frequency).read(means)!;
      const told = (await withDuckDb((db) => readByFormat(db, [text], [format!]))).get(text);
      expect(told).toEqual(column);
    }
  });
});

describe("formats that a runbook may name", () => {
  test.each([
    "%d/%m/%Y",
    "%b-%y",
    "%YQ%q",
    "%Y%m",
    "excel",
    "excel-1904",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y %j",
    "100%% %Y %m",
  ])("%s", (format) => expect(timeFormatProblem(format)).toBeNull());
  test.each([
    ["%d/%m", "a year is missing"],
    ["%Y", "a month is missing"],
    ["%Y-%q-%m", "%q stands with a year alone"],
    ["%Y-%m-%d %Z", "%Z is none of"],
    ["%k %Y %m", "%k is none of"],
    ["%Y %m %", "% is none of"],
    ["YYYY-MM", "a year is missing"],
    ["Excel", "a year is missing"],
  ])("not %s", (format, problem) => expect(timeFormatProblem(format)).toContain(problem));
});
