import { describe, expect, test } from "vitest";
import type { RuleResult } from "../../../../src/kit/artifacts/decision.js";
import type { ReportInput } from "../../../../src/report/html/input.js";
import { accuracySection } from "../../../../src/report/html/sections/accuracy.js";
import { championSection } from "../../../../src/report/html/sections/champion.js";
import { checkpointsSection } from "../../../../src/report/html/sections/checkpoints.js";
import { lineageSection } from "../../../../src/report/html/sections/lineage.js";
import { rulesSection } from "../../../../src/report/html/sections/rules.js";
import { segmentsSection } from "../../../../src/report/html/sections/segments.js";
import { validationSection } from "../../../../src/report/html/sections/validation.js";
import { reportInput, rule } from "../sample.js";

const plain = (source: string) => source.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const labels = (source: string) =>
  [...source.matchAll(/<svg[^>]*aria-label="([^"]*)"/g)].map(([, label]) => label!);

const withRules = (...rules: RuleResult[]): ReportInput => {
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
    const { source } = championSection(withRules(bySegment));
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
    expect(plain(championSection(withRules(first)).source)).toContain(
      "beats: the alias names no version yet, so there is no champion to compare with.",
    );
    expect(plain(championSection(withRules(rule("a"))).source)).toContain(
      "No rule of the gate compares with the champion.",
    );
  });
});

describe("rules", () => {
  test("groups that do not hold are shown, all of them are folded", () => {
    const groups = bySegment.groups.map((group) => ({ ...group, interval: null }));
    const { source } = rulesSection(
      withRules(rule("wmape-by-segment", { by: "segment", groups, observed: 0.3 })),
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
    expect(rulesSection(withRules(bias)).source).toMatch(/range good[^>]*>(<i class="zero"[^>]*><\/i>)/);
  });
});

test("the worst series are drawn with what was forecast, and gaps stay gaps", () => {
  const { source } = accuracySection(reportInput());
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
  const text = plain(segmentsSection({ ...input, segments: { ...input.segments!, moved } }).source);
  expect(text).toContain("From segment to segment since 2025Q1 From To Series y x 2 x y 1");
});

test("revisions are a chart by period and a table by segment", () => {
  const { source } = checkpointsSection(reportInput());
  expect(labels(source)).toEqual([
    "Columns by period, before and after: 2025-07 38.2k to 36.9k, 2025-08 41.1k to 44.7k, 2025-09 33.9k to 34.4k.",
  ]);
  expect(plain(source)).toContain("coast/mid +16.7% 22 city/business – 24");
  expect(source).toContain("--tint:var(--c1);--share:1");
});

test("distributions are drawn of the target and of what drifted, the others on demand", () => {
  const drawn = (degraded: boolean) => {
    const [shown, folded = ""] = validationSection(reportInput(degraded)).source.split(
      /<details>(?=<summary>\d+ feature)/,
    );
    return [labels(shown!), labels(folded)].map((found) => found.map((label) => /of (\w+):/.exec(label)![1]));
  };
  expect(drawn(true)).toEqual([["target", "price_index"], ["lead_days"]]);
  expect(drawn(false)).toEqual([["target"], ["price_index", "lead_days"]]);
  const byGate = reportInput(false);
  const failed = rule("psi", { kind: "psi", verdict: "FAIL", metric: "psi.lead_days" });
  const { source } = validationSection({
    ...byGate,
    document: { ...byGate.document, decision: { digest: "d", rules: [failed] } },
  });
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
  const page = lineageSection({ ...input, document: { ...input.document, overrides: [override] } }).source;
  for (const text of [
    "approval-7",
    "2025Q1",
    "accuracy, drift",
    "Ada &lt;ada@example.org&gt;",
    "2025-05-31, over",
  ])
    expect(page).toContain(text);
  expect(lineageSection(input).source).not.toContain("live by an approval");
});
