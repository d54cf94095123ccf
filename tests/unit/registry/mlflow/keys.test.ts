import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeKey,
  encodeKey,
  encodePath,
  isReserved,
  keyOf,
  nameOf,
  OWN,
} from "../../../../src/registry/mlflow/keys.js";

/** Names that come near the marks of the encoding, its limits and MLflow's rules, and names of any signs. */
const piece = fc.oneof(
  fc.constantFrom(
    "_x",
    "_x_",
    "_x2f_",
    "_",
    "/",
    "//",
    ".",
    "..",
    "mlflow.",
    "retrain.registry.",
    "_h",
    " ",
    "ü",
    "𝔘",
  ),
  fc.string({ unit: "grapheme", maxLength: 4 }),
  fc.stringMatching(/^[\w.\-/ :]{0,6}$/),
);
const name = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
const longName = fc
  .tuple(name, fc.integer({ min: 150, max: 400 }), fc.constantFrom("a", "ü", "𝔘", "%", "_x2f_"))
  .map(([start, times, sign]) => start + sign.repeat(times));

/** Signs as Python counts them, and so MLflow's limits. */
const length = (text: string): number => [...text].length;

/** MLflow's own rule: mlflow/utils/validation.py, `_VALID_PARAM_AND_METRIC_NAMES` and `path_not_unique`. */
function isTaken(key: string): boolean {
  if (length(key) > 250 || !/^[/\p{L}\p{N}_.\- :]+$/u.test(key)) return false;
  const parts = key.split("/");
  return !key.startsWith("/") && parts.every((part) => part !== "" && part !== "." && part !== "..");
}

describe("encodeKey", () => {
  test.each([
    ["", "_x_"],
    ["cv.wmape", "cv.wmape"],
    ["share %", "share _x25_"],
    ["../etc", "_x2e__x2e_/etc"],
    ["/rooted/", "_x2f_rooted_x2f_"],
    ["a//b", "a/_x2f_b"],
    ["_x25_", "_x5f_x25_"],
    ["mlflow.user", "_x6d_lflow.user"],
    ["𝔘?", "𝔘_x3f_"],
    ["_x?", "_x5f_x_x3f_"],
    ["max_x", "max_x"],
  ])("%j is %s", (from, to) => {
    expect(encodeKey(from)).toBe(to);
  });

  test("MLflow takes every key, and no name becomes one of its own or of ours", () => {
    fc.assert(
      fc.property(name, (one) => {
        const key = encodeKey(one);
        expect(isTaken(key) || length(key) > 250, key).toBe(true);
        expect(isReserved(key)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("gives every name back, so that no two names have one key", () => {
    fc.assert(
      fc.property(name, (one) => {
        expect(decodeKey(encodeKey(one))).toBe(one);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("keyOf", () => {
  test("long names fit, stay apart, and come back by the tag that goes with them", () => {
    fc.assert(
      fc.property(longName, (one) => {
        const { key, tag } = keyOf(one);
        const tags = new Map(tag === null ? [] : [tag]);
        expect(isTaken(key), key).toBe(true);
        expect(nameOf(key, tags)).toBe(one);
        expect(keyOf(`${one}!`).key).not.toBe(key);
        expect(tag === null).toBe(encodeKey(one).length <= 200);
      }),
      { numRuns: 500 },
    );
  });

  test("the longest key leaves room for the prefixes that some tags have", () => {
    const { key } = keyOf("𝔘".repeat(300));
    for (const prefix of [OWN.param, OWN.input]) expect(length(prefix + key)).toBeLessThanOrEqual(250);
  });

  test("a long name that looks like a shortened one is still itself", () => {
    fc.assert(
      fc.property(longName, fc.stringMatching(/^[\da-f]{32}$/), (one, hash) => {
        const name = `${one.slice(0, 110)}_h${hash}_`;
        const { key, tag } = keyOf(name);
        expect(nameOf(key, new Map(tag === null ? [] : [tag]))).toBe(name);
      }),
    );
  });
});

test("encodePath gives every path back, in signs that the artifact proxy takes", () => {
  const path = fc
    .array(
      fc.oneof(fc.constantFrom("_x", "_xa", "_x_", "_x2f_", "?", "#"), fc.stringMatching(/^[^\0]{1,4}$/)),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(path, (one) => {
      const encoded = encodePath(one);
      expect(encoded).toMatch(/^[\p{L}\p{N}_.\-/ @+=,()~!]*$/u);
      expect(decodeKey(encoded)).toBe(one);
    }),
    { numRuns: 1000 },
  );
});
