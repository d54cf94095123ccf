import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forecastRows, type LinearMap } from "../../../../src/forecast/interpret.js";
import { pooledRidge } from "../../../../src/forecast/learners/pooled-ridge.js";

const view = (series: number[][], season: number, horizon: number) => ({
  season,
  horizon,
  series: series.map((values) => Float64Array.from(values)),
});

const forecastWith = (map: LinearMap, tail: readonly number[]): number[] =>
  map.weights[0]!.map((_, h) => map.weights.reduce((sum, row, k) => sum + row[h]! * tail[k]!, 0));

/** Series of the oracle: 10(s+1) + (7t(s+2) mod 11) + st/10. */
const wave = (s: number, length: number): number[] =>
  Array.from({ length }, (_, t) => (s + 1) * 10 + ((7 * t * (s + 2)) % 11) + 0.1 * s * t);

describe("pooled ridge", () => {
  // Expected values: numpy 2, augmented least squares by SVD on the explicit rows, forecast by plain
  // recursion.
  test("agrees with an independent solution, with a gap and a short series in the pool", () => {
    const pool = [wave(0, 40), wave(1, 40), wave(2, 40), wave(3, 7)];
    pool[1]![20] = Number.NaN;
    const [long, short, last] = pooledRidge().fit(view(pool, 4, 6));
    expect([long!.lags, long!.minLength, short!.lags, short!.minLength, last!.lags, last!.minLength]).toEqual(
      [9, 9, 5, 5, 4, 1],
    );
    const close = (actual: number[], expected: number[]) =>
      actual.forEach((value, h) => {
        expect(value).toBeCloseTo(expected[h]!, 6);
      });
    close(
      forecastWith(long!, pool[0]!.slice(-9)),
      [13.866991285, 12.234431761, 14.728232973, 18.046368603, 12.461676258, 13.961905351],
    );
    close(
      forecastWith(long!, pool[2]!.slice(-9)),
      [41.305051859, 41.849752909, 41.110047897, 42.83565031, 40.024928401, 44.558969666],
    );
    close(
      forecastWith(short!, pool[3]!.slice(-5)),
      [48.11605867, 49.539039432, 48.91993545, 45.307179186, 48.970039199, 49.255907397],
    );
  });

  test("finds the recursion that made the data, and unrolls it past its own lags", () => {
    const grow = (start: number[], length: number): number[] => {
      const values = [...start];
      while (values.length < length) values.push(0.6 * values.at(-1)! + 0.35 * values.at(-2)!);
      return values;
    };
    const starts = [
      [100, 80],
      [3, 9],
      [50, 10],
    ];
    const series = starts.map((start) => grow(start, 20));
    const [map] = pooledRidge({ lags: 2, lambda: 1e-12 }).fit(view(series, 4, 5));
    forecastWith(map!, series[0]!.slice(-2)).forEach((value, h) => {
      expect(value).toBeCloseTo(grow(starts[0]!, 25)[20 + h]!, 5);
    });
  });

  test("does not depend on the unit of a series", () => {
    const pool = [wave(0, 40), wave(1, 40), wave(2, 40)];
    const [map] = pooledRidge().fit(view(pool, 4, 3));
    const [same] = pooledRidge().fit(
      view([pool[0]!.map((value) => value * 2 ** 40), pool[1]!, pool[2]!.map((value) => value / 1024)], 4, 3),
    );
    map!.weights.flat().forEach((weight, i) => {
      expect(same!.weights.flat()[i]).toBeCloseTo(weight, 9);
    });
  });

  test("a nearly flat series does not swamp the pool", () => {
    const pool = [wave(0, 40), wave(1, 40), wave(2, 40)];
    const flat = Array.from({ length: 40 }, (_, t) => 1e6 + (t === 20 ? 1e-3 : 0));
    const tail = pool[0]!.slice(-9);
    const [without] = pooledRidge().fit(view([...pool, ...pool], 4, 3));
    const [beside] = pooledRidge().fit(view([...pool, ...pool, flat], 4, 3));
    const [a, b] = [forecastWith(without!, tail)[0]!, forecastWith(beside!, tail)[0]!];
    expect(Math.abs(a - b) / a).toBeLessThan(0.25);
  });

  /** Rows whose lags are 1e-60 of their targets: the coefficients are finite, their powers are not. */
  const explosive = Array.from({ length: 40 }, (_, i) => [...Array(12).fill((i + 1) * 1e-160), 1e-40]);

  test("ends with the seasonal naive, and is only that where the pool says nothing", () => {
    for (const series of [[], [[]], [[5]], [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], [wave(0, 9)], explosive]) {
      const maps = pooledRidge().fit(view(series, 4, 3));
      expect(maps).toHaveLength(1);
      expect([maps[0]!.minLength, maps[0]!.lags]).toEqual([1, 4]);
    }
  });

  test("its id names every option that is not the default", () => {
    expect(pooledRidge().id).toBe("pooled-ridge");
    expect(pooledRidge({ lags: 36 }).id).toBe("pooled-ridge(lags=36)");
    expect(pooledRidge({ lags: 36, lambda: 0.1 }).id).toBe("pooled-ridge(lags=36,lambda=0.1)");
  });

  test("weights are finite and forecasts stay in the clip, whatever the panel holds", () => {
    const value = fc.oneof(
      fc.constant(0),
      fc.constant(Number.NaN),
      fc.constantFrom(1, 1e12, 1e-9),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 30 }), { maxLength: 6 }), (series) => {
        const maps = pooledRidge().fit(view(series, 2, 4));
        expect(maps.flatMap((map) => map.weights.flat()).every(Number.isFinite)).toBe(true);
        const context = 10;
        const history = new Float32Array(series.length * context).fill(Number.NaN);
        series.forEach((values, s) => {
          values.slice(-context).forEach((number, i, tail) => {
            history[(s + 1) * context - tail.length + i] = number;
          });
        });
        const model = {
          season: 2,
          horizon: 4,
          context,
          nonNegative: true,
          clip: 3,
          learners: [{ id: "m", maps: [...maps] }],
          chosen: [0],
          fallback: 0,
        };
        const { forecast } = forecastRows(model, history, new Int32Array(series.length));
        forecast.forEach((point, cell) => {
          const row = history.subarray(Math.floor(cell / 4) * context, (Math.floor(cell / 4) + 1) * context);
          const numbers = [...row].filter((number) => !Number.isNaN(number));
          if (numbers.length === 0) expect(point).toBeNaN();
          else expect(point >= 0 && point <= 3 * Math.max(...numbers)).toBe(true);
        });
      }),
      { numRuns: 200 },
    );
  });
});
