import { describe, expect, test } from "vitest";
import { evaluateDrift } from "../../../src/gate/drift.js";
import { changedRules, type EarlierPolicy, judgeLoosening } from "../../../src/gate/loosening.js";
import { type DriftRule, Rules } from "../../../src/gate/rule-params.js";
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
    ["a larger minN", ks({}), [ks({ minN: 31 })], ["ks.minN looser"]],
    ["a smaller minN", ks({}), [ks({ minN: 29 })], ["ks.minN unclear"]],
    ["a default minN written out", { ...accuracy, max: 1 }, [{ ...accuracy, max: 1, minN: 1 }], []],
    ["more than the default", { ...accuracy, max: 1 }, [{ ...accuracy, max: 1, minN: 2 }], ["minN looser"]],
    [
      "that of groups",
      { ...accuracy, max: 1, by: "lead" },
      [{ ...accuracy, max: 1, by: "lead", minN: 10 }],
      [],
    ],
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
      reach: null,
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

describe("a drift rule that asks for more values than the panel ever had", () => {
  const of = (ks: object, more: object = {}) => ({
    id: "drift",
    ks: { features: ["target"], ...ks },
    ...more,
  });
  /** Both rules on a quarter with 24 values a side and D 0.5. */
  const judged = (before: object, now: object[], reach: number[] | null) => {
    const earlier = earlierWith([before]);
    const rules = now.length === 0 ? [] : Rules.parse(now);
    const evaluate = (rule: DriftRule) => {
      const isEnough = rule.ks.minN <= 24;
      const verdict = !isEnough ? "UNKNOWN" : rule.ks.statistic > 0.5 ? "PASS" : "WARN";
      const counted = { n: 24, nReference: 24, why: isEnough ? null : "too-few-rows" };
      const found = {
        feature: "target",
        segment: null,
        statistic: 0.5,
        pAdjusted: 0.5,
        past: null,
        verdict,
      } as const;
      return evaluateDrift(rule, [{ ...found, ...counted }], false);
    };
    const results = rules.map((rule) => evaluate(rule as DriftRule));
    const replayed = changedRules(earlier, rules).map((changed) => ({
      changed,
      before: evaluate(changed.before as DriftRule),
      now: results.find(({ id }) => id === changed.id) ?? null,
      reach: reach === null ? null : reach.map((n) => ({ n })),
    }));
    const { loosened, result } = judgeLoosening(earlier, replayed, false);
    return { listed: loosened.map(({ what }) => what), stops: result !== null };
  };
  const NOT = { listed: [], stops: false };

  test.each<[string, object, object[], number[] | null, { listed: string[]; stops: boolean }]>([
    ["a minN within reach", of({}), [of({ minN: 24 })], [24], NOT],
    ["with another limit", of({}), [of({ minN: 24, statistic: 0.6 })], [24], NOT],
    ["another feature", of({}), [of({ minN: 24, features: ["price"] })], [24], NOT],
    ["still out of reach", of({}), [of({ minN: 25 })], [24], NOT],
    ["where some quarter had enough", of({}), [of({ minN: 24 })], [30], { listed: ["ks.minN"], stops: true }],
    ["where nothing is known of it", of({}), [of({ minN: 24 })], null, { listed: ["ks.minN"], stops: true }],
    ["one of two tests within reach", of({}), [of({ minN: 24 })], [24, 40], NOT],
    [
      "whose limit did hold",
      of({}),
      [of({ minN: 24, statistic: 0.6 })],
      [24, 40],
      { listed: ["ks.statistic"], stops: true },
    ],
    ["once it was measurable", of({ minN: 24 }), [of({ minN: 20 })], [24], NOT],
    [
      "and has another limit",
      of({ minN: 24 }),
      [of({ minN: 24, statistic: 0.6 })],
      [24],
      { listed: ["ks.statistic"], stops: false },
    ],
    ["more than it asked for", of({}), [of({ minN: 40 })], [24], { listed: ["ks.minN"], stops: false }],
    ["excused", of({}), [of({}, { whenUnknown: "pass" })], [24], { listed: ["whenUnknown"], stops: true }],
    [
      "excused, with a minN within reach",
      of({}),
      [of({ minN: 24 }, { whenUnknown: "pass" })],
      [24],
      { listed: ["whenUnknown"], stops: true },
    ],
    ["only a warning", of({}), [of({}, { severity: "warn" })], [24], { listed: ["severity"], stops: true }],
    ["gone", of({}), [], [24], { listed: ["removed"], stops: true }],
  ])("%s", (_name, before, now, reach, expected) => {
    expect(judged(before, now, reach)).toEqual(expected);
  });
});
