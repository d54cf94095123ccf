import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Failure } from "../../../src/kit/failure.js";
import type { DataSpec } from "../../../src/kit/specs.js";
import { readSource } from "../../../src/panel/source.js";
import { failureOf, scratchFolder } from "./scratch.js";

type NotMonthly = Extract<Failure, { code: "data.dates-not-monthly" }>;

const folder = scratchFolder();
const SPEC: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "t", target: "y", attributes: [], known: [], observed: [] },
};

async function read(times: Readonly<Record<string, readonly string[]>>, spec: Partial<DataSpec> = {}) {
  const file = join(folder, "d.csv");
  const rows = Object.entries(times).flatMap(([id, own]) => own.map((time) => `${id},${time},1`));
  await writeFile(file, `id,t,y\n${rows.join("\n")}\n`);
  return readSource({ ...SPEC, sources: [file], ...spec }, { cutoff: "2030-12-31", fiscalYearStart: 1 });
}

const DAY = 86_400_000;
/** Days from `first` on, `steps` days apart, over and over. */
function days(first: string, steps: readonly number[], count: number): string[] {
  const found: string[] = [];
  let at = Date.parse(`${first}T00:00:00Z`);
  for (let index = 0; index < count; index++) {
    found.push(new Date(at).toISOString().slice(0, 10));
    at += steps[index % steps.length]! * DAY;
  }
  return found;
}
const months = (count: number, of: (year: number, month: number) => string, step = 1) =>
  Array.from({ length: count }, (_, index) =>
    of(2020 + Math.floor((index * step) / 12), ((index * step) % 12) + 1),
  );
const two = (n: number) => String(n).padStart(2, "0");
const first = (year: number, month: number) => `${year}-${two(month)}-01`;
const last = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);

describe("dates that are no months are refused as what they look like", () => {
  test.each<[string, string, readonly string[]]>([
    ["4-4-5 starts", "4-4-5", days("2020-02-02", [28, 28, 35], 36)],
    ["4-4-5 ends", "4-4-5", days("2020-02-29", [28, 35, 28], 36)],
    ["4-5-4", "4-4-5", days("2021-01-31", [28, 35, 28], 30)],
    ["5-4-4", "4-4-5", days("2021-01-31", [35, 28, 28], 30)],
    [
      "4-4-5 with a year of 53 weeks",
      "4-4-5",
      [...days("2020-02-02", [28, 28, 35], 12), ...days("2021-02-07", [28, 28, 35], 24)],
    ],
    ["13 periods of 4 weeks", "four-week", days("2020-01-05", [28], 40)],
    ["weeks", "weekly", days("2020-01-05", [7], 104)],
    ["weeks with some missing", "weekly", days("2020-01-05", [7], 104).filter((_, week) => week % 9 !== 0)],
    ["every second week", "two-weekly", days("2020-01-05", [14], 60)],
    ["days", "daily", days("2020-01-01", [1], 120)],
    ["working days", "daily", days("2020-01-06", [1, 1, 1, 1, 3], 120)],
    ["days of no rhythm", "irregular", days("2020-01-01", [9, 13, 10], 60)],
    ["quarters", "quarterly", months(12, first, 3)],
    ["quarters of a fiscal year", "quarterly", months(12, (y, m) => last(y, m + 1), 3)],
    ["half-years", "half-yearly", months(8, first, 6)],
    ["years", "yearly", months(6, first, 12)],
  ])("%s: %s", async (_, shape, times) => {
    const failure = await failureOf(read({ b: times, a: times }));
    expect(failure).toMatchObject({ code: "data.dates-not-monthly", frequency: "month", shape, series: "a" });
    expect((failure as NotMonthly).examples.length).toBeGreaterThan(1);
  });

  test("the place is that of the first date of the example", async () => {
    const times = days("2020-02-02", [28, 28, 35], 36);
    const failure = (await failureOf(read({ a: times }))) as NotMonthly;
    expect(failure.line).toBe(2 + times.indexOf(failure.examples[0]!));
    // Both fall into one month.
    expect(failure.examples[0]!.slice(0, 7)).toBe(failure.examples[1]!.slice(0, 7));
  });

  test("series with calendars of their own are seen one by one", async () => {
    const failure = await failureOf(
      read({ a: days("2020-02-02", [28, 28, 35], 36), b: days("2020-02-05", [35, 28, 28], 36) }),
    );
    expect(failure).toMatchObject({ shape: "4-4-5" });
  });

  test.each<[string, string, readonly string[]]>([
    ["months", "monthly", months(36, first)],
    ["ends of months", "monthly", months(36, last)],
    ["weeks", "weekly", days("2020-01-05", [7], 104)],
    ["quarters of 13 weeks", "13-week", days("2020-01-05", [91], 40)],
    ["years", "yearly", months(6, first, 12)],
  ])("declared as quarters: %s", async (_, shape, times) => {
    expect(await failureOf(read({ a: times }, { frequency: "quarter" }))).toMatchObject({
      code: "data.dates-not-monthly",
      frequency: "quarter",
      shape,
    });
  });
});

describe("dates that are months pass", () => {
  test.each<[string, readonly string[]]>([
    ["starts", months(36, first)],
    ["ends", months(36, last)],
    ["the 15th", months(36, (y, m) => `${y}-${two(m)}-15`)],
    ["names of months", months(36, (y, m) => `${y}-${two(m)}`)],
    [
      "the first Sunday",
      months(
        36,
        (y, m) =>
          [1, 2, 3, 4, 5, 6, 7]
            .map((d) => `${y}-${two(m)}-${two(d)}`)
            .find((day) => new Date(day).getUTCDay() === 0)!,
      ),
    ],
    ["starts and later ends", [...months(12, first), ...months(24, last).slice(12)]],
    ["few months far apart", ["2020-01-01", "2020-04-01", "2020-07-01"]],
    ["every second month", months(12, first, 2)],
  ])("%s", async (_, times) => {
    const { panel } = await read({ a: times, b: times });
    expect(panel.period).toHaveLength(times.length * 2);
  });

  test("a month that stands twice under two days is a double row, not a rhythm", async () => {
    const { panel } = await read({ a: [...months(24, first), "2021-03-17"], b: months(24, first) });
    expect(panel.period).toHaveLength(49);
  });

  test("quarters are quarters", async () => {
    const { panel } = await read({ a: months(12, first, 3) }, { frequency: "quarter" });
    expect(panel.period).toHaveLength(12);
  });
});
