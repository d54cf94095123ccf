import { expect, test } from "vitest";
import { recover } from "../../../src/runbook/recover.js";

const LINES = [
  "version: 1",
  "name: demand",
  "data:",
  "  source: a.csv",
  "model: { name: demand, horizon: 6 }",
  "steps:",
  "  - { id: a, uses: validate-data }",
  "  - id: b",
  "    uses: gate",
  "  - { id: c, uses: promote }",
];
const text = (changes: Readonly<Record<number, string>>) =>
  LINES.map((line, at) => changes[at + 1] ?? line).join("\n");
const rest = (changes: Readonly<Record<number, string>>) => {
  const found = recover(text(changes), "runbook.yaml");
  if (found === null) return null;
  const { steps = [], ...others } = found.source.document.toJS() as { steps?: { id: string }[] };
  return {
    keys: Object.keys(others),
    steps: steps.map(({ id }) => id),
    lost: [...found.sections],
    some: found.steps,
  };
};

test.each<[string, Record<number, string>, ReturnType<typeof rest>]>([
  [
    "a section with an open quote",
    { 4: '  source: "a.csv' },
    { keys: ["version", "name", "model"], steps: ["a", "b", "c"], lost: ["data"], some: false },
  ],
  [
    "a section with a tab, and one with an open brace",
    { 4: "\tsource: a.csv", 5: "model: { name: demand" },
    { keys: ["version", "name"], steps: ["a", "b", "c"], lost: ["data", "model"], some: false },
  ],
  [
    "a step with an open brace",
    { 7: "  - { id: a, uses: validate-data" },
    { keys: ["version", "name", "data", "model"], steps: ["b", "c"], lost: [], some: true },
  ],
  [
    "steps of which none can be read",
    { 7: "  - { id: a", 8: "  - { id: b", 9: "", 10: "  - { id: c" },
    { keys: ["version", "name", "data", "model"], steps: [], lost: ["steps"], some: false },
  ],
  ["a text between sections", { 5: "}{" }, null],
  ["nothing, of a file that is whole", {}, null],
])("%s is left out", (_name, changes, expected) => {
  expect(rest(changes)).toEqual(expected);
});

test("what is left keeps its lines", () => {
  const found = recover(text({ 4: '  source: "a.csv' }), "runbook.yaml")!;
  expect(found.source.at(["steps", 2]).span).toMatchObject({ line: 10, column: 5 });
});
