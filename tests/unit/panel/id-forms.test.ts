import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IdFolding } from "../../../src/kit/specs.js";
import {
  differencesOf,
  foldId,
  foldingFor,
  joinFoldings,
  nearGroups,
  visibleText,
} from "../../../src/panel/id-forms.js";

/** Two spellings of one id, and the weakest option that makes them one. */
const SAME: readonly (readonly [a: string, b: string, folding: IdFolding])[] = [
  ["Store 7", "Store 7 ", { trim: true }],
  ["Store 7", " Store 7", { trim: true }],
  ["Store 7", "Store  7", { trim: true }],
  ["Store 7", "Store\u00A07", { trim: true }],
  ["Store 7", "Store 7\u3000", { trim: true }],
  ["Store 7", "Store\t7", { trim: true }],
  ["Store 7", "Store7", { trim: "all" }],
  ["Store 7", "STORE 7", { case: "lower" }],
  ["Straße", "STRASSE", { case: "lower" }],
  ["ΣΑΣ", "σας", { case: "lower" }],
  ["Caf\u00E9", "Cafe\u0301", { form: "NFC" }],
  ["Store 7", "Store\u200B 7", { form: "NFC" }],
  ["Store 7", "\uFEFFStore 7", { form: "NFC" }],
  ["Store", "Sto\u00ADre", { form: "NFC" }],
  ["A12", "\uFF2112", { form: "NFKC" }],
  ["A-12", "A\u201312", { form: "NFKC" }],
  ["O'Neil", "O\u2019Neil", { form: "NFKC" }],
  ["Ward VIII", "Ward \u2167", { form: "NFKC" }],
  ["A1", "A\u20601", { form: "NFC" }],
  ["7", "007", { form: "number" }],
  ["P7", "P07", { form: "number" }],
  ["1000", "1000.0", { form: "number" }],
  ["1000", "1e3", { form: "number" }],
  ["1000", "1.0E+3", { form: "number" }],
  ["1000", "1,000", { form: "number" }],
  ["1000", "1 000", { form: "number" }],
  ["1000", "1'000", { form: "number" }],
  ["-5", "-05.00", { form: "number" }],
  ["12345678901234567890", "12345678901234567890.0", { form: "number" }],
  ["store 7", " STORE 007", { trim: true, case: "lower", form: "number" }],
];

/** Ids that nobody takes for one. */
const DIFFERENT: readonly (readonly [a: string, b: string])[] = [
  ["Store 7", "Store 8"],
  ["1 12", "11 2"],
  ["1.10", "1.1"],
  ["1.01", "1.1"],
  ["12345678901234567890", "12345678901234567891"],
  ["1e3", "1e4"],
  ["0", "00a"],
  ["-5", "5"],
  ["1000", "1,0000"],
  ["1.5e0", "1"],
  ["resume", "résumé"],
  ["10", "100"],
  ["true", "1"],
  ["2024-01-01", "2024-10-01"],
];

describe("ids that nearly agree", () => {
  test.each(SAME)("%j and %j are one with %j", (a, b, folding) => {
    expect(nearGroups([a, b, "other"])).toEqual([[a, b].sort()]);
    expect(foldingFor([a, b])).toEqual(folding);
    expect(foldId(a, folding)).toBe(foldId(b, folding));
  });

  test.each(DIFFERENT)("%j and %j are two", (a, b) => {
    expect(nearGroups([a, b])).toEqual([]);
  });

  test("an option that is set decides: what differs in that way is different", () => {
    expect(nearGroups(["a", "A"], { case: "keep" })).toEqual([]);
    expect(nearGroups(["a", "a "], { trim: false })).toEqual([]);
    expect(nearGroups(["7", "007"], { form: "keep" })).toEqual([]);
    expect(nearGroups(["7", "007", " 7"], { form: "keep" })).toEqual([[" 7", "7"]]);
    expect(nearGroups(["A 1", "a 1"], { trim: true })).toEqual([["A 1", "a 1"]]);
  });

  test("folding twice changes nothing, and near ids stay near", () => {
    const folding: fc.Arbitrary<IdFolding> = fc.record(
      {
        trim: fc.constantFrom(true, false, "all" as const),
        case: fc.constantFrom("lower" as const, "upper" as const, "keep" as const),
        form: fc.constantFrom("NFC" as const, "NFKC" as const, "number" as const, "keep" as const),
      },
      { requiredKeys: [] },
    );
    const character = fc.constantFrom(..."aAé07. ,e-'\u00A0\u200B\uFF21\u0301ß\t–");
    const text = fc.array(character, { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, folding, (id, options) => {
        const once = foldId(id, options);
        expect(foldId(once, options)).toBe(once);
        if (id !== once && once !== "") expect(nearGroups([id, once])).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  test("nothing but blanks and invisible characters is no id", () => {
    for (const id of [" ", "\u00A0\t", "\u200B", "\u2060 \uFEFF"]) expect(foldId(id, {})).toBe("");
  });

  test("differences, joined options, and what is made visible", () => {
    expect(differencesOf(["1000", "1000.0"])).toEqual(["number"]);
    expect(differencesOf(["Store 7", "store 7 "])).toEqual(["blanks", "case"]);
    expect(joinFoldings([{ trim: true }, { trim: "all" }, { form: "NFC" }])).toEqual({
      trim: "all",
      form: "NFC",
    });
    expect(visibleText("Store 7 ", ["Store 7"])).toBe("Store 7␠");
    expect(visibleText("Store  7", ["Store 7"])).toBe("Store␠␠7");
    expect(visibleText("Store\u00A07", ["Store 7"])).toBe("Store<U+00A0>7");
    expect(visibleText("Cafe\u0301", ["Caf\u00E9"])).toBe("Cafe<U+0301>");
    expect(visibleText("Caf\u00E9", ["Cafe\u0301"])).toBe("Caf<U+00E9>");
    expect(visibleText("a\u202Eb", ["ab"])).toBe("a<U+202E>b");
    expect(visibleText("Zürich", ["Zürich "])).toBe("Zürich");
  });
});
