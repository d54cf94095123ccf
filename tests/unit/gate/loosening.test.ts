import { describe, expect, test } from "vitest";
import { changedRules, type EarlierPolicy, judgeLoosening } from "../../../src/gate/loosening.js";
import { Rules } from "../../../src/gate/rule-params.js";
import { evaluateThreshold } from "../../../src/gate/threshold.js";
import type { MetricMap } from "../../../src/kit/step.js";

const earlierWith = (rules: readonly object[], more: Partial<EarlierPolicy> = {}): EarlierPolicy => ({
  quarter: "2025Q1",
  digest: "sha256:earlier",
  firstRelease: "promote",
  rules: rules.length === 0 ? [] : Rules.parse(rules),
  ...more,
});
const accuracy = { id: "accuracy", metric: "accuracy.wmape" };
const changesOf = (before: object, now: readonly object[]) =>
  changedRules(earlierWith([before]), Rules.parse([{ id: "other", metric: "a.b", max: 1 }, ...now])).flatMap(
    ({ changes }) => changes.map(({ what, effect }) => `${what} ${effect}`),
  );

describe("changedRules", () => {
  const ks = (given: object) => ({ id: "r", ks: { features: ["target"], ...given } });
  const champion = (given: object) => ({ id: "r", compare: "champion", ...given });
  const fresh = (given: object) => ({ id: "r", freshness: { maxAge: "2 months", ...given } });

  test.each<[string, object, object[], string[]]>([
    ["the same", { ...accuracy, max: 0.2 }, [{ ...accuracy, max: 0.2 }], []],
    ["a higher max", { ...accuracy, max: 0.2 }, [{ ...accuracy, max: 0.3 }], ["max looser"]],
    ["a lower max", { ...accuracy, max: 0.2 }, [{ ...accuracy, max: 0.1 }], []],
    ["a lower min", { ...accuracy, min: 0.2 }, [{ ...accuracy, min: 0.1 }], ["min looser"]],
    ["a higher min", { ...accuracy, min: 0.2 }, [{ ...accuracy, min: 0.3 }], []],
    ["a higher maxAbs", { ...accuracy, maxAbs: 0.2 }, [{ ...accuracy, maxAbs: 0.3 }], ["maxAbs looser"]],
    ["gone", { ...accuracy, max: 0.2 }, [], ["removed looser"]],
    ["renamed", { ...accuracy, max: 0.2 }, [{ ...accuracy, id: "new", max: 0.2 }], ["removed looser"]],
    [
      "only a warning now",
      { ...accuracy, max: 0.2 },
      [{ ...accuracy, max: 0.2, severity: "warn" }],
      ["severity looser"],
    ],
    [
      "passes when unknown",
      { ...accuracy, max: 0.2 },
      [{ ...accuracy, max: 0.2, whenUnknown: "pass" }],
      ["whenUnknown looser"],
    ],
    ["no excuse any more", { ...accuracy, max: 0.2, whenUnknown: "pass" }, [{ ...accuracy, max: 0.2 }], []],
    ["it only warned before", { ...accuracy, max: 0.2, severity: "warn" }, [], []],
    [
      "another metric",
      { ...accuracy, max: 0.2 },
      [{ ...accuracy, metric: "train.cv.wmape", max: 0.2 }],
      ["metric unclear"],
    ],
    [
      "min instead of max",
      { ...accuracy, max: 0.2 },
      [{ ...accuracy, min: 0.2 }],
      ["max unclear", "min unclear"],
    ],
    ["a higher D", ks({ statistic: 0.1 }), [ks({ statistic: 0.2 })], ["ks.statistic looser"]],
    ["a smaller alpha", ks({ alpha: 0.05 }), [ks({ alpha: 0.01 })], ["ks.alpha looser"]],
    ["other features", ks({}), [ks({ features: ["price"] })], ["ks.features unclear"]],
    ["a larger minN", ks({}), [ks({ minN: 31 })], ["ks.minN unclear"]],
    [
      "a worse champion",
      champion({ maxIncrease: 0 }),
      [champion({ maxIncrease: 0.01 })],
      ["maxIncrease looser"],
    ],
    [
      "the point instead of the upper end",
      champion({ maxIncrease: 0, test: "upper" }),
      [champion({ maxIncrease: 0 })],
      ["test unclear"],
    ],
    ["older data", fresh({}), [fresh({ maxAge: "1 quarter" })], ["freshness.maxAge looser"]],
    ["the same age in other words", fresh({ maxAge: "3 months" }), [fresh({ maxAge: "1 quarter" })], []],
    [
      "no limit of old series any more",
      fresh({ maxStale: 0.1 }),
      [fresh({})],
      ["freshness.maxStale unclear"],
    ],
  ])("%s", (_name, before, now, expected) => {
    expect(changesOf(before, now)).toEqual(expected);
  });

  test("a rule of another program version cannot be compared", () => {
    const [changed] = changedRules(earlierWith([], { rules: [{ id: "x", magic: 1 }] }), []);
    expect(changed).toMatchObject({ id: "x", before: null, changes: [{ what: "unreadable" }] });
  });
});

