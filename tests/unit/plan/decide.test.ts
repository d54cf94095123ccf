import { expect, test } from "vitest";
import { decideStep, type StepDecision, type StepFacts } from "../../../src/plan/decide.js";
import type { FingerprintComponents } from "../../../src/plan/fingerprint.js";

const components: FingerprintComponents = {
  format: 1,
  step: { type: "train", version: 1 },
  params: { folds: 3 },
  inputs: {},
  scope: {},
  external: {},
  tools: {},
};
const other = { ...components, params: { folds: 5 } };
const sound = { damage: null };
const damaged = { damage: "its model.json is gone from the object store" };

const run = (reason: string): StepDecision => ({ action: "run", reason });
const reuse: StepDecision = { action: "reuse", reason: "nothing changed" };
const skip: StepDecision = { action: "skip", reason: "after --until" };

test.each<[string, Partial<StepFacts>, StepDecision]>([
  ["nothing known", {}, run("never ran for this quarter")],
  ["a sound record", { record: sound }, reuse],
  ["a sound record, whatever ran last", { record: sound, last: other }, reuse],
  ["a damaged record", { record: damaged, last: components }, run(damaged.damage)],
  ["stale", { last: other }, run("stale: parameter folds 5 → 3")],
  ["ran like this, and the record is gone", { last: components }, run("its record is gone")],
  ["--fresh", { forced: "fresh", record: sound }, run("--fresh")],
  ["--fresh, never ran", { forced: "fresh" }, run("--fresh")],
  ["--fresh, stale", { forced: "fresh", last: other }, run("--fresh")],
  ["--from", { forced: "from", record: sound }, run("--from")],
  ["--from, damaged", { forced: "from", record: damaged }, run("--from")],
  ["after --until", { beyond: true }, skip],
  ["after --until, a sound record", { beyond: true, record: sound }, skip],
  ["after --until, --fresh", { beyond: true, forced: "fresh" }, skip],
  ["after --until, --from", { beyond: true, forced: "from" }, skip],
])("%s", (_name, facts, decision) => {
  expect(decideStep({ forced: null, beyond: false, components, record: null, last: null, ...facts })).toEqual(
    decision,
  );
});
