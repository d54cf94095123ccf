import { describe, expect, test } from "vitest";
import {
  allGroups,
  buildHierarchy,
  distinctMembers,
  hasAttributes,
} from "../../../../src/forecast/reconcile/hierarchy.js";
import { ReconcileSpec } from "../../../../src/forecast/reconcile/spec.js";
import { panelOf } from "../../../support/panels.js";
import { groupsOf, withAttribute } from "./support.js";

const ids = ["a", "b", "c", "d"];
const bare = panelOf(ids.map((id) => ({ id, start: 0, values: [1, 2] })));
const panel = withAttribute(withAttribute(bare, "state", ["north", "south", "north", null]), "purpose", [
  "fun",
  "work",
  "work",
  "fun",
]);
const shape = (spec: { by: string[]; cross?: string[][] }) =>
  buildHierarchy(panel, spec).levels.map(({ name, groups }) => [
    name,
    groups.map(({ labels, members }) => `${labels.join("+")}:${[...members].map((s) => ids[s]).join("")}`),
  ]);

describe("buildHierarchy", () => {
  test("nests the attributes in their order, below the total", () => {
    expect(shape({ by: ["state", "purpose"] })).toEqual([
      ["total", [":abcd"]],
      ["state", ["(none):d", "north:ac", "south:b"]],
      ["state / purpose", ["(none)+fun:d", "north+fun:a", "north+work:c", "south+work:b"]],
    ]);
  });

  test("crosses them where it is asked to", () => {
    expect(shape({ by: ["state"], cross: [["purpose"]] }).at(-1)).toEqual(["purpose", ["fun:ad", "work:bc"]]);
  });

  test("an attribute that is not there is a failure that names it", () => {
    expect(() => buildHierarchy(panel, { by: ["stat"] })).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ code: "data.name-unknown", name: "stat", suggestion: "state" }),
      }),
    );
    expect(hasAttributes(panel, { by: ["state"], cross: [["purpose"]] })).toBe(true);
    expect(hasAttributes(panel, { by: ["state"], cross: [["zone"]] })).toBe(false);
  });
});

test("groups of one series and groups equal to an earlier one say nothing of their own", () => {
  const groups = groupsOf([[0, 1, 2], [0, 1], [2], [0, 1], [1, 2]]);
  const found = (counts: (s: number) => boolean) =>
    distinctMembers(groups, counts).map((own) => (own === null ? null : [...own]));
  expect(found(() => true)).toEqual([[0, 1, 2], [0, 1], null, null, [1, 2]]);
  expect(found((s) => s !== 2)).toEqual([[0, 1], null, null, null, null]);
  expect(allGroups({ series: 3, levels: [{ name: "total", groups: [] }] })).toEqual([]);
});

describe("parameters", () => {
  const valid = (value: unknown) => ReconcileSpec.safeParse(value).success;
  test.each([
    [{ by: ["state"] }, true],
    [{ by: ["state", "zone"], cross: [["purpose"], ["state", "purpose"]], method: "bottom-up" }, true],
    [{ by: [] }, false],
    [{ by: ["state", "state"] }, false],
    [{ by: ["state", "zone"], cross: [["state", "zone"]] }, false],
    [{ by: ["state"], cross: [["zone"], ["zone"]] }, false],
    [{ by: ["state"], cross: [[]] }, false],
    [{ by: ["state"], method: "top-down" }, false],
  ])("%j: %s", (value, expected) => expect(valid(value)).toBe(expected));
  test("mint-shrink is the default", () =>
    expect(ReconcileSpec.parse({ by: ["a"] }).method).toBe("mint-shrink"));
});
