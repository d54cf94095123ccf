import { describe, expect, test } from "vitest";
import { encodeSegments } from "../../../src/forecast/segment-codes.js";
import type { Segments } from "../../../src/kit/artifacts/segments.js";

const segments = (ids: string[], assignment: Record<string, string>): Segments => ({
  method: "attributes",
  segments: ids.map((id) => ({ id, label: id, series: 0, volumeShare: 0, centre: [] })),
  assignment,
  moved: [],
  newSeries: [],
  lostSeries: [],
  previous: null,
});

describe("encodeSegments", () => {
  test("codes are positions in the sorted ids; a series without a known segment has −1", () => {
    const { ids, codes } = encodeSegments(
      ["a", "b", "c", "constructor"],
      segments(["z", "m"], { a: "z", b: "m", c: "gone" }),
    );
    expect(ids).toEqual(["m", "z"]);
    expect([...codes]).toEqual([1, 0, -1, -1]);
  });

  test("without segments there is one, and all series are in it", () => {
    for (const none of [null, segments([], {})]) {
      const { ids, codes } = encodeSegments(["a", "b"], none);
      expect(ids).toEqual(["all"]);
      expect([...codes]).toEqual([0, 0]);
    }
  });
});
