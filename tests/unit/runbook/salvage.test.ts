import { expect, test } from "vitest";
import { z } from "zod";
import { salvage } from "../../../src/runbook/salvage.js";

const schema = z.strictObject({
  name: z.string(),
  size: z.int().default(3),
  limits: z.record(z.string(), z.number()).default({}),
  rules: z.array(z.strictObject({ id: z.string(), max: z.number() })).default([]),
});

test("what a schema does not take is left out, and the rest keeps its defaults and its places", () => {
  const given = {
    name: "a",
    size: "large",
    sise: 4,
    limits: { x: 1, y: "two" },
    rules: [{ id: "a", max: "b" }, { id: "c", max: 1 }, "d", { id: "e" }, { id: "f", max: 2 }],
  };
  const found = salvage(schema, given)!;
  expect(found.value).toEqual({
    name: "a",
    size: 3,
    limits: { x: 1 },
    rules: [
      { id: "c", max: 1 },
      { id: "f", max: 2 },
    ],
  });
  expect([...found.leftOut].map((path) => path.join(".")).sort()).toEqual(
    ["size", "sise", "limits.y", "rules.0.max", "rules.0", "rules.2", "rules.3"].sort(),
  );
  expect(found.original(["rules", 0, "max"])).toEqual(["rules", 1, "max"]);
  expect(found.original(["rules", 1, "id"])).toEqual(["rules", 4, "id"]);
  expect(found.original(["limits", "x"])).toEqual(["limits", "x"]);
  // What was given is as it was.
  expect(given.rules).toHaveLength(5);
});

test("parts that are known to be wrong go as well", () => {
  const found = salvage(schema, { name: "a", limits: { x: 1, y: 2 } }, [["limits", "x"]])!;
  expect(found.value).toMatchObject({ limits: { y: 2 } });
});

test.each([
  ["a key that must be there", { size: 3 }],
  ["one that is wrong", { name: 3 }],
  ["something else", "text"],
  ["nothing", undefined],
])("%s leaves nothing", (_name, given) => {
  expect(salvage(schema, given)).toBeNull();
});
