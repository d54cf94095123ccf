import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asText, csvField, fromText } from "../../../src/panel/csv-cells.js";

describe("text that a spreadsheet would run", () => {
  test.each([
    "=1+1",
    '=HYPERLINK("http://x")',
    "+49 170 1234",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\tplain",
    "\rplain",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "－1+cmd",
    "＠SUM(1)",
    "﹦1",
    "'=1+1",
    '"=1+1',
    "''=1",
    "-",
    "--5",
    "-3-4",
    "=",
  ])("%j is written as text, and read back as it was", (text) => {
    expect(asText(text)).toBe(`'${text}`);
    expect(fromText(asText(text))).toBe(text);
  });

  test.each([
    "Store 7",
    "a=b",
    "x-1",
    "-3",
    "+4.5",
    "-1e5",
    "-3%",
    "-1.234,5",
    "'quoted'",
    "",
    "0",
    "007",
    "’=1",
    "東京",
    "<b>",
  ])("%j stays as it is", (text) => {
    expect(asText(text)).toBe(text);
    expect(fromText(text)).toBe(text);
  });

  test("any text comes back, and none of them begins a formula", () => {
    const signs = fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "'",
      '"',
      " ",
      "\t",
      "\r",
      "\n",
      "＝",
      "\ufeff",
      "1",
      "a",
      ";",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(signs).map((all) => all.join("")),
        ),
        (text) => {
          const cell = asText(text);
          expect(fromText(cell)).toBe(text);
          expect(cell).toMatch(/^(?![=@\t\r\n＝＋－＠])(?![+-](?![\d.,]+([eE][+-]?\d+)?%?$))/u);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("numbers are numbers, and the switch keeps everything", () => {
    expect(csvField(-3.5, "text")).toBe("-3.5");
    expect(csvField(null, "text")).toBe("");
    expect(csvField("=a,b", "text")).toBe('"\'=a,b"');
    expect(csvField("=a,b", "keep")).toBe('"=a,b"');
    expect(csvField("", "text")).toBe('""');
  });
});
