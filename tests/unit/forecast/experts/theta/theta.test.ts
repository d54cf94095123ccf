import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  autocorrelations,
  seasonality,
  testWeight,
} from "../../../../../src/forecast/experts/theta/seasonality.js";
import { defaultExpert, forecastOf, METHODS } from "./support.js";

const MONTHS = { season: 12, horizon: 12, context: 96 };
const range = (count: number, of: (t: number) => number): number[] =>
  Array.from({ length: count }, (_, t) => of(t));
const wave = (t: number): number => 1 + 0.5 * Math.sin((2 * Math.PI * t) / 12);

describe("seasonality", () => {
  it("finds the factors of a pure season, at the phases of the periods to come", () => {
    const { multiplicative, index } = seasonality(Float64Array.from(range(60, (t) => 8 * wave(t))), 12);
    expect(multiplicative).toBe(true);
    index.forEach((factor, j) => {
      expect(factor).toBeCloseTo(wave(j), 9);
    });
  });

  it("adds where a value is not above zero", () => {
    const { multiplicative, index } = seasonality(Float64Array.from(range(60, (t) => 8 * (wave(t) - 1))), 12);
    expect(multiplicative).toBe(false);
    index.forEach((term, j) => {
      expect(term).toBeCloseTo(8 * (wave(j) - 1), 9);
    });
  });

  it("is neutral on less than two seasons, on constants, and where the same season says the opposite", () => {
    const flip = range(48, (t) => (Math.floor(t / 12) % 2 === 0 ? wave(t) : 2 - wave(t)));
    for (const row of [
      range(23, wave),
      range(60, () => 3),
      range(60, () => 1e12),
      range(60, () => 0.1),
      flip,
    ]) {
      expect([...seasonality(Float64Array.from(row), 12).index]).toEqual(range(12, () => 1));
    }
    expect(seasonality(Float64Array.of(1, 2), 1).index).toEqual(Float64Array.of(1));
  });

  it("takes the least that float32 can vary for a variation, and rounding for none", () => {
    const step = Math.fround(1e6 * (1 + 2 ** -23));
    expect(autocorrelations(Float64Array.from(range(96, (t) => (t === 50 ? step : 1e6))), 12)).not.toBeNull();
    expect(autocorrelations(Float64Array.from(range(96, (t) => (t % 7) * 1e-16 + 0.1)), 12)).toBeNull();
  });

  it("draws the factors of noise to 1", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 96, maxLength: 96 }),
        (values) => {
          const row = Float64Array.from(values);
          const { index } = seasonality(row, 12);
          const weight = testWeight(row, 12);
          const reach = Math.max(...index.map((factor) => Math.abs(factor - 1)));
          expect(reach).toBeLessThanOrEqual(0.13 * weight);
        },
      ),
    );
  });
});

describe.each(METHODS)("%s", (method) => {
  const expert = defaultExpert(method);

  it("goes on with a season", () => {
    const [flat] = [forecastOf(expert, [range(96, (t) => 50 * wave(t))], MONTHS)];
    flat.forEach((value, h) => {
      expect(value).toBeCloseTo(50 * wave(h), 6);
    });
  });

  it("forecasts a constant by itself, from one period on", () => {
    for (const [value, length] of [
      [7, 1],
      [7, 5],
      [-3, 96],
      [0, 96],
      [0, 1],
      [Math.fround(1e12), 96],
    ] as const) {
      for (const forecast of forecastOf(expert, [range(length, () => value)], MONTHS)) {
        expect(Math.abs(forecast - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
      }
    }
  });

  it("gives zeros, not NaN, for a row without a number", () => {
    expect([...forecastOf(expert, [[]], MONTHS)]).toEqual(range(12, () => 0));
  });

  it("is the same in another unit", () => {
    const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
      minLength: 1,
      maxLength: 96,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: -40, max: 40 }), fc.boolean(), (row, power, positive) => {
        // Denormal values would lose bits in the smaller unit.
        const own = row.map((value) => Math.fround((positive ? Math.abs(value) : value) + 1e-3));
        const unit = 2 ** power;
        const plain = forecastOf(expert, [own], MONTHS);
        const scaled = forecastOf(expert, [own.map((value) => value * unit)], MONTHS);
        const size = Math.max(...own.map(Math.abs));
        scaled.forEach((value, h) => {
          expect(Math.abs(value / unit - plain[h]!)).toBeLessThanOrEqual(1e-9 * size);
        });
      }),
    );
  });

  it("forecasts a row by itself, whatever is beside it and before it", () => {
    const row = range(50, (t) => 20 + t * wave(t));
    const alone = forecastOf(expert, [row], MONTHS);
    const among = forecastOf(expert, [range(96, () => 1e12), row, []], MONTHS);
    expect(among.slice(12, 24)).toEqual(alone);
    expect(forecastOf(expert, [row], { ...MONTHS, context: 60 })).toEqual(alone);
  });
});

describe("the trend", () => {
  const line = range(40, (t) => 10 + 2 * t);

  it("of theta adds half the slope of a line a period", () => {
    const forecast = forecastOf(defaultExpert("theta"), [line], { season: 4, horizon: 8, context: 40 });
    for (let h = 1; h < 8; h++) expect(forecast[h]! - forecast[h - 1]!).toBeCloseTo(1, 3);
  });

  it("of SES adds nothing, and the damped one less and less", () => {
    const shape = { season: 4, horizon: 8, context: 40 };
    const level = forecastOf(defaultExpert("ses"), [line], shape);
    expect(Math.max(...level) - Math.min(...level)).toBeLessThan(0.1);
    const damped = forecastOf(defaultExpert("damped"), [line], shape);
    const steps = range(7, (h) => damped[h + 1]! - damped[h]!);
    expect(steps[0]).toBeGreaterThan(0.5);
    for (let h = 1; h < 7; h++) expect(steps[h]).toBeLessThan(steps[h - 1]!);
  });
});
