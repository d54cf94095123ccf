import { describe, expect, test } from "vitest";
import { parseQuarters } from "../../../src/backtest/quarters.js";

const labels = (...texts: string[]) => {
  const parsed = parseQuarters(texts, 1);
  return parsed.ok ? parsed.value.map(({ label }) => label) : parsed.error;
};

describe("parseQuarters", () => {
  test("a range has both its ends and goes over the year", () => {
    expect(labels("2014Q3..2015Q2")).toEqual(["2014Q3", "2014Q4", "2015Q1", "2015Q2"]);
  });

  test("arguments, commas and ranges in any order give each quarter once, oldest first", () => {
    const expected = ["2013Q4", "2014Q1", "2014Q2", "2015Q1"];
    expect(labels("2015Q1", "2014Q1..2014Q2", "2013Q4,2014Q1")).toEqual(expected);
    expect(labels("2013Q4..2014Q2,2015Q1")).toEqual(expected);
  });

  test("one quarter is a range of itself", () => {
    expect(labels("2014q1..2014Q1")).toEqual(["2014Q1"]);
  });

  test.each(["2014", "2014Q5", "2014Q1..", "..2014Q1", "2014Q1..2014Q2..2014Q3", "2014Q1...2014Q3", ""])(
    "%j is no quarter",
    (text) => {
      expect(labels(text)).toEqual({ text, problem: "no-quarter" });
    },
  );

  test("a range that runs backwards", () => {
    expect(labels("2014Q1", "2016Q4..2014Q1")).toEqual({ text: "2016Q4..2014Q1", problem: "backwards" });
  });

  test("the fiscal year decides the days", () => {
    const parsed = parseQuarters(["2025Q1"], 4);
    expect(parsed.ok && parsed.value[0]!.cutoff).toBe("2024-06-30");
  });
});
