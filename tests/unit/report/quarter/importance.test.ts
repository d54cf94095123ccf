import { describe, expect, test } from "vitest";
import type { FeatureImportance } from "../../../../src/kit/artifacts/training.js";
import { importance } from "../../../../src/report/quarter/sections/importance.js";
import { htmlOf, renderReport, textOf } from "../html-of.js";
import { reportInput, training } from "../sample.js";

const features = (count: number): FeatureImportance["features"] =>
  Array.from({ length: count }, (_, f) => ({
    feature: `lag ${f + 1}`,
    share: (count - f) / ((count * (count + 1)) / 2),
    splits: 1000 - f,
  }));
const shown = (own: FeatureImportance[]) => importance({ ...training, importance: own });
const page = (own: FeatureImportance[]) => htmlOf(shown(own));
const text = (own: FeatureImportance[]) => textOf(shown(own));

describe("feature importance", () => {
  test("is a list of the ten that tell most, with bars as multiples of the first", () => {
    const told = text([{ learner: "boosted-trees", features: features(12) }]);
    expect(told).toContain("What boosted-trees looks at: the 10 features that tell most, of 12,");
    expect(told).toContain("lag 1 15.4% 1,000 lag 2 14.1% 999");
    expect(told).toContain("lag 10 3.8% 991");
    expect(told).not.toContain("lag 11");
    const bars = [...page([{ learner: "x", features: features(4) }]).matchAll(/width:([\d.]+%)/g)];
    expect(bars.map(([, width]) => width)).toEqual(["100%", "75%", "50%", "25%"]);
  });

  test("has all features where there are few, one table a learner, and is absent without trees", () => {
    const both = text(["a", "b"].map((learner) => ({ learner, features: features(2) })));
    expect(both).toContain("What a looks at: features, by");
    expect(both).toContain("What b looks at: features, by");
    expect(text([{ learner: "a", features: [] }])).toBe("");
    expect(importance(training)).toEqual([]);
  });

  test("is part of the report, and names are escaped", () => {
    const evil = [{ feature: "<b>", share: 1, splits: 3 }];
    const input = reportInput();
    const own = { ...training, importance: [{ learner: "boosted-trees", features: evil }] };
    expect(renderReport({ ...input, training: own })).toContain(">&lt;b&gt;</th>");
    expect(renderReport(input)).not.toContain("looks at");
  });
});
