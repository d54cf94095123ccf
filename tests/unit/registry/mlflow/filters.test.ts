import fc from "fast-check";
import { expect, test } from "vitest";
import { nameFilter } from "../../../../src/registry/mlflow/filters.js";

/**
 * What MLflow finds by such a filter, by its own rules (mlflow/utils/search_utils.py): a value stands in quotes of one kind, without escapes, and is
 * compared as it is, or by SQL's LIKE, where `_` is any one sign and `%` are any.
 */
function finds(filter: string): (name: string) => boolean {
  const [, operator, quote, value] = /^name (=|LIKE) (['"])(.*)\2$/s.exec(filter) ?? [];
  if (operator === undefined) throw new Error(`no filter of a name: ${filter}`);
  if (value!.includes(quote!) || value!.includes("\\")) throw new Error(`quotes end early: ${filter}`);
  if (operator === "=") return (name) => name === value;
  const pattern = [...value!].map((sign) =>
    sign === "_" ? "." : sign === "%" ? ".*" : sign.replace(/[.*+?^${}()|[\]\\]/, "\\$&"),
  );
  return (name) => new RegExp(`^${pattern.join("")}$`, "su").test(name);
}

test.each([
  ["room demand", "name = 'room demand'"],
  ["owner's", `name = "owner's"`],
  [`5" pipe`, `name = '5" pipe'`],
  [`owner's 5" pipe`, "name LIKE 'owner_s 5_ pipe'"],
  ["back\\slash", "name LIKE 'back_slash'"],
  ["100%_", "name = '100%_'"],
])("%s: %s", (name, filter) => {
  expect(nameFilter(name)).toBe(filter);
});

test("a name of any kind is found, and by equality no other one", () => {
  const name = fc
    .array(
      fc.oneof(
        fc.constantFrom("'", '"', "\\", "%", "_", " AND name = "),
        fc.string({ unit: "grapheme", maxLength: 3 }),
      ),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(name, name, (one, other) => {
      const found = finds(nameFilter(one));
      expect(found(one)).toBe(true);
      if (other !== one && !/['"\\]/.test(one)) expect(found(other)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
