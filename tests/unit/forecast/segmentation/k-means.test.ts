import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { periodOf } from "../../../../src/calendar/period.js";
import { groupByKMeans } from "../../../../src/forecast/segmentation/k-means.js";
import { type SeriesProfile, seriesProfiles } from "../../../../src/forecast/segmentation/profiles.js";
import { describeSegments } from "../../../../src/forecast/segmentation/segments.js";
import { stableIds } from "../../../../src/forecast/segmentation/stable-ids.js";
import type { Segments } from "../../../../src/kit/artifacts/segments.js";
import { createRandom } from "../../../../src/stats/random.js";
import { MONTHS, readGzippedPanel, realPanels } from "../../../support/panels.js";

const KINDS = {
  big: { volume: 5000, trend: 0, seasonalStrength: 0.9, variation: 0.1, zeroShare: 0 },
  small: { volume: 20, trend: 0.2, seasonalStrength: 0.1, variation: 1.5, zeroShare: 0.6 },
  middle: { volume: 300, trend: -0.4, seasonalStrength: 0.5, variation: 0.5, zeroShare: 0.1 },
} as const satisfies Record<string, SeriesProfile>;
type Kind = keyof typeof KINDS;

/** Series of a kind, a little apart from each other. */
function seriesOf(kinds: readonly Kind[], seed = 1): { ids: string[]; profiles: SeriesProfile[] } {
  const { uniform } = createRandom(seed);
  const ids = kinds.map((_, s) => `s${String(s).padStart(3, "0")}`);
  const profiles = kinds.map((kind) => {
    const { volume, trend, seasonalStrength, variation, zeroShare } = KINDS[kind];
    const near = (value: number) => value * (0.95 + 0.1 * uniform());
    return {
      volume: near(volume),
      trend: near(trend),
      seasonalStrength: near(seasonalStrength),
      variation: near(variation),
      zeroShare: near(zeroShare),
    };
  });
  return { ids, profiles };
}

const kinds = Array.from({ length: 60 }, (_, s): Kind => (["small", "big", "middle"] as const)[s % 3]!);
const options = { k: 3, seed: 1 };

function segmentsOf(
  { ids, profiles }: ReturnType<typeof seriesOf>,
  previous: Segments | null = null,
): Segments {
  const grouping = groupByKMeans(ids, profiles, options, previous);
  return describeSegments(
    "k-means",
    ids,
    profiles,
    grouping,
    previous && { quarter: "2025Q1", segments: previous },
  );
}

describe("groupByKMeans", () => {
  const first = segmentsOf(seriesOf(kinds));

  test("finds the kinds and numbers them by volume", () => {
    const kindOf: Record<Kind, string> = { big: "S1", middle: "S2", small: "S3" };
    expect(Object.values(first.assignment)).toEqual(kinds.map((kind) => kindOf[kind]));
    expect(first.segments.map(({ id, series }) => [id, series])).toEqual([
      ["S1", 20],
      ["S2", 20],
      ["S3", 20],
    ]);
    expect(first.segments[0]).toMatchObject({ label: expect.stringContaining("high volume") });
    expect(first.segments[0]!.centre).toHaveLength(5);
  });

  test("is the same every time", () => {
    expect(segmentsOf(seriesOf(kinds))).toEqual(first);
  });

  test("ids persist next quarter, and one series that changed is the one that moved", () => {
    const changed = kinds.map((kind, s) => (s === 1 ? "small" : kind));
    const next = segmentsOf(seriesOf(changed, 77), first);
    expect(next.moved).toEqual([{ series: "s001", from: "S1", to: "S3" }]);
    expect(next.previous).toBe("2025Q1");
  });

  test("ids follow the members even when the order of volumes turns round", () => {
    const turned = { big: "small", small: "big", middle: "middle" } as const;
    const profiles = seriesOf(kinds.map((kind) => turned[kind])).profiles;
    const next = segmentsOf({ ids: seriesOf(kinds).ids, profiles }, first);
    expect(next.moved).toEqual([]);
    expect(next.assignment).toEqual(first.assignment);
  });

  test("new and lost series are listed, not counted as moved", () => {
    const { ids, profiles } = seriesOf([...kinds, "big"]);
    const next = segmentsOf({ ids: ids.slice(1), profiles: profiles.slice(1) }, first);
    expect([next.newSeries, next.lostSeries, next.moved]).toEqual([["s060"], ["s000"], []]);
    expect(next.assignment.s060).toBe("S1");
  });

  test("more clusters than distinct series give fewer groups, none of them empty", () => {
    const same = Array.from({ length: 6 }, (_, s) => (s < 4 ? KINDS.big : KINDS.small));
    const { groups, assignment } = groupByKMeans(
      ["a", "b", "c", "d", "e", "f"],
      same,
      { k: 5, seed: 1 },
      null,
    );
    expect(groups.map(({ id }) => id)).toEqual(["S1", "S2"]);
    expect(assignment).toEqual(["S1", "S1", "S1", "S1", "S2", "S2"]);
    const one = groupByKMeans(["a"], [KINDS.big], options, null);
    expect(one.groups).toEqual([{ id: "S1", label: "average", centre: [0, 0, 0, 0, 0] }]);
  });

  test("two equally good clusterings: last quarter's stays", () => {
    // The corners of a square of volume and trend: by volume is as tight as by trend.
    const ids = ["loRise", "loFall", "hiRise", "hiFall"];
    const profiles = ids.map((id) => ({
      ...KINDS.big,
      volume: id.startsWith("hi") ? 5000 : 50,
      trend: id.endsWith("Rise") ? 0.3 : -0.3,
    }));
    for (const assignment of [
      ["S1", "S1", "S2", "S2"],
      ["S1", "S2", "S1", "S2"],
    ]) {
      const groups = ["S1", "S2"].map((id) => ({ id, label: id, centre: [0, 0, 0, 0, 0] }));
      const previous = describeSegments("k-means", ids, profiles, { groups, assignment }, null);
      expect(groupByKMeans(ids, profiles, { k: 2, seed: 1 }, previous).assignment).toEqual(assignment);
    }
  });

  test("series without demand do not break the scale", () => {
    const { ids, profiles } = seriesOf(kinds);
    const none = {
      volume: 0,
      trend: 0,
      seasonalStrength: 0,
      variation: Number.POSITIVE_INFINITY,
      zeroShare: 1,
    };
    const { groups } = groupByKMeans([...ids, "zzz"], [...profiles, none], options, null);
    expect(groups.flatMap(({ centre }) => centre).every(Number.isFinite)).toBe(true);
  });
});

