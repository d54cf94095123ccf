import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centredRidge } from "../../../../src/forecast/learners/centred-ridge.js";
import { pooledRidge } from "../../../../src/forecast/learners/pooled-ridge.js";
import { fitted, forecastOf, rowsOf, uniform, viewOf, wave } from "./support.js";

const shape = { season: 4, horizon: 5, context: 40 };

const forecastsOf = async (
  learner: ReturnType<typeof pooledRidge>,
  series: number[][],
): Promise<number[]> => {
  const view = viewOf({ ...shape, series });
  return [...(await forecastOf(fitted(learner, view), rowsOf(view)))];
};

describe("pooled ridge", () => {
  test("finds the recursion that made the data, and unrolls it past its own lags", async () => {
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
    const forecast = await forecastsOf(pooledRidge({ lags: 2, lambda: 1e-12 }), series);
    grow(starts[0]!, 25)
      .slice(20)
      .forEach((value, h) => {
        expect(forecast[h]).toBeCloseTo(value, 5);
      });
  });

  test.each([pooledRidge(), centredRidge()])(
    "$id does not depend on the unit of a series",
    async (learner) => {
      const pool = [wave(0, 60), wave(1, 60), wave(2, 60), wave(3, 60)];
      const factors = [2 ** 40, 1, 2 ** -10, 2 ** -30];
      const forecast = await forecastsOf(learner, pool);
      const same = await forecastsOf(
        learner,
        pool.map((values, s) => values.map((value) => value * factors[s]!)),
      );
      forecast.forEach((value, cell) => {
        expect(same[cell]! / factors[Math.floor(cell / 5)]! / value).toBeCloseTo(1, 9);
      });
    },
  );

  test("centred ridge does not depend on the level of a series", async () => {
    const pool = [wave(0, 60), wave(1, 60), wave(2, 60), wave(3, 60)];
    const lift = 4096;
    const forecast = await forecastsOf(centredRidge(), pool);
    const lifted = await forecastsOf(
      centredRidge(),
      pool.map((values, s) => (s === 1 ? values.map((value) => value + lift) : values)),
    );
    // The floor of the scale makes the lifted one weigh less: a little, not nothing.
    forecast.slice(5, 10).forEach((value, h) => {
      expect(Math.abs(lifted[5 + h]! - lift - value)).toBeLessThan(1);
    });
  });

  test("a nearly flat series does not swamp the pool", async () => {
    const pool = [wave(0, 40), wave(1, 40), wave(2, 40)];
    const flat = Array.from({ length: 40 }, (_, t) => 1e6 + (t === 20 ? 1e-3 : 0));
    const [alone] = await forecastsOf(pooledRidge(), [...pool, ...pool]);
    const [beside] = await forecastsOf(pooledRidge(), [...pool, ...pool, flat]);
    expect(Math.abs(alone! - beside!) / alone!).toBeLessThan(0.25);
  });

  test("a series that shrank long ago does not swamp the pool", async () => {
    const pool = [wave(0, 80), wave(1, 80), wave(2, 80)];
    const shrunk = wave(3, 80).map((value, t) => (t < 40 ? value * 1e4 : value));
    const [alone] = await forecastsOf(pooledRidge(), [...pool, ...pool]);
    const [beside] = await forecastsOf(pooledRidge(), [...pool, ...pool, shrunk]);
    expect(Math.abs(alone! - beside!) / alone!).toBeLessThan(0.25);
  });

  /** Rows whose lags are 1e-60 of their targets: the coefficients are finite, their powers are not. */
  const explosive = Array.from({ length: 90 }, (_, i) => [...Array(12).fill((i + 1) * 1e-160), 1e-40]);
  const nothing = [
    [],
    [[]],
    [[5]],
    [Array(60).fill(0)],
    [Array(60).fill(Number.NaN)],
    [wave(0, 12)],
    Array.from({ length: 9 }, () => [1, 2]),
  ];

  test.each([pooledRidge(), centredRidge()])(
    "$id is the seasonal naive where the pool says nothing",
    (learner) => {
      for (const series of nothing) {
        const { maps, groups } = fitted(learner, viewOf({ ...shape, series }));
        expect(maps.map(({ minLength, lags }) => [minLength, lags])).toEqual([[1, 4]]);
        expect(groups).toEqual([]);
      }
    },
  );

  test("a recursion that leaves the range of numbers is left out", () => {
    const { maps } = fitted(pooledRidge(), viewOf({ ...shape, series: explosive }));
    expect(maps).toHaveLength(1);
  });

  test.each([pooledRidge(), centredRidge()])(
    "$id on a constant pool forecasts the constant",
    async (learner) => {
      const forecast = await forecastsOf(learner, [Array(80).fill(7), Array(80).fill(3), Array(80).fill(12)]);
      forecast.forEach((value, cell) => {
        expect(value).toBeCloseTo([7, 3, 12][Math.floor(cell / 5)]!, 3);
      });
    },
  );

  test("ids name every option that is not the default", () => {
    expect(pooledRidge().id).toBe("pooled-ridge");
    expect(pooledRidge({ lags: 36 }).id).toBe("pooled-ridge(lags=36)");
    expect(pooledRidge({ lags: 36, lambda: 0.1, groups: false }).id).toBe(
      "pooled-ridge(lags=36,lambda=0.1,groups=false)",
    );
    expect(centredRidge({ groups: true }).id).toBe("centred-ridge");
    expect(centredRidge({ lambda: 0.1 }).id).toBe("centred-ridge(lambda=0.1)");
  });

  test("weights are in range and forecasts finite, whatever the panel holds", async () => {
    const value = fc.oneof(
      fc.constant(0),
      fc.constant(Number.NaN),
      fc.constantFrom(1, -1, 1e12, 1e-9),
      fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    );
    const panels = fc.array(fc.array(value, { maxLength: 40 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(panels, fc.boolean(), async (series, centred) => {
        const view = viewOf({ season: 2, horizon: 4, context: 10, series });
        const expert = fitted(centred ? centredRidge() : pooledRidge(), view);
        const forecast = await forecastOf(expert, rowsOf(view));
        expect(forecast.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("groups", () => {
  /** Two kinds of series that no attribute-free model tells apart: after the same past, one rises and one falls. */
  const random = uniform(7);
  const kinds = Array.from({ length: 40 }, (_, s) => {
    const values = [10 + random()];
    while (values.length < 60) {
      const step = values.at(-1)! - 10;
      values.push(10 + (s % 2 === 0 ? 0.8 : -0.8) * step + (random() - 0.5));
    }
    return values;
  });
  const codes = kinds.map((_, s) => [0, s % 2]);
  const view = viewOf({ ...shape, series: kinds, codes, levels: [1, 2] });

  test("a column of one code adds nothing, another has a version for each code", () => {
    const { groups, maps } = fitted(pooledRidge(), view);
    expect(groups.map(({ column, code }) => [column, code])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    for (const group of groups) expect(group.maps).toHaveLength(maps.length);
    expect(fitted(pooledRidge({ groups: false }), view).groups).toEqual([]);
  });

  test.each([pooledRidge, centredRidge])(
    "a series in a group is half the pooled and half the group's forecast",
    async (make) => {
      const expert = fitted(make(), view);
      const rows = rowsOf(view);
      const [blended, pooled] = [
        await forecastOf(expert, rows),
        await forecastOf({ ...expert, groups: [] }, rows),
      ];
      for (const s of [0, 1]) {
        const own = view.series.filter((_, i) => i % 2 === s).map((row) => [...row]);
        const alone = viewOf({ ...shape, series: own });
        const group = await forecastOf(fitted(make({ groups: false }), alone), rowsOf(alone));
        for (let h = 0; h < shape.horizon; h++) {
          expect(blended[s * shape.horizon + h]).toBeCloseTo(
            0.5 * (pooled[s * shape.horizon + h]! + group[h]!),
            9,
          );
        }
      }
    },
  );

  test("a group with too few rows is left out, and one with too few for the long map takes the pooled one", () => {
    const short = (length: number) =>
      viewOf({
        ...shape,
        series: kinds.map((row, s) => (s % 2 === 0 ? row : row.slice(0, length))),
        codes,
        levels: [1, 2],
      });
    expect(fitted(pooledRidge(), short(6)).groups.map(({ code }) => code)).toEqual([0]);
    const [, second] = fitted(pooledRidge(), short(10)).groups;
    expect(second!.maps.map((map) => map?.lags ?? null)).toEqual([null, 5, null]);
  });
});
