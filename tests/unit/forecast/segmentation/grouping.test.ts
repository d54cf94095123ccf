import { describe, expect, test } from "vitest";
import { groupByAbcXyz } from "../../../../src/forecast/segmentation/abc-xyz.js";
import { groupByAttributes } from "../../../../src/forecast/segmentation/attributes.js";
import { type Grouping, mergeSmallGroups } from "../../../../src/forecast/segmentation/grouping.js";
import type { SeriesProfile } from "../../../../src/forecast/segmentation/profiles.js";
import { FailureError } from "../../../../src/kit/failure.js";
import type { Panel } from "../../../../src/panel/panel.js";
import { panelOf } from "../../../support/panels.js";

function panelWith(labels: Record<string, readonly string[]>): Panel {
  const count = Object.values(labels)[0]!.length;
  const panel = panelOf(Array.from({ length: count }, (_, s) => ({ id: `s${s}`, start: 0, values: [1] })));
  const attributes = Object.entries(labels).map(([name, own]) => {
    const levels = [...new Set(own)].sort();
    return { name, levels, codes: Int32Array.from(own, (label) => levels.indexOf(label)) };
  });
  return { ...panel, attributes };
}

describe("attributes", () => {
  const panel = panelWith({ region: ["north", "south", "north", ""], tier: ["gold", "gold", "tin", "tin"] });

  test("ids are the labels in the order asked for", () => {
    expect(groupByAttributes(panel, ["region", "tier"]).assignment).toEqual([
      "north|gold",
      "south|gold",
      "north|tin",
      "(none)|tin",
    ]);
    expect(groupByAttributes(panel, ["tier", "region"]).assignment[0]).toBe("gold|north");
    expect(groupByAttributes(panel, ["tier"]).groups).toEqual([
      { id: "gold", label: "tier gold", centre: [] },
      { id: "tin", label: "tier tin", centre: [] },
    ]);
  });

  test("labels with the separator do not collide", () => {
    const odd = panelWith({ a: ["x|y", "x", "x\\"], b: ["z", "y|z", "y|z"] });
    expect(new Set(groupByAttributes(odd, ["a", "b"]).assignment).size).toBe(3);
  });

  test("an unknown attribute is refused with what there is", () => {
    let failure: unknown;
    try {
      groupByAttributes(panel, ["regoin"]);
    } catch (error) {
      failure = (error as FailureError).failure;
      expect(error).toBeInstanceOf(FailureError);
    }
    expect(failure).toEqual({
      code: "data.name-unknown",
      retryable: false,
      role: "attribute",
      name: "regoin",
      known: ["region", "tier"],
      suggestion: "region",
    });
  });
});

describe("abc-xyz", () => {
  const limits = { volume: [0.8, 0.95], variation: [0.5, 1] } as const;
  const profile = (volume: number, variation: number): SeriesProfile => ({
    volume,
    variation,
    trend: 0,
    seasonalStrength: 0,
    zeroShare: 0,
  });
  const classes = (...pairs: [number, number][]) =>
    groupByAbcXyz(
      pairs.map(([volume, variation]) => profile(volume, variation)),
      limits,
    ).assignment;

  test("classes by the volume of those before, and by variation with limits inside", () => {
    expect(classes([4, 0.2], [50, 0.5], [35, 0.6], [1, 9], [10, 1], [0, Number.POSITIVE_INFINITY])).toEqual([
      // 50 and 35 start below 80%, 10 below 95%; what is before 4 is exactly 95%.
      "CX",
      "AX",
      "AY",
      "CZ",
      "BY",
      "CZ",
    ]);
  });

  test("the largest series is in A even when it is nearly everything", () => {
    expect(classes([98, 0], [2, 0])).toEqual(["AX", "CX"]);
  });

  test("no volume at all is C; ties go by panel order", () => {
    expect(classes([0, 0], [0, 0])).toEqual(["CX", "CX"]);
    expect(classes([10, 0], [10, 0], [10, 0], [10, 0], [10, 0])).toEqual(["AX", "AX", "AX", "AX", "BX"]);
  });

  test("only classes that occur are groups", () => {
    const { groups } = groupByAbcXyz([profile(1, 0.1), profile(1, 2)], limits);
    expect(groups.map(({ id, label }) => [id, label])).toEqual([
      ["AX", "high volume, steady"],
      ["AZ", "high volume, erratic"],
    ]);
  });
});

describe("mergeSmallGroups", () => {
  const group = (id: string) => ({ id, label: id, centre: [] });
  const grouping = (...assignment: string[]): Grouping => ({
    groups: [...new Set(assignment)].map(group),
    assignment,
  });

  test("groups below the minimum become `other`", () => {
    const merged = mergeSmallGroups(grouping("a", "a", "a", "b", "c", "c"), 3);
    expect(merged.assignment).toEqual(["a", "a", "a", "other", "other", "other"]);
    expect(merged.groups.map(({ id }) => id)).toEqual(["a", "other"]);
  });

  test("a group named `other` takes them in, however small it is", () => {
    const merged = mergeSmallGroups(grouping("a", "a", "other", "b"), 2);
    expect(merged.assignment).toEqual(["a", "a", "other", "other"]);
    expect(merged.groups.map(({ id }) => id)).toEqual(["a", "other"]);
  });

  test("nothing changes when every group is large enough", () => {
    const same = grouping("a", "b");
    expect(mergeSmallGroups(same, 1)).toBe(same);
  });
});
