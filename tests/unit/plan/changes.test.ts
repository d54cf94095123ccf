import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/kit/json.js";
import { changesLine, changesOf } from "../../../src/plan/changes.js";
import { type FingerprintComponents, fingerprint } from "../../../src/plan/fingerprint.js";

const base: FingerprintComponents = {
  format: 1,
  step: { type: "train", version: 1 },
  params: { folds: 3, learners: ["naive", "ridge"], label: "a" },
  inputs: { panel: "sha256:aa", segments: null },
  scope: { quarter: "2025Q2", model: { horizon: 6 } },
  external: {
    state: {
      champion: "3",
      digest: "sha256:01",
      sources: [
        { file: "a.csv", sha256: "11" },
        { file: "b.csv", sha256: "22" },
      ],
      previous: "f".repeat(64),
      level: 0.8,
    },
    metrics: { "train.cv.wmape": { value: 0.1, n: 9 }, "train.n": { value: 9 } },
    registry: "file:/a",
    lineage: { git: "c0ffee", runbook: "sha256:aa" },
  },
  tools: { retrain: "0.2", duckdb: "1.5" },
};
const external = (base.external as { state: Record<string, Json> } & Record<string, Json>)!;
const state = (change: Record<string, Json>) => ({
  external: { ...external, state: { ...external.state, ...change } },
});

test.each<[string, Partial<FingerprintComponents>]>([
  ["", {}],
  ["parameter folds 3 → 4", { params: { ...(base.params as object), folds: 4 } }],
  ["parameter learners.1 ridge → none", { params: { folds: 3, learners: ["naive"], label: "a" } }],
  [
    "parameter label a → 0123456789012345678901234567890…",
    { params: { folds: 3, learners: ["naive", "ridge"], label: "0123456789".repeat(4) } },
  ],
  ["input panel changed", { inputs: { panel: "sha256:bb", segments: null } }],
  ["input segments is new", { inputs: { panel: "sha256:aa", segments: "sha256:cc" } }],
  ["input panel is gone", { inputs: { panel: null, segments: null } }],
  [
    "source file b.csv changed",
    state({
      sources: [
        { file: "a.csv", sha256: "11" },
        { file: "b.csv", sha256: "33" },
      ],
    }),
  ],
  ["constructor none → 4", state({ constructor: 4 } as never)],
  ["__proto__ none → 4", state(JSON.parse('{"__proto__":4}'))],
  ["source file b.csv is gone", state({ sources: [{ file: "a.csv", sha256: "11" }] })],
  [
    "source file a.csv changed, source file b.csv is gone, source file c.csv is new",
    state({
      sources: [
        { file: "a.csv", sha256: "12" },
        { file: "c.csv", sha256: "22" },
      ],
    }),
  ],
  // The digest of another champion is another one, which says nothing more.
  ["champion moved 3 → 4", state({ champion: "4", digest: "sha256:02" })],
  ["champion moved 3 → none", state({ champion: null, digest: "sha256:01" })],
  ["digest sha256:01 → sha256:02", state({ digest: "sha256:02" })],
  ["what an earlier quarter left changed", state({ previous: "e".repeat(64) })],
  ["level 0.8 → 0.9", state({ level: 0.9 })],
  ["state outside the inputs changed", { external: { ...external, state: [1] } }],
  [
    "metric train.cv.wmape 0.1 → 0.2",
    {
      external: { ...external, metrics: { "train.cv.wmape": { value: 0.2, n: 9 }, "train.n": { value: 9 } } },
    },
  ],
  [
    "metric train.cv.wmape has other counts",
    {
      external: { ...external, metrics: { "train.cv.wmape": { value: 0.1, n: 8 }, "train.n": { value: 9 } } },
    },
  ],
  [
    "metric train.n 9 → none",
    { external: { ...external, metrics: { "train.cv.wmape": { value: 0.1, n: 9 } } } },
  ],
  ["registry file:/a → http://b", { external: { ...external, registry: "http://b" } }],
  ["git c0ffee → decaf", { external: { ...external, lineage: { git: "decaf", runbook: "sha256:aa" } } }],
  ["runbook changed", { external: { ...external, lineage: { git: "c0ffee", runbook: "sha256:bb" } } }],
  ["model.horizon 6 → 12", { scope: { quarter: "2025Q2", model: { horizon: 12 } } }],
  ["retrain 0.2 → 0.3", { tools: { retrain: "0.3", duckdb: "1.5" } }],
  ["step version 1 → 2", { step: { type: "train", version: 2 } }],
  [
    "retrain 0.2 → 0.3 (step version 1 → 2)",
    { step: { type: "train", version: 2 }, tools: { retrain: "0.3", duckdb: "1.5" } },
  ],
  ["step type train → fit", { step: { type: "fit", version: 1 } }],
  ["fingerprint format 1 → 2", { format: 2 }],
])("%s", (line, change) => {
  expect(changesLine(changesOf(base, { ...base, ...change }))).toBe(line);
});

test("the most telling comes first, and one line holds three", () => {
  const after: FingerprintComponents = {
    ...base,
    ...state({ champion: "4", digest: "x", sources: [{ file: "a.csv", sha256: "12" }] }),
    params: { folds: 4, learners: ["naive", "ridge"], label: "a" },
    inputs: { panel: "sha256:bb", segments: null },
    tools: { retrain: "0.3", duckdb: "1.5" },
  };
  const changes = changesOf(base, after);
  expect(changes.map(({ text }) => text)).toEqual([
    "parameter folds 3 → 4",
    "input panel changed",
    "source file a.csv changed",
    "source file b.csv is gone",
    "champion moved 3 → 4",
    "retrain 0.2 → 0.3",
  ]);
  expect(changesLine(changes)).toBe(
    "parameter folds 3 → 4, input panel changed, source file a.csv changed and 3 more",
  );
});

describe("something is said", () => {
  const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true }) as fc.Arbitrary<Json>;
  const object = fc.dictionary(fc.string({ maxLength: 4 }), json, { maxKeys: 5 });
  const file = fc.record({ file: fc.constantFrom("a", "b"), sha256: fc.constantFrom("1", "2") });
  const anyState = fc.oneof(
    json,
    fc.record({
      sources: fc
        .uniqueArray(file, { selector: (entry) => entry.file })
        .map((all) => all.sort((a, b) => (a.file < b.file ? -1 : 1))),
    }),
    fc.record({ champion: fc.constantFrom("1", "2", null), digest: fc.constantFrom("x", "y") }),
  ) as fc.Arbitrary<Json>;
  const components = fc.record({
    params: json,
    scope: object,
    external: fc.record(
      { state: anyState, metrics: object, registry: fc.string(), lineage: object },
      { requiredKeys: [] },
    ),
    inputs: fc.dictionary(fc.constantFrom("panel", "segments"), fc.constantFrom("x", "y", null)),
    step: fc.record({ type: fc.constantFrom("a", "b"), version: fc.nat({ max: 2 }) }),
    tools: fc.dictionary(fc.constantFrom("retrain", "duckdb"), fc.constantFrom("1", "2")),
  }) as unknown as fc.Arbitrary<Partial<FingerprintComponents>>;

  test("exactly when the fingerprints differ", () => {
    fc.assert(
      fc.property(components, components, (a, b) => {
        const [before, after] = [
          { ...base, ...a },
          { ...base, ...b },
        ];
        expect(changesOf(before, before)).toEqual([]);
        expect(changesOf(before, after).length === 0).toBe(fingerprint(before) === fingerprint(after));
      }),
      { numRuns: 500 },
    );
  });
});
