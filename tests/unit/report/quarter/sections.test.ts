import { describe, expect, test } from "vitest";
import type { RuleResult } from "../../../../src/kit/artifacts/decision.js";
import type { QuarterInput } from "../../../../src/report/quarter/input.js";
import { accuracySection } from "../../../../src/report/quarter/sections/accuracy.js";
import { championSection } from "../../../../src/report/quarter/sections/champion.js";
import { checkpointsSection } from "../../../../src/report/quarter/sections/checkpoints.js";
import { lineageSection } from "../../../../src/report/quarter/sections/lineage.js";
import { rulesSection } from "../../../../src/report/quarter/sections/rules.js";
import { segmentsSection } from "../../../../src/report/quarter/sections/segments.js";
import { validationSection } from "../../../../src/report/quarter/sections/validation.js";
import { coverageTone } from "../../../../src/report/scores.js";
import { htmlOf } from "../html-of.js";
import { reportInput, rule } from "../sample.js";

const plain = (source: string) => source.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const labels = (source: string) =>
  [...source.matchAll(/<svg[^>]*aria-label="([^"]*)"/g)].map(([, label]) => label!);

const withRules = (...rules: RuleResult[]): QuarterInput => {
  const input = reportInput();
  return { ...input, document: { ...input.document, decision: { digest: "d", rules } } };
};

const interval = (lo: number, hi: number) => ({ level: 0.9, lo, hi });
const bySegment = rule("by-segment", {
  kind: "champion",
  verdict: "FAIL",
  blocks: true,
  metric: "champion.wmape",
  observed: 0.031,
  limit: 0.01,
  interval: interval(0.012, 0.05),
  by: "segment",
  groups: [
    {
      key: "coast",
      verdict: "FAIL",
      observed: 0.031,
      n: 66,
      pAdjusted: 0.004,
      interval: interval(0.012, 0.05),
      why: null,
    },
    {
      key: "city",
      verdict: "PASS",
      observed: -0.02,
      n: 72,
      pAdjusted: 0.81,
      interval: interval(-0.03, 0.001),
      why: null,
    },
    {
      key: "lake",
      verdict: "UNKNOWN",
      observed: null,
      n: 3,
      pAdjusted: null,
      interval: null,
      why: "too-few-rows",
    },
  ],
});

describe("champion against candidate", () => {
  test("has the difference with its interval, by group too, on one scale", () => {
    const source = htmlOf(championSection(withRules(bySegment)));
    const text = plain(source);
    expect(text).toContain("+3.1 points +1.2 points to +5.0 points (90%)");
    expect(text).toContain("city PASS −2.0 points −3.0 points to +0.1 points (90%) 0.8100 72");
    expect(text).toContain("lake UNKNOWN – – – – 3 there are too few rows on one side");
    // −3 to 5 points with 6% room on both sides: zero is at (3 + .48) / 8.96.
    expect(source.match(/class="zero" style="left:38\.8%"/g)).toHaveLength(3);
  });

  test("says why there is nothing to compare", () => {
    const first = rule("beats", {
      kind: "champion",
      metric: "champion.wmape",
      observed: null,
      why: "no-champion",
    });
    expect(plain(htmlOf(championSection(withRules(first))))).toContain(
      "beats: the alias names no version yet, so there is no champion to compare with.",
    );
    expect(plain(htmlOf(championSection(withRules(rule("a")))))).toContain(
      "No rule of the gate compares with the champion.",
    );
  });
});

describe("rules", () => {
  test("groups that do not hold are shown, all of them are folded", () => {
    const groups = bySegment.groups.map((group) => ({ ...group, interval: null }));
    const source = htmlOf(
      rulesSection(withRules(rule("wmape-by-segment", { by: "segment", groups, observed: 0.3 }))),
    );
    const [shown, folded] = source.split("<details>");
    expect(plain(shown!)).toContain("1 of 3 segments hold");
    expect(plain(shown!)).toContain("wmape-by-segment: groups that do not hold");
    expect(shown).not.toContain(">city<");
    expect(folded).toContain(">city<");
  });

  test("a metric that is negative has a bar on both sides of zero", () => {
    const group = { verdict: "PASS" as const, n: 9, pAdjusted: null, interval: null, why: null };
    const groups = [
      { ...group, key: "a", observed: -0.05 },
      { ...group, key: "b", observed: 0.05 },
    ];
    const bias = rule("bias", { metric: "accuracy.bias", observed: 0.05, limit: 0.1, by: "segment", groups });
    expect(htmlOf(rulesSection(withRules(bias)))).toMatch(/range good[^>]*>(<i class="zero"[^>]*><\/i>)/);
  });
});