describe("judgeLoosening", () => {
  const judged = (before: object, now: object, wmape: number | null, more: Partial<EarlierPolicy> = {}) => {
    const rules = Rules.parse([now]);
    const earlier = earlierWith([before], more);
    const metrics: MetricMap = { "accuracy.wmape": { value: wmape, n: 9, why: "no-pairs" } };
    const evaluate = (rule: unknown) => evaluateThreshold(rule as never, metrics, false);
    const results = rules.map(evaluate);
    const replayed = changedRules(earlier, rules).map((changed) => ({
      changed,
      before: changed.before === null ? null : evaluate(changed.before),
      now: results.find(({ id }) => id === changed.id) ?? null,
    }));
    return judgeLoosening(earlier, replayed, false);
  };
  const strict = { ...accuracy, max: 0.2 };
  const loose = { ...accuracy, max: 0.3 };
  const listed = [{ rule: "accuracy", what: "max", before: 0.2, now: 0.3, decision: "sha256:earlier" }];

  test("a looser limit that lets this candidate pass escalates", () => {
    const { loosened, result } = judged(strict, loose, 0.25);
    expect(loosened).toEqual(listed);
    expect(result).toMatchObject({ id: "limits-loosened", kind: "limits", verdict: "FAIL", blocks: true });
    expect(result!.detail).toBe(
      "looser than in the decision of 2025Q1, which would have stopped this candidate: accuracy: max 0.2 is 0.3 now; FAIL as it was (0.25)",
    );
  });

  test("one that changes nothing is only listed: it passes either way, or fails either way", () => {
    expect(judged(strict, loose, 0.2)).toEqual({ loosened: listed, result: null });
    expect(judged(strict, loose, 0.31)).toEqual({ loosened: listed, result: null });
  });

  test("so is a figure that could not be measured and is excused now", () => {
    const excused = { ...strict, whenUnknown: "pass" };
    expect(judged(strict, excused, null).result).toMatchObject({ blocks: true });
    expect(judged(strict, excused, 0.1).result).toBeNull();
  });

  test("a change that may go either way is listed only where it rescues", () => {
    const other = { ...accuracy, metric: "train.cv.wmape", max: 0.2, whenUnknown: "pass" };
    expect(judged({ ...strict, whenUnknown: "pass" }, other, 0.1).loosened).toEqual([]);
    expect(judged({ ...strict, whenUnknown: "pass" }, other, 0.3)).toMatchObject({
      loosened: [{ what: "metric" }],
      result: { blocks: true },
    });
  });

  test("a rule that is gone, or unreadable, is missed where it would have failed", () => {
    const elsewhere = { id: "other", metric: "accuracy.wmape", max: 9 };
    expect(judged(strict, elsewhere, 0.25).result).toMatchObject({ observed: 1 });
    expect(judged(strict, elsewhere, 0.1)).toMatchObject({ loosened: [{ what: "removed" }], result: null });
    expect(judged(strict, elsewhere, 0.1, { rules: [{ id: "x" }] }).result).toMatchObject({ blocks: true });
  });

  test("`firstRelease: promote` after `escalate` lets nobody look at the first version", () => {
    const earlier = earlierWith([strict], { firstRelease: "escalate" });
    expect(judgeLoosening(earlier, [], true).result).toMatchObject({ blocks: true });
    expect(judgeLoosening(earlier, [], false).result).toBeNull();
  });
});
