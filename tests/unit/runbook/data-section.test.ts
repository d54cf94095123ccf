import { describe, expect, test } from "vitest";
import { parseRunbook } from "../../../src/runbook/parse.js";
import { stepTypes } from "../../../steps/index.js";

const parse = (data: string) =>
  parseRunbook(
    `version: 1
name: panel
data: { source: data.csv, frequency: month, ${data} }
model: { name: panel, horizon: 6 }
steps: [{ id: validate, uses: validate-data }]
`,
    "runbook.yaml",
    { stepTypes, env: {}, overrides: [] },
  );

const dataOf = (data: string) => {
  const parsed = parse(data);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const { columns, parts, wide, sheet, timeFormats } = parsed.runbook.data;
  const { series, time } = columns;
  return JSON.parse(JSON.stringify({ series, time, parts, wide, sheet, timeFormats })) as unknown;
};

describe("the shapes of a panel", () => {
  test.each([
    ["columns: { series: id, time: month, target: y }", { series: "id", time: "month" }],
    [
      "columns: { series: [state, shop], time: [year, month], target: y }",
      {
        series: "state + shop",
        time: "year + month",
        parts: { series: ["state", "shop"], time: ["year", "month"] },
      },
    ],
    ["columns: { time: month, target: y }", { series: "series", time: "month", parts: { series: [] } }],
    ["shape: long, columns: { series: id, time: month, target: y }", { series: "id", time: "month" }],
    ["shape: wide, columns: { time: month, target: y }", { series: "series", time: "month", wide: {} }],
    [
      'shape: wide, wide: { names: time, columns: "^2" }, columns: { series: id, time: month, target: y }',
      { series: "id", time: "month", wide: { names: "time", columns: "^2" } },
    ],
    [
      'sheet: Data, timeFormat: "%b-%y", columns: { series: id, time: month, target: y }',
      { series: "id", time: "month", sheet: "Data", timeFormats: ["%b-%y"] },
    ],
    [
      'timeFormat: ["%b-%y", excel], columns: { series: id, time: month, target: y }',
      { series: "id", time: "month", timeFormats: ["%b-%y", "excel"] },
    ],
  ])("%s", (data, expected) => expect(dataOf(data)).toEqual(expected));

  test.each([
    ["columns: { series: [state, month], time: month, target: y }", "data.columns.time", "is series already"],
    [
      'timeFormat: "%d/%m", columns: { series: id, time: month, target: y }',
      "data.timeFormat",
      "a year is missing",
    ],
    [
      "wide: { names: time }, columns: { series: id, time: month, target: y }",
      "data.wide",
      "belongs to `shape: wide`",
    ],
    [
      'shape: wide, wide: { columns: "(" }, columns: { series: id, time: month, target: y }',
      "data.wide.columns",
      "expected a regular expression",
    ],
    [
      "shape: wide, wide: { names: time }, columns: { series: id, time: [y, m], target: v }",
      "data.columns.time",
      "takes one name",
    ],
  ])("refused: %s", (data, path, message) => {
    const parsed = parse(data);
    expect(parsed.ok ? [] : parsed.diagnostics).toEqual([
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    ]);
  });
});
