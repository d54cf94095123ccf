import { describe, expect, test } from "vitest";
import { decideStep, decideWaiting, type StepDecision, type StepFacts } from "../../../src/plan/decide.js";
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
const sound = { fault: null };
const broken = { cause: "damaged", reason: "its model.json is gone from the object store" } as const;
const gone = { cause: "effect-gone", reason: "version 1 is not in the registry" } as const;

type Short = Omit<StepDecision, "changes">;
const run = (cause: StepDecision["cause"], reason: string): Short => ({ action: "run", cause, reason });
const first = run("first", "never ran for this quarter");
const stale = run("stale", "stale: parameter folds 5 → 3");
const reuse: Short = { action: "reuse", cause: "unchanged", reason: "nothing changed" };
const skip: Short = { action: "skip", cause: "until", reason: "after --until fit" };

test.each<[string, Partial<StepFacts>, Short]>([
  ["nothing known", {}, first],
  ["a sound record", { record: sound }, reuse],
  ["a sound record, whatever ran last", { record: sound, last: other }, reuse],
  ["a damaged record", { record: { fault: broken }, last: components }, run("damaged", broken.reason)],
  ["an effect that is gone", { record: { fault: gone }, last: components }, run("effect-gone", gone.reason)],
  ["stale", { last: other }, stale],
  ["ran like this, and the record is gone", { last: components }, run("record-gone", "its record is gone")],
  ["--fresh", { forced: "fresh", record: sound }, run("fresh", "--fresh")],
  ["--fresh, never ran", { forced: "fresh" }, run("fresh", "--fresh")],
  ["--fresh, stale", { forced: "fresh", last: other }, run("fresh", "--fresh")],
  ["--from", { forced: "from", record: sound }, run("from", "--from")],
  ["--from, damaged", { forced: "from", record: { fault: broken } }, run("from", "--from")],
  ["before --from, sound", { beforeFrom: "fit", record: sound }, reuse],
  [
    "before --from, stale",
    { beforeFrom: "fit", last: other },
    run("stale", `${stale.reason}; it runs too, although --from fit was asked`),
  ],
  [
    "before --from, damaged",
    { beforeFrom: "fit", record: { fault: broken } },
    run("damaged", `${broken.reason}; it runs too, although --from fit was asked`),
  ],
  ["after --until", { afterUntil: "fit" }, skip],
  ["after --until, a sound record", { afterUntil: "fit", record: sound }, skip],
  ["after --until, --fresh", { afterUntil: "fit", forced: "fresh" }, skip],
  ["after --until, --from", { afterUntil: "fit", forced: "from" }, skip],
])("%s", (_name, facts, decision) => {
  const all: StepFacts = {
    forced: null,
    beforeFrom: null,
    afterUntil: null,
    components,
    record: null,
    last: null,
    ...facts,
  };
  expect(decideStep(all)).toMatchObject(decision);
});

test("a decision names what changed, also where something else decides", () => {
  const facts = { beforeFrom: null, afterUntil: null, components, record: null, last: other };
  expect(decideStep({ ...facts, forced: "fresh" }).changes).toEqual([
    { area: "parameter", name: "folds", before: 5, after: 3, text: "parameter folds 5 → 3" },
  ]);
});

describe("a step that waits", () => {
  test("says for whom", () => {
    expect(decideWaiting(["validate", "train"], [])).toEqual({
      action: "run",
      cause: "upstream",
      reason: "after validate, train",
      changes: [],
    });
  });

  test("says first what is stale about it already", () => {
    const { changes } = decideStep({
      forced: null,
      beforeFrom: null,
      afterUntil: null,
      components,
      record: null,
      last: other,
    });
    expect(decideWaiting(["train"], changes).reason).toBe("stale: parameter folds 5 → 3; after train");
  });
});
