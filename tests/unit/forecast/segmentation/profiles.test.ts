import { describe, expect, test } from "vitest";
import { seriesProfiles } from "../../../../src/forecast/segmentation/profiles.js";
import { MONTHS, panelOf } from "../../../support/panels.js";

const last = 2025 * 12;
const profileOf = (values: readonly (number | null)[]) =>
  seriesProfiles(panelOf([{ id: "s", start: last - values.length + 1, values }], MONTHS, last))[0]!;
const months = (n: number, of: (t: number) => number | null) => Array.from({ length: n }, (_, t) => of(t));

test("a constant series", () => {
  expect(profileOf(months(40, () => 5))).toEqual({
    volume: 60,
    trend: 0,
    seasonalStrength: 0,
    variation: 0,
    zeroShare: 0,
  });
});

test("a season that repeats exactly has strength 1 and no variation left", () => {
  const profile = profileOf(months(36, (t) => 10 + (t % 12)));
  expect(profile).toMatchObject({ trend: 0, seasonalStrength: 1 });
  expect(profile.variation).toBeCloseTo(0, 12);
  // The same values without a second season keep their spread.
  expect(profileOf(months(20, (t) => 10 + (t % 12))).variation).toBeGreaterThan(0.2);
});

test("the trend is the change a season as a share of the level", () => {
  // Rises by 24 a year around a mean of 100 + 2 · 17.5.
  expect(profileOf(months(36, (t) => 100 + 2 * t)).trend).toBeCloseTo(24 / 135, 10);
  expect(profileOf(months(36, (t) => 100 - 2 * t)).trend).toBeCloseTo(-24 / 65, 10);
  expect(profileOf(months(36, (t) => t ** 4)).trend).toBe(1);
});

test("the plain coefficient of variation of a short series", () => {
  expect(profileOf([8, 12]).variation).toBeCloseTo(0.2, 12);
  expect(profileOf([8, 12])).toMatchObject({ trend: 0, seasonalStrength: 0 });
});

test("zeros, and a series without demand or without rows in the window", () => {
  expect(profileOf(months(36, (t) => (t % 4 === 0 ? 3 : 0)))).toMatchObject({ zeroShare: 0.75, volume: 9 });
  const none = {
    volume: 0,
    trend: 0,
    seasonalStrength: 0,
    variation: Number.POSITIVE_INFINITY,
    zeroShare: 1,
  };
  expect(profileOf(months(36, () => 0))).toEqual(none);
  const ended = panelOf([{ id: "s", start: last - 100, values: [1, 2, 3] }], MONTHS, last);
  expect(seriesProfiles(ended)).toEqual([none]);
});

describe("what does not count", () => {
  test("values before the last three seasons", () => {
    const recent = months(36, (t) => 20 + ((t * 7) % 11));
    expect(profileOf([...months(30, (t) => 900 + t), ...recent])).toEqual(profileOf(recent));
  });
  test("gaps", () => {
    const profile = profileOf(months(36, (t) => (t % 7 === 3 ? null : 50)));
    expect(profile).toMatchObject({ trend: 0, variation: 0, seasonalStrength: 0 });
    expect(profile.volume % 50).toBe(0);
  });
});
