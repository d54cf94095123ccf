import { expect, test } from "vitest";
import { changed, lookAt, panelText, pointed, project, RUNBOOK } from "./bench.js";

/** Dates of one reading that nobody writes so, cells without a value, and a label that changes. */
const PANEL = panelText({
  series: 8,
  cell: (column, s, t, usual) =>
    column === "month"
      ? `01/${usual.slice(5)}/${usual.slice(0, 4)}`
      : column === "sales" && t % 5 < 3
        ? ""
        : column === "region" && s === 3 && t > 30
          ? "west"
          : usual,
});

test("twelve mistakes of all kinds are named in one pass, each at its key and with what mends it", async () => {
  const runbook = `version: 1
name: small
data:
  source: [panel.csv, more/*.parquet]
  frequency: month
  columns:
    series: id
    time: month
    target: sales
    attributes: [region, tier]
    known: [promo]
    observed: [prise]
model: { name: small, horizon: 3, firstRelase: promote }
steps:
  - { id: validate, uses: validate-data, with: { gaps: sometimes, ranges: { salse: { min: 0 } } } }
  - { id: accuracy, uses: accuracy-report, with: { importSnapshots: old/*.csv } }
  - { id: segments, uses: refresh-segments, with: { by: [regoin] } }
  - { id: mine, uses: command, with: { run: [node, mine.mjs], metrics: [score] } }
  - { id: train, uses: train-pooled-cv, with: { levels: [0.5, 0.8] } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8, 0.95] } }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: accuracy, metric: accuracy.wmap, max: 0.15 }
        - { id: coverage, metric: train.cv.coverage.85, min: 0.7 }
        - { id: score, metric: mine.score, max: 1, min: 0 }
  - { id: promote, uses: promote }
escalation:
  notify:
    - webhook: hooks.example.com/x
    - pagerduty: { routingKey: "\${RETRAIN_TEST_NO_SUCH_KEY}" }
`;
  const folder = await project(runbook, { "panel.csv": PANEL });
  const { errors } = await lookAt(folder);
  const expected: readonly (readonly [place: string, hint: string])[] = [
    ["4:23 more/*.parquet", "correct `source`"],
    ["8:11 month", '`data.timeFormat: "%d/%m/%Y"`'],
    ["9:13 sales", "`nulls: { sales: 0.65 }` in `with` of validate"],
    ["10:18 region", "take it out of `attributes`"],
    ["10:26 tier", "id, month, sales, region, price, promo"],
    ["12:16 prise", 'did you mean "price"?'],
    ["13:35 firstRelase", 'did you mean "firstRelease"?'],
    ["15:56 sometimes", ""],
    ["15:77 salse", 'did you mean "sales"?'],
    ["16:69 old/*.csv", "correct `importSnapshots`"],
    ["17:58 regoin", 'did you mean "region"?'],
    ["18:52 mine.mjs", "correct the name"],
    ["22:66 0.95", "add 0.95 to `levels` of `train`"],
    ["27:35 accuracy.wmap", 'did you mean "accuracy.wmape"?'],
    ["28:35 train.cv.coverage.85", "train.cv.coverage.80"],
    ["29:11 { id: score, metric: mine.score, max: 1, min: 0 }", ""],
    ["33:7 webhook", "https://"],
    [`34:32 ${"$"}{RETRAIN_TEST_NO_SUCH_KEY}`, "export RETRAIN_TEST_NO_SUCH_KEY=…"],
  ];
  expect(errors.map((error) => pointed(error).replace(/"/g, ""))).toEqual(expected.map(([place]) => place));
  for (const [at, [place, hint]] of expected.entries())
    expect(errors[at]!.suggestion ?? "", place).toContain(hint);
  expect(errors.every(({ span }) => span!.file.endsWith("runbook.yaml"))).toBe(true);
});

test.each<[string, readonly (readonly [string, string])[], readonly string[]]>([
  [
    "an open quote in one section",
    [
      ["model: { name: small,", 'model: { name: "small,'],
      ["observed: [price]", "observed: [prise]"],
      ["{ sales: { min", "{ salse: { min"],
    ],
    ['7:16 "small, horizon: 3 }', "6:98 prise", "9:60 salse"],
  ],
  [
    "an open brace in one step",
    [
      ["with: { by: [region] } }", "with: { by: [region] }"],
      ["observed: [price]", "observed: [prise]"],
    ],
    ["12:3 -", "6:98 prise"],
  ],
  [
    "a step type that is unknown, and nothing that follows from it",
    [
      ["uses: train-pooled-cv", "uses: train-poled-cv"],
      [
        "metric: train.cv.wmape, max: 1000 }",
        "metric: train.cv.wmap, max: 1000 }\n        - { id: b, metric: validate.row, max: 1 }",
      ],
      ["panel.csv", "panle.csv"],
    ],
    ["4:11 panle.csv", "12:24 train-poled-cv", "22:28 validate.row"],
  ],
  [
    "a rule that is wrong, among others",
    [
      [
        "- { id: candidate, metric: train.cv.wmape, max: 1000 }",
        "- { id: candidate, metric: train.cv.wmape, max: many }\n        - { id: b, metric: train.cv.wmap, max: 1 }",
      ],
    ],
    ["21:57 many", "22:28 train.cv.wmap"],
  ],
  [
    "roles that cannot be read, and nothing that follows from them",
    [["attributes: [region]", "attributes: region"]],
    ["6:66 region"],
  ],
  [
    "a format of dates that is wrong, and nothing that follows from it",
    [
      ["  frequency: month", "  timeFormat: dd.mm.yyyy\n  frequency: month"],
      ["report, with: {}", "report, with: { importSnapshots: old.csv }"],
    ],
    ["5:15 dd.mm.yyyy", "11:69 old.csv"],
  ],
])("%s hides nothing of the rest", async (_name, changes, expected) => {
  const folder = await project(changed(...changes), { "panel.csv": panelText() });
  expect((await lookAt(folder)).errors.map(pointed).sort()).toEqual([...expected].sort());
});

test("a source that is too large to be read has its columns looked at, and says so", async () => {
  const large = panelText({ months: 12, extra: [] });
  const rows = `${"x".repeat(1000)},2021-01,1,north,1,0\n`.repeat(33_000);
  const folder = await project(changed(["observed: [price]", "observed: [prise]"]), {
    "panel.csv": `${large}${rows}`,
  });
  const { errors, warnings } = await lookAt(folder);
  expect(errors.map(pointed)).toEqual(["6:98 prise"]);
  expect(warnings.map(({ code }) => code)).toEqual(["data.not-read"]);
});

test("a healthy runbook has nothing to say", async () => {
  const folder = await project(RUNBOOK, { "panel.csv": panelText() });
  expect(await lookAt(folder)).toEqual({ errors: [], warnings: [] });
});
