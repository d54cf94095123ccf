import { expect, test } from "vitest";
import { wireGraph } from "../../../src/plan/graph.js";
import { parseRunbook } from "../../../src/runbook/parse.js";
import { stepTypes } from "../../../steps/index.js";

const STEPS = `
  - { id: validate, uses: validate-data, with: VALIDATE }
  - { id: accuracy, uses: accuracy-report, with: ACCURACY }
  - { id: segments, uses: refresh-segments, with: SEGMENTS }
  - { id: train, uses: train-pooled-cv, with: TRAIN }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: gate, uses: gate, with: { rules: [{ id: r, RULE }] } }
`;
const PLAIN = {
  VALIDATE: "{}",
  ACCURACY: "{}",
  SEGMENTS: "{}",
  TRAIN: "{}",
  RULE: "metric: train.cv.wmape, max: 1",
};

/** What is wrong with these names, as the text that is marked, and the message. */
function problemsOf(given: Partial<typeof PLAIN>, observed = "price"): string[] {
  const steps = Object.entries({ ...PLAIN, ...given }).reduce(
    (text, [key, value]) => text.replace(key, value),
    STEPS,
  );
  const text = `version: 1
name: demand
data:
  source: a.csv
  frequency: month
  columns: { series: id, time: month, target: sales, attributes: [region], known: [holidays], observed: [${observed}] }
model: { name: demand, horizon: 6 }
steps:${steps}`;
  const parsed = parseRunbook(text, "runbook.yaml", { stepTypes, env: {}, overrides: [] });
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join("\n"));
  const wired = wireGraph(parsed.runbook, stepTypes);
  if (wired.ok) return [];
  return wired.diagnostics.map(({ span, message, suggestion }) => {
    const { excerpt, column, length } = span!;
    expect(suggestion).not.toBeNull();
    return `${excerpt.slice(column - 1, column - 1 + length)}: ${message}`;
  });
}

test.each<[string, Partial<typeof PLAIN>, string[]]>([
  [
    "of limits",
    { VALIDATE: "{ ranges: { saels: { min: 0 } }, nulls: { region: 0.1 }, values: { regoin: [a] } }" },
    [
      "saels: the panel has no feature saels",
      "region: region is no feature: `data.columns` lists it as an attribute, and this takes numbers",
      "regoin: the panel has no column regoin",
    ],
  ],
  [
    "of the step's drift",
    { VALIDATE: "{ drift: { features: [target, pirce] } }" },
    ["pirce: the panel has no feature pirce"],
  ],
  ["of scores", { ACCURACY: "{ by: [region, tier] }" }, ["tier: the panel has no attribute tier"]],
  [
    "of segments",
    { SEGMENTS: "{ by: [price, region] }" },
    ["price: price is no attribute: `data.columns` lists it as an observed feature"],
  ],
  [
    "of reconciliation",
    { TRAIN: "{ reconcile: { by: [state], cross: [[region], [zone]], method: bottom-up } }" },
    ["state: the panel has no attribute state", "zone: the panel has no attribute zone"],
  ],
  ["of a KS rule", { RULE: "ks: { features: [pirce] }" }, ["pirce: the panel has no feature pirce"]],
  [
    "of a PSI rule",
    { RULE: "psi: { features: [region] }" },
    ["region: region is no feature: `data.columns` lists it as an attribute, and this takes numbers"],
  ],
  [
    "of missing values",
    { RULE: "missing: { features: [target, x], maxIncrease: 0 }" },
    ["x: the panel has no feature x"],
  ],
])("a name %s that the panel does not have is found where it stands", (_name, given, expected) => {
  expect(problemsOf(given)).toEqual(expected);
});

test("what there is may be named by its column, and the target by either name", () => {
  expect(
    problemsOf({
      VALIDATE:
        "{ ranges: { target: { min: 0 }, holidays: { min: 0 } }, nulls: { sales: 0.1 }, values: { region: [a], price: [1] }, drift: { features: [sales] } }",
      ACCURACY: "{ by: [region] }",
      SEGMENTS: "{ by: [region] }",
      TRAIN: "{ reconcile: { by: [region], method: bottom-up } }",
      RULE: "ks: { features: [target, sales, price, holidays] }",
    }),
  ).toEqual([]);
});
