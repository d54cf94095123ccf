import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type Json, mapStrings } from "../../../src/kit/json.js";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

function shuffled(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(shuffled);
  const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member as Json)] as const);
  return Object.fromEntries([
    ...entries.filter((_, i) => i % 2 === 1),
    ...entries.filter((_, i) => i % 2 === 0),
  ]);
}

describe("canonicalJson", () => {
  test.each<[unknown, string]>([
    [null, "null"],
    [true, "true"],
    [-0, "0"],
    [1e21, "1e+21"],
    [0.1 + 0.2, "0.30000000000000004"],
    ['a"\\\n\u0001é€\u{1f600}', '"a\\"\\\\\\n\\u0001é€😀"'],
    ["\ud800", '"\\ud800"'],
    [[], "[]"],
    [{}, "{}"],
    [{ b: 1, a: [{ d: 2, c: null }] }, '{"a":[{"c":null,"d":2}],"b":1}'],
    // Code units: capitals before small letters, an astral character before U+FFFD.
    [
      { a: 1, B: 2, "\ufffd": 3, "\u{1f600}": 4, "10": 5, "9": 6 },
      '{"10":5,"9":6,"B":2,"a":1,"😀":4,"\ufffd":3}',
    ],
    [{ kept: null, dropped: undefined }, '{"kept":null}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])("%j", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test("is JSON of the same value, whatever the order of the keys", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.stringify(JSON.parse(text))).toBe(
          JSON.stringify(JSON.parse(canonicalJson(shuffled(value)))),
        );
        expect(canonicalJson(shuffled(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("unequal values have unequal texts", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [x, y] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))];
        let isSame = true;
        try {
          expect(x).toEqual(y);
        } catch {
          isSame = false;
        }
        expect(canonicalJson(a) === canonicalJson(b)).toBe(isSame);
      }),
    );
  });

  test.each<[string, unknown]>([
    ["NaN", Number.NaN],
    ["infinity", Number.NEGATIVE_INFINITY],
    ["undefined", undefined],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a bigint", 1n],
    ["a Date", new Date(0)],
    ["a Map", new Map([["a", 1]])],
    ["a typed array", new Float64Array([1])],
  ])("refuses %s, at any depth", (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
    expect(() => canonicalJson([value])).toThrow(TypeError);
    if (value !== undefined) expect(() => canonicalJson({ a: { b: value } })).toThrow(TypeError);
  });
});

describe("mapStrings", () => {
  test("changes every string and nothing else", () => {
    const date = new Date(0);
    expect(
      mapStrings(
        { a: "x", b: ["y", 1, null, { c: "z", d: true }], date, none: undefined },
        (text) => `${text}!`,
      ),
    ).toEqual({ a: "x!", b: ["y!", 1, null, { c: "z!", d: true }], date, none: undefined });
    expect(mapStrings("x", () => "y")).toBe("y");
  });

  test("with the identity, is the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(mapStrings(value, (text) => text)).toEqual(value);
      }),
    );
  });
});
