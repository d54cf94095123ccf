import { expect, test } from "vitest";
import { groupByAssignment } from "../../../../src/forecast/accuracy/groups.js";

test("groups by assignment know only what is assigned", () => {
  const groupOf = groupByAssignment(Object.entries({ a: "s1" }));
  expect([groupOf("a"), groupOf("b"), groupOf("constructor")]).toEqual(["s1", null, null]);
});
