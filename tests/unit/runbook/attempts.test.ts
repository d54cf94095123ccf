import { describe, expect, test } from "vitest";
import { runbookJsonSchema } from "../../../src/runbook/schema.js";
import { stepTypes } from "../../../steps/index.js";
import { change, diagnosticsOf, marked, runbookOf, SMALL } from "./support.js";

const TRAIN = "with: { folds: 3 } }";
const withKeys = (keys: string) => change(TRAIN, `with: { folds: 3 }, ${keys} }`);

describe("retry and timeout of a step", () => {
  test("become a policy in milliseconds", () => {
    const { steps } = runbookOf(withKeys("retry: { attempts: 3, backoff: 4s }, timeout: 10m"));
    expect(steps[1]!.policy).toEqual({ attempts: 3, backoffMs: 4000, timeout: { ms: 600_000, text: "10m" } });
    expect(steps[0]!.policy).toMatchObject({ attempts: 1, timeout: null });
    expect(runbookOf(withKeys("retry: { attempts: 2 }, timeout: 2h")).steps[1]!.policy).toEqual({
      attempts: 2,
      backoffMs: 2000,
      timeout: { ms: 7_200_000, text: "2h" },
    });
  });

  test("change neither the runbook's digest nor what a step records", () => {
    const plain = runbookOf(SMALL);
    const tried = runbookOf(withKeys("retry: { attempts: 3 }, timeout: 1h"));
    expect(tried.digest).toBe(plain.digest);
    expect(tried.steps[1]!.recordedParams).toEqual(plain.steps[1]!.recordedParams);
  });

  test.each([
    ["timeout: 10", "10", /got 10/],
    ["timeout: 10 min", "10 min", /expected a number and a unit, e\.g\. 30s, 10m or 2h/],
    ["timeout: 0s", "0s", /a number and a unit/],
    ["timeout: 169h", "169h", /a week at most/],
    ["retry: { attempts: 0 }", "0", /at least 1/],
    ["retry: { attempts: 11 }", "11", /at most 10/],
    ["retry: { attempts: 2, backof: 1s }", "backof", /unknown key/],
    ["retry: { attempts: 2, backoff: fast }", "fast", /a number and a unit/],
  ])("%s is told with its place", (keys, text, message) => {
    const diagnostics = diagnosticsOf(withKeys(keys));
    expect(diagnostics.map(marked)).toEqual([text]);
    expect(diagnostics[0]!.message).toMatch(message);
  });

  test("are in the JSON schema of every step, and so is a step from a module", () => {
    const schema = runbookJsonSchema(stepTypes) as {
      properties: { steps: { items: { anyOf: { properties: Record<string, { pattern?: string }> }[] } } };
    };
    const steps = schema.properties.steps.items.anyOf;
    expect(steps).toHaveLength(stepTypes.length + 1);
    for (const { properties } of steps)
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(["retry", "timeout"]));
    expect("./my-step.mjs").toMatch(new RegExp(steps.at(-1)!.properties.uses!.pattern!));
  });
});
