import { describe, expect, test } from "vitest";
import { z } from "zod";
import { wholeRecord } from "../../../src/kit/whole-record.js";

/** Names that every object has from its prototype, and one that is none. */
const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "a"];

/** As YAML and JSON make it: an own member, whatever its name. */
const objectOf = (names: readonly string[], value: unknown = 1): unknown =>
  JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`);

const entriesOf = (value: unknown) => Object.entries(value as object);

describe("a record keeps every name", () => {
  const numbers = wholeRecord(z.string(), z.number());

  test.each(NAMES)("%s", (name) => {
    expect(entriesOf(numbers.parse(objectOf([name])))).toEqual([[name, 1]]);
    expect(Object.getPrototypeOf(numbers.parse(objectOf([name])))).toBe(Object.prototype);
  });

  test("in the order in which they stand, from wherever it starts", () => {
    for (let start = 0; start < NAMES.length; start++) {
      const names = [...NAMES.slice(start), ...NAMES.slice(0, start)];
      expect(entriesOf(numbers.parse(objectOf(names)))).toEqual(names.map((name) => [name, 1]));
    }
  });

  test("as an option with a default, described, in an object and in a record", () => {
    const inside = z.strictObject({ map: numbers.default({}).describe("text") });
    expect(entriesOf(inside.parse({ map: objectOf(NAMES) }).map)).toHaveLength(NAMES.length);
    expect(inside.parse({}).map).toEqual({});
    const nested = wholeRecord(z.string(), numbers.describe("text"));
    const outer = nested.parse(objectOf(["__proto__"], objectOf(["__proto__"])));
    expect(JSON.stringify(outer)).toBe('{"__proto__":{"__proto__":1}}');
  });

  test("where the schema of the names makes it one", () => {
    const trimmed = wholeRecord(z.string().trim().min(1), z.number());
    expect(entriesOf(trimmed.parse(objectOf([" b ", " __proto__ "])))).toEqual([
      ["b", 1],
      ["__proto__", 1],
    ]);
  });
});

describe("and refuses as zod does", () => {
  const problems = (schema: z.ZodType, value: unknown) =>
    schema.safeParse(value).error?.issues.map(({ code, path, message }) => ({ code, path, message }));

  test.each(NAMES)("a wrong value at %s, by its path", (name) => {
    const [wrong, plain] = [name, "plain"].map((one) =>
      problems(wholeRecord(z.string(), z.strictObject({ min: z.number() })), objectOf([one], { min: "x" })),
    );
    expect(wrong).toEqual(plain!.map((issue) => ({ ...issue, path: [name, "min"] })));
  });

  test.each(["__proto__", "constructor"])("the name %s, where the names' schema does", (name) => {
    const lower = wholeRecord(z.string().regex(/^[a-b]+$/), z.number());
    expect(problems(lower, objectOf([name, "a"]))).toEqual([
      { code: "invalid_key", path: [name], message: "Invalid key in record" },
    ]);
  });

  test.each([null, 1, "text", [1], undefined])("what is no mapping: %j", (value) => {
    const found = problems(wholeRecord(z.string(), z.number()), value);
    expect(found).toEqual(problems(z.record(z.string(), z.number()), value));
    expect(problems(wholeRecord(z.string(), z.number(), "our words"), value)?.[0]?.message).toBe("our words");
  });

  test("and has its JSON schema", () => {
    expect(z.toJSONSchema(wholeRecord(z.string().min(1), z.number()))).toEqual(
      z.toJSONSchema(z.record(z.string().min(1), z.number())),
    );
  });
});