describe("stableIds", () => {
  const previous = (groups: Record<string, { members: string[]; centre: number[] }>): Segments => ({
    method: "k-means",
    segments: Object.entries(groups).map(([id, { members, centre }]) => ({
      id,
      label: id,
      series: members.length,
      volumeShare: 0,
      centre,
    })),
    assignment: Object.fromEntries(
      Object.entries(groups).flatMap(([id, { members }]) => members.map((member) => [member, id])),
    ),
    moved: [],
    newSeries: [],
    lostSeries: [],
    previous: null,
  });
  const old = previous({
    S2: { members: ["a", "b", "c"], centre: [0, 0] },
    S5: { members: ["d", "e"], centre: [9, 9] },
    other: { members: ["x", "y", "z"], centre: [] },
  });

  test("members decide before distance", () => {
    const clusters = [
      { members: ["a", "b"], centre: [9, 9] },
      { members: ["d"], centre: [0, 0] },
    ];
    expect(stableIds(clusters, old)).toEqual(["S2", "S5"]);
  });

  test("the most shared members in all, not the first come", () => {
    const clusters = [
      { members: ["a", "b", "d"], centre: [0, 0] },
      { members: ["c"], centre: [0, 0] },
    ];
    // S5 with S2 shares 1 + 1, S2 with S5 shares 2 + 0: a tie that the nearer centres decide.
    expect(stableIds(clusters, old)).toEqual(["S2", "S5"]);
    expect(stableIds([{ ...clusters[0]!, centre: [9, 9] }, clusters[1]!], old)).toEqual(["S5", "S2"]);
  });

  test("without shared members the nearest centre keeps the id", () => {
    const clusters = [
      { members: ["n"], centre: [8, 8] },
      { members: ["m"], centre: [1, 1] },
    ];
    expect(stableIds(clusters, old)).toEqual(["S5", "S2"]);
  });

  test("a cluster without a match takes the smallest free number; `other` is never matched", () => {
    const clusters = [
      { members: ["x", "y", "z"], centre: [50, 50] },
      { members: ["a"], centre: [0, 0] },
      { members: ["e"], centre: [9, 9] },
    ];
    expect(stableIds(clusters, old)).toEqual(["S1", "S2", "S5"]);
    expect(stableIds(clusters, null)).toEqual(["S1", "S2", "S3"]);
  });

  test("fewer clusters than before keep the ids that fit best", () => {
    expect(stableIds([{ members: ["d", "e", "a"], centre: [5, 5] }], old)).toEqual(["S5"]);
  });
});

// Real demand is not made of clear kinds: here the ids and most members must last all the same.
describe.skipIf(realPanels === null)("304 tourism series (skipped without RETRAIN_PANELS)", () => {
  test("few series move from quarter to quarter", () => {
    const { panel } = readGzippedPanel(join(realPanels!, "aus_tourism_large_monthly.csv.gz"), MONTHS);
    let previous: Segments | null = null;
    for (const cutoff of [6, 9, 12]) {
      const profiles = seriesProfiles({ ...panel, lastPeriod: periodOf(2016, cutoff, MONTHS) });
      const segments = segmentsOf({ ids: [...panel.series], profiles }, previous);
      expect(segments.segments.map(({ id }) => id)).toEqual(["S1", "S2", "S3"]);
      expect(segments.moved.length).toBeLessThan(0.15 * panel.series.length);
      previous = segments;
    }
  });
});
