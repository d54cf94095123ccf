import { expect, test } from "vitest";
import type { StepOf } from "../plan/runbook-of.js";
import { type AnyContext, type Bench, openBench, type RunOptions, stepType, writeValue } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const register = stepType(
  "register",
  { panel: "panel" },
  { version: "registered-version" },
  {
    effect: "external",
    holds: async () => null,
    run: async (ctx: AnyContext) => {
      await writeValue(ctx);
      return { summary: ctx.idempotencyKey };
    },
  },
);

const steps = (params: { panel?: string; register?: string } = {}, id = "r"): StepOf[] => [
  { id: "p", type: panel, params: { value: params.panel ?? "p" } },
  { id, type: register, params: { value: params.register ?? "r" } },
];

const keyOf = async (bench: Bench, made: StepOf[], options?: RunOptions): Promise<string> =>
  (await bench.run(made, options)).steps[1]!.summary;

test("the key names the effect: the same in another state directory, for --fresh, --from and a dry run", async () => {
  const bench = await openBench();
  const key = await keyOf(bench, steps());
  expect(key).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await keyOf(await openBench(), steps())).toBe(key);
  expect(await keyOf(bench, steps(), { fresh: true })).toBe(key);
  expect(await keyOf(bench, steps(), { from: "r" })).toBe(key);
  expect(await keyOf(await openBench(), steps(), { dryRun: true })).toBe(key);
  expect(await keyOf(await openBench({ git: "decaf" }), steps())).toBe(key);
});

test("another effect has another key", async () => {
  const keys = [
    await keyOf(await openBench(), steps()),
    await keyOf(await openBench(), steps({ register: "R" })),
    await keyOf(await openBench(), steps({ panel: "P" })),
    await keyOf(await openBench(), steps({}, "second")),
    await keyOf(await openBench(), steps(), { quarter: "2025Q3" }),
    await keyOf(await openBench(), steps(), { model: "supply" }),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
