import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isConflict,
  isPassing,
  pauseAfter,
  retryAfterMs,
} from "../../../../../src/registry/mlflow/http/retry.js";

const NOW = "2025-07-01T12:00:00.000Z";
const at = (ms: number) => new Date(Date.parse(NOW) + ms).toUTCString();
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("Retry-After", () => {
  test("seconds", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seconds) => retryAfterMs(String(seconds), null, NOW) === seconds * 1000),
    );
  });

  test("a date, against the server's own clock where it shows one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e5, max: 1e5 }),
        fc.integer({ min: -1e7, max: 1e7 }),
        (seconds, skew) => {
          const until = at(1000 * (seconds + skew));
          const left = Math.max(0, 1000 * seconds);
          expect(retryAfterMs(until, at(1000 * skew), NOW)).toBe(left);
          expect(retryAfterMs(at(1000 * seconds), null, NOW)).toBe(left);
        },
      ),
    );
  });

  test.each([null, "", "soon", "-1", "1e9", "Infinity", "0x10", "2025-07-01", "NaN"])(
    "%j says nothing",
    (text) => {
      expect(retryAfterMs(text, null, NOW)).toBeNull();
    },
  );

  test("whatever it says, it is null or a time that is not negative", () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), (text, date) => {
        const ms = retryAfterMs(text, date, NOW);
        expect(ms === null || ms >= 0).toBe(true);
      }),
    );
  });
});

describe("pauses", () => {
  test("double from half a second, half of each by chance", () => {
    expect([1, 2, 3, 4, 5].map((n) => pauseAfter(n, null, 0))).toEqual([250, 500, 1000, 2000, 4000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), random, (attempt, chance) => {
        const most = Math.min(60_000, 500 * 2 ** (attempt - 1));
        const pause = pauseAfter(attempt, null, chance);
        expect(pause).toBeGreaterThanOrEqual(most / 2);
        expect(pause).toBeLessThanOrEqual(most);
      }),
    );
  });

  test("what the server asks for, never less, never more than a tenth longer, never over a minute", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(1e6), random, (attempt, asked, chance) => {
        const pause = pauseAfter(attempt, asked, chance);
        expect(pause).toBeGreaterThanOrEqual(Math.min(60_000, asked));
        expect(pause).toBeLessThanOrEqual(Math.min(60_000, 1.1 * asked));
      }),
    );
  });
});

test.each([
  [true, [408, 429, 500, 502, 503, 504]],
  [false, [408, 429]],
])("a request that may be made twice: %s, is sent again after %j", (repeatable, expected) => {
  const statuses = Array.from({ length: 400 }, (_, i) => 200 + i);
  expect(statuses.filter((status) => isPassing(status, repeatable))).toEqual(expected);
});

test.each([
  [
    400,
    "BAD_REQUEST",
    "(sqlite3.IntegrityError) UNIQUE … (Background on this error at: https://sqlalche.me/e/20/gkpj)",
    true,
  ],
  [
    400,
    "BAD_REQUEST",
    "(psycopg2.errors.UniqueViolation) duplicate key … https://sqlalche.me/e/21/gkpj)",
    true,
  ],
  [400, "BAD_REQUEST", "(psycopg2.errors.DataError) too long … https://sqlalche.me/e/20/9h9h)", false],
  [400, "BAD_REQUEST", "a model of this name exists", false],
  [400, "RESOURCE_ALREADY_EXISTS", "Error: (sqlite3.IntegrityError) … https://sqlalche.me/e/20/gkpj)", false],
  [404, "BAD_REQUEST", "https://sqlalche.me/e/20/gkpj", false],
])("%i %s with %j is a conflict of two changes: %s", (status, error_code, message, expected) => {
  expect(isConflict(status, JSON.stringify({ error_code, message }))).toBe(expected);
});