describe("a KS rule", () => {
  const testOf = (statistic: number, pAdjusted: number) => ({
    feature: "price_index",
    segment: null,
    statistic,
    pAdjusted,
    past: { quarters: 21, asLarge: 4 },
    n: 210,
    nReference: 209,
  });
  const drift = (statistic: number, pAdjusted: number) =>
    rule("drift", {
      kind: "ks",
      metric: "ks.price_index",
      observed: statistic,
      limit: 0.2,
      drift: { alpha: 0.05, guard: "auto", tests: [testOf(statistic, pAdjusted)] },
    });

  test.each([
    [0.31, 0.04, ["D 0.310", "p 0.0400"]],
    [0.31, 0.2, ["D 0.310"]],
    [0.1, 0.04, ["p 0.0400"]],
    [0.1, 0.2, []],
  ])("shows its two conditions, and marks the one that holds: D %s, p %s", (statistic, p, marked) => {
    const source = htmlOf(rulesSection(withRules(drift(statistic, p))));
    const found = [...source.matchAll(/class="toned bad">([^<]*)</g)].map(([, text]) => text);
    expect(found).toEqual(marked);
    expect(plain(source)).toContain("fails from 0.200 with p up to 0.05");
    expect(plain(source)).toContain("guard auto: 4 of 21 past quarters had a D as large");
    expect(plain(source)).toContain("A KS test fails only where both hold");
  });

  test("an older record without them shows its limit", () => {
    const { drift: _, ...old } = drift(0.31, 0.04);
    expect(plain(htmlOf(rulesSection(withRules(old))))).toContain("0.310 at most 0.200");
  });
});

test("rules that do not hold come first, and are cards that say what each figure is", () => {
  const source = htmlOf(
    rulesSection(
      withRules(
        rule("passes"),
        rule("unknown", { verdict: "UNKNOWN", blocks: true, observed: null, why: "no-pairs" }),
        rule("warns", { verdict: "FAIL", blocks: false, severity: "warn", observed: 0.3 }),
        rule("fails", { verdict: "FAIL", blocks: true, observed: 0.3 }),
      ),
    ),
  );
  const order = [...source.matchAll(/role="rowheader"[^>]*>([^<]*)</g)].map(([, id]) => id);
  expect(order).toEqual(["fails", "unknown", "warns", "passes"]);
  expect(source).toContain('<table class="cards" role="table">');
  expect(source).toMatch(/<td role="cell" data-label="Observed" class="number">30\.0%<\/td>/);
});

describe("what was scored", () => {
  const scored = (snapshot: object, unrecorded?: object[]) => {
    const input = reportInput();
    const accuracy = {
      ...input.accuracy!,
      snapshots: [{ source: "2025Q1", cutoff: "2025-03-31", version: "1", pairs: 9, ...snapshot }],
      ...(unrecorded === undefined ? {} : { unrecorded }),
    } as typeof input.accuracy;
    return plain(htmlOf(accuracySection({ ...input, accuracy })));
  };

  test.each([
    [{ why: "promoted" }, "its version was promoted"],
    [{ why: "approved" }, "its version was approved"],
    [{ why: "adopted" }, "its version was adopted"],
    [{ why: "stayed" }, "the candidate of that quarter was not promoted, so this version stayed live"],
    [{ why: "rolled-back", insteadOf: "2" }, "version 2 was rolled back, so services had this one again"],
    [{ why: "imported" }, "imported: made by the process before"],
    [{}, "2025-03-31 – 9"],
  ])("says why it counts: %o", (snapshot, words) => {
    expect(scored(snapshot)).toContain(words);
  });

  test("says what services had after a rollback that left no forecast", () => {
    const lost = [{ quarter: "2025Q1", cutoff: "2025-03-31", version: "1", insteadOf: "2" }];
    expect(scored({}, lost)).toContain(
      "From the cutoff of 2025Q1 on services had version 1, since version 2 was rolled back; version 1 left no forecast from there",
    );
  });
});

