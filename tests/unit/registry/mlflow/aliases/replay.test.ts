import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  append,
  currentOf,
  EMPTY,
  type Entry,
  type Ledger,
  lastMove,
  movesOf,
} from "../../../../../src/registry/mlflow/aliases/replay.js";

const entry = (key: string, to: string | null, more: Partial<Entry> = {}): Entry => ({
  alias: "best",
  to,
  by: "tester",
  reason: `because ${key}`,
  decision: null,
  key,
  at: "2025-07-01T00:00:00Z",
  ...more,
});

const replay = (entries: readonly Entry[], onto: Ledger = EMPTY): Ledger =>
  entries.reduce((ledger, one, index) => append(ledger, onto.last + index + 1, one), onto);

/** What a registry with a lock and plain variables would do with the same requests, one after the other. */
function bruteForce(entries: readonly Entry[]) {
  const named = new Map<string, string | null>();
  const done = new Set<string>();
  const outcomes = entries.map(({ alias, to, expected, key }) => {
    const from = named.get(alias) ?? null;
    if (done.has(key)) return { outcome: "already", from };
    if (expected !== undefined && expected !== from) return { outcome: "conflict", from };
    done.add(key);
    named.set(alias, to);
    return { outcome: null, from };
  });
  return { named, outcomes };
}

const request: fc.Arbitrary<Entry> = fc
  .record(
    {
      alias: fc.constantFrom("best", "candidate"),
      to: fc.constantFrom("1", "2", "3", null),
      key: fc.constantFrom("a", "b", "c", "d", "e"),
      expected: fc.constantFrom("1", "2", "3", null),
    },
    { requiredKeys: ["alias", "to", "key"] },
  )
  .map(({ key, to, ...more }) => entry(key, to, more));
const requests = fc.array(request, { maxLength: 14, size: "max" });

describe("replaying a ledger", () => {
  test("is what one registry under a lock would have done, request by request", () => {
    let [refused, repeated, moved] = [0, 0, 0];
    fc.assert(
      fc.property(requests, (all) => {
        const ledger = replay(all);
        const { named, outcomes } = bruteForce(all);
        expect(ledger.entries.map(({ void: outcome, from }) => ({ outcome, from }))).toEqual(outcomes);
        expect(ledger.entries.map(({ number, key, to }) => [number, key, to])).toEqual(
          all.map(({ key, to }, index) => [index + 1, key, to]),
        );
        for (const alias of ["best", "candidate", "other"])
          expect(currentOf(ledger, alias)).toBe(named.get(alias) ?? null);
        for (const { outcome } of outcomes) {
          if (outcome === "conflict") refused++;
          else if (outcome === "already") repeated++;
          else moved++;
        }
      }),
      { numRuns: 2000 },
    );
    // All three come up often, or this compares nothing.
    expect(Math.min(refused, repeated, moved)).toBeGreaterThan(1000);
  });

  test("moves of an alias are a chain without gaps, each key at most once", () => {
    fc.assert(
      fc.property(requests, (all) => {
        const moves = movesOf(replay(all));
        expect(new Set(moves.map(({ key }) => key)).size).toBe(moves.length);
        for (const alias of ["best", "candidate"]) {
          let named: string | null = null;
          for (const move of moves.filter((one) => one.alias === alias)) {
            expect(move.from).toBe(named);
            named = move.to;
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("comes to the same in parts: whoever has read a beginning goes on from it", () => {
    fc.assert(
      fc.property(requests, fc.nat(14), (all, cut) => {
        const whole = replay(all);
        expect(replay(all.slice(cut), replay(all.slice(0, cut)))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test("two movers, however their requests interleave: each compare-and-set is won once", () => {
    const mover = (name: string) =>
      fc
        .array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 5 })
        .map((versions) => versions.map((to, round) => entry(`${name} ${round}`, to)));
    fc.assert(
      fc.property(mover("p"), mover("q"), fc.infiniteStream(fc.boolean()), (mine, others, turns) => {
        const [left, right] = [[...mine], [...others]];
        let ledger = EMPTY;
        // Each looks, the other may come between, and then it asks for what it saw.
        const pending: Entry[] = [];
        for (const turn of turns) {
          const next = (turn ? left : right).shift() ?? left.shift() ?? right.shift();
          if (next !== undefined) pending.push({ ...next, expected: currentOf(ledger, "best") });
          if (pending.length === 2 || next === undefined) {
            const before = movesOf(ledger).length;
            const seen = pending.length;
            for (const one of pending.splice(0)) ledger = append(ledger, ledger.last + 1, one);
            const won = movesOf(ledger).length - before;
            if (seen > 0) expect(won).toBeGreaterThanOrEqual(1);
            // The second wins only where the first left the alias as the second had seen it.
            const [first, second] = ledger.entries.slice(-2);
            if (seen === 2 && won === 2) expect(second!.from).toBe(first!.to);
            if (seen === 2 && first!.to !== first!.from) expect(won).toBe(1);
          }
          if (next === undefined) break;
        }
        expect(ledger.entries).toHaveLength(mine.length + others.length);
      }),
      { numRuns: 500 },
    );
  });

  test("a refused request leaves its key free: the same request may come again, and then counts", () => {
    const ledger = replay([
      entry("a", "1"),
      entry("b", "2", { expected: null }),
      entry("b", "2", { expected: "1" }),
      entry("b", "2", { expected: "1" }),
    ]);
    expect(ledger.entries.map((one) => one.void)).toEqual([null, "conflict", null, "already"]);
    expect(lastMove(ledger, "best")).toMatchObject({ number: 3, from: "1", to: "2" });
  });

  test("an alias that was removed names nothing, and may be set again from nothing", () => {
    const ledger = replay([
      entry("a", "1"),
      entry("b", null, { expected: "1" }),
      entry("c", "2", { expected: null }),
    ]);
    expect(movesOf(ledger).map(({ from, to }) => [from, to])).toEqual([
      [null, "1"],
      ["1", null],
      [null, "2"],
    ]);
  });
});
