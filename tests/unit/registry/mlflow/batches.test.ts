import fc from "fast-check";
import { expect, test } from "vitest";
import { type Batch, batchesOf } from "../../../../src/registry/mlflow/batches.js";

/** runs/log-batch of MLflow: 1000 metrics, 100 params, 100 tags, 1000 of all, and a body of a million bytes. */
const LIMITS = { metrics: 1000, params: 100, tags: 100 } as const;
const FIELDS = ["metrics", "params", "tags"] as const;

const count = (batch: Batch): number => FIELDS.reduce((sum, field) => sum + batch[field].length, 0);
/** The body as it is sent, with the id of a run. */
const bytes = (batch: Batch): number =>
  Buffer.byteLength(JSON.stringify({ run_id: "0".repeat(32), ...batch }));

function expectWhole(all: Batch): readonly Batch[] {
  const batches = batchesOf(all);
  for (const field of FIELDS)
    expect(batches.flatMap((batch): readonly object[] => batch[field])).toEqual(all[field]);
  for (const batch of batches) {
    for (const field of FIELDS) expect(batch[field].length).toBeLessThanOrEqual(LIMITS[field]);
    expect(count(batch)).toBeLessThanOrEqual(1000);
    expect(count(batch)).toBeGreaterThan(0);
    expect(bytes(batch)).toBeLessThanOrEqual(1_000_000);
  }
  // Tags come last: whoever sees a tag sees everything that was logged with it.
  const firstTag = batches.findIndex(({ tags }) => tags.length > 0);
  if (firstTag >= 0)
    for (const later of batches.slice(firstTag + 1)) {
      expect(later.metrics).toEqual([]);
      expect(later.params).toEqual([]);
    }
  return batches;
}

const pairs = (amount: number, value: string) =>
  Array.from({ length: amount }, (_, i) => ({ key: `key ${i}`, value: `${i} ${value}` }));
const metrics = (amount: number, key = "m") =>
  Array.from({ length: amount }, (_, i) => ({
    key,
    value: i / 3,
    timestamp: 1_700_000_000_000 + i,
    step: i,
  }));

test("whatever is logged arrives whole, in order and within MLflow's limits", () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc
      .tuple(fc.constantFrom("x", "ü", '"', "𝔘", "\u0000"), fc.nat(8000))
      .map(([sign, times]) => sign.repeat(times)),
  );
  fc.assert(
    fc.property(
      fc.nat(2500),
      fc.array(value, { maxLength: 300, size: "max" }),
      fc.array(value, { maxLength: 300, size: "max" }),
      fc.integer({ min: 1, max: 250 }),
      (points, params, tags, keyLength) => {
        const named = (values: readonly string[]) => values.map((text, i) => ({ key: `k${i}`, value: text }));
        expectWhole({
          metrics: metrics(points, "k".repeat(keyLength)),
          params: named(params),
          tags: named(tags),
        });
      },
    ),
    { numRuns: 40 },
  );
});

test.each<[string, Batch, number]>([
  ["nothing is no batch", { metrics: [], params: [], tags: [] }, 0],
  [
    "as much of each as one takes",
    { metrics: metrics(800), params: pairs(100, ""), tags: pairs(100, "") },
    1,
  ],
  ["one param more", { metrics: [], params: pairs(101, ""), tags: [] }, 2],
  ["one metric more", { metrics: metrics(1001), params: [], tags: [] }, 2],
  ["one more of all", { metrics: metrics(801), params: pairs(100, ""), tags: pairs(100, "") }, 2],
  ["long values: few in one", { metrics: [], params: [], tags: pairs(100, "ü".repeat(7000)) }, 2],
])("%s", (_name, all, amount) => {
  expect(expectWhole(all)).toHaveLength(amount);
});
