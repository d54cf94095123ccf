import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "../../../src/kit/json.js";
import { differences, type FingerprintComponents, fingerprint } from "../../../src/plan/fingerprint.js";

const base: FingerprintComponents = {
  format: 1,
  step: { type: "train", version: 1 },
  params: { folds: 3, learners: ["naive", "ridge"], label: "a" },
  inputs: { panel: "sha256:aa", segments: null },
  scope: { quarter: "2025Q2", model: { horizon: 6 } },
  external: { state: { champion: "3" } },
  tools: { retrain: "0.1.0" },
};

const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true }) as fc.Arbitrary<Json>;
const object = fc.dictionary(fc.string({ maxLength: 4 }), json, { maxKeys: 5 });

/** The same value with the keys of every object in another order. */
function reordered(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reordered);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reordered(member as Json)]),
  );
}

describe("fingerprint", () => {
  test("is the sha256 of a fixed text: a change of it would make everything anew", () => {
    // json.dumps(…, sort_keys=True, separators=(",", ":")) of Python gives the same text.
    expect(fingerprint(base)).toBe("sha256:6e2f8204f4c8df89700b623b9f66438e82b1aca35398754c249b7b8bb86046f5");
  });

  test.each<[string, Partial<FingerprintComponents>]>([
    ["format", { format: 2 }],
    ["type", { step: { type: "trainer", version: 1 } }],
    ["version", { step: { type: "train", version: 2 } }],
    ["a parameter", { params: { folds: 4, learners: ["naive", "ridge"], label: "a" } }],
    ["a parameter's type", { params: { folds: "3", learners: ["naive", "ridge"], label: "a" } }],
    ["the order of a list", { params: { folds: 3, learners: ["ridge", "naive"], label: "a" } }],
    ["an input", { inputs: { panel: "sha256:ab", segments: null } }],
    ["an optional input", { inputs: { panel: "sha256:aa", segments: "sha256:aa" } }],
    ["inputs swapped", { inputs: { panel: null as never, segments: "sha256:aa" } }],
    ["scope", { scope: { quarter: "2025Q3", model: { horizon: 6 } } }],
    ["external state", { external: { state: { champion: "4" } } }],
    ["a tool", { tools: { retrain: "0.1.1" } }],
  ])("tells apart: %s", (_name, change) => {
    expect(fingerprint({ ...base, ...change })).not.toBe(fingerprint(base));
  });

  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(object, object, (params, scope) => {
        const one = { ...base, params, scope };
        const other = reordered(one as unknown as Json) as unknown as FingerprintComponents;
        expect(fingerprint(other)).toBe(fingerprint(one));
      }),
    );
  });

  test("a member that is undefined is no member: what a record cannot store makes no difference", () => {
    expect(fingerprint({ ...base, params: { folds: 3, gone: undefined as never } })).toBe(
      fingerprint({ ...base, params: { folds: 3 } }),
    );
  });
});

describe("differences", () => {
  test("leaf by leaf, with their paths", () => {
    const after = { a: 1, b: { c: [1, 3], d: null, f: {} }, g: "new" };
    expect(differences({ a: 1, b: { c: [1, 2, 9], d: 0, e: "x" } }, after)).toEqual([
      { path: "b.c.1", before: 2, after: 3 },
      { path: "b.c.2", before: 9, after: undefined },
      { path: "b.d", before: 0, after: null },
      { path: "b.e", before: "x", after: undefined },
      { path: "b.f", before: undefined, after: {} },
      { path: "g", before: undefined, after: "new" },
    ]);
  });

  test("a list is not an object, and an object is not its member", () => {
    expect(differences({ a: [] }, { a: {} })).toEqual([{ path: "a", before: [], after: {} }]);
    expect(differences({ a: { b: 1 } }, { a: 1 })).toEqual([{ path: "a", before: { b: 1 }, after: 1 }]);
    expect(differences(1, 2)).toEqual([{ path: "", before: 1, after: 2 }]);
  });

  test("a key may have the name of something that every object inherits", () => {
    expect(differences({}, { constructor: 1, toString: "x" })).toEqual([
      { path: "constructor", before: undefined, after: 1 },
      { path: "toString", before: undefined, after: "x" },
    ]);
    expect(differences(JSON.parse('{"__proto__":{"a":1}}'), {})).toEqual([
      { path: "__proto__", before: { a: 1 }, after: undefined },
    ]);
  });

  test("are none exactly when the canonical JSON is the same", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(differences(a, a)).toEqual([]);
        expect(differences(a, reordered(a))).toEqual([]);
        expect(differences(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });

  test("applied to what was before, give what is after", () => {
    // Keys without dots and not numbers, so that a path can be followed; lists are replaced as a whole.
    const key = fc.stringMatching(/^[a-c]{1,2}$/);
    const tree = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<Json>(null, true, 0, 1, "x", {}),
        fc.dictionary(key, tie("tree"), { maxKeys: 3 }),
      ),
    })).tree;
    const root = fc.dictionary(key, tree, { maxKeys: 3 });
    fc.assert(
      fc.property(root, root, (before, after) => {
        const patched = structuredClone(before) as Record<string, unknown>;
        for (const { path, after: value } of differences(before, after)) {
          const keys = path.split(".");
          let parent: Record<string, unknown> = patched;
          for (const part of keys.slice(0, -1)) parent = parent[part] as Record<string, unknown>;
          if (value === undefined) delete parent[keys.at(-1)!];
          else parent[keys.at(-1)!] = value;
        }
        expect(patched).toEqual(after);
      }),
    );
  });

  test("are the same seen from the other side", () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        const swapped = differences(b, a).map(({ path, before, after }) => ({
          path,
          before: after,
          after: before,
        }));
        expect(differences(a, b)).toEqual(swapped);
      }),
    );
  });
});