test.each([
  [0.8, 0.8, 200, null],
  [0.8, 0.745, 200, null],
  [0.8, 0.74, 200, "bad"],
  [0.8, 0.86, 200, "warn"],
  [0.95, 0.9, 60, null],
  [0.95, 0.9, 200, "bad"],
  [0.8, null, 0, null],
  [0.8, 0.5, 0, null],
])("coverage of %s observed as %s on %s pairs is %s", (level, observed, n, tone) => {
  expect(coverageTone({ level, observed, n })).toBe(tone);
});

test("the worst series are drawn with what was forecast, and gaps stay gaps", () => {
  const source = htmlOf(accuracySection(reportInput()));
  const [first] = labels(source).filter((label) => label.startsWith("Line chart of P014"));
  expect(first).toContain("2025-04 forecast 640, actual");
  expect(source.match(/<svg/g)).toHaveLength(2);
  // One missing month cuts the line in two; the forecast is the third, the band the fourth.
  const drawing = source.slice(source.indexOf("<svg"), source.indexOf("</svg>"));
  expect(drawing.match(/stroke="var\(--fg\)"/g)).toHaveLength(2);
  expect(drawing.match(/fill="var\(--band-1\)"/g)).toHaveLength(1);
});

test("who moved is counted from segment to segment, the most first", () => {
  const input = reportInput();
  const moved = [
    { series: "a", from: "x", to: "y" },
    { series: "b", from: "y", to: "x" },
    { series: "c", from: "y", to: "x" },
  ];
  const text = plain(htmlOf(segmentsSection({ ...input, segments: { ...input.segments!, moved } })));
  expect(text).toContain("From segment to segment since 2025Q1 From To Series y x 2 x y 1");
});

test("revisions are a chart by period and a table by segment", () => {
  const source = htmlOf(checkpointsSection(reportInput()));
  expect(labels(source)).toEqual([
    "Columns by period, before and after: 2025-07 38.2k to 36.9k, 2025-08 41.1k to 44.7k, 2025-09 33.9k to 34.4k.",
  ]);
  expect(plain(source)).toContain("coast/mid +16.7% 22 city/business – 24");
  expect(source).toContain("--tint:var(--up);--share:1");
});

test("distributions are drawn of the target and of what drifted, the others on demand", () => {
  const drawn = (degraded: boolean) => {
    const [shown, folded = ""] = htmlOf(validationSection(reportInput(degraded))).split(
      /<details>(?=<summary>\d+ feature)/,
    );
    return [labels(shown!), labels(folded)].map((found) => found.map((label) => /of (\w+):/.exec(label)![1]));
  };
  expect(drawn(true)).toEqual([["target", "price_index"], ["lead_days"]]);
  expect(drawn(false)).toEqual([["target"], ["price_index", "lead_days"]]);
  const byGate = reportInput(false);
  const failed = rule("psi", { kind: "psi", verdict: "FAIL", metric: "psi.lead_days" });
  const source = htmlOf(
    validationSection({
      ...byGate,
      document: { ...byGate.document, decision: { digest: "d", rules: [failed] } },
    }),
  );
  expect(plain(source)).toContain("the target and what drifted");
});

test("lineage names the approvals by which the live model is live", () => {
  const input = reportInput();
  const override = {
    id: "approval-7",
    quarter: "2025Q1",
    rules: ["accuracy", "drift"],
    by: "Ada <ada@example.org>",
    expires: "2025-05-31",
    expired: true,
  };
  const page = htmlOf(lineageSection({ ...input, document: { ...input.document, overrides: [override] } }));
  for (const text of [
    "approval-7",
    "2025Q1",
    "accuracy, drift",
    "Ada &lt;ada@example.org&gt;",
    "2025-05-31, over",
  ])
    expect(page).toContain(text);
  expect(htmlOf(lineageSection(input))).not.toContain("live by an approval");
});
