import { z } from "zod";

/** The one name that a record of zod leaves out of what it returns, without a word. A user's column, option or port may have it. */
const LEFT_OUT = "__proto__";

const WholeRecord = z.core.$constructor<z.ZodRecord>("WholeRecord", (schema, def) => {
  z.ZodRecord.init(schema, def);
  const parseOthers = schema._zod.parse;
  schema._zod.parse = (payload, context) => {
    const given: unknown = payload.value;
    const parsed = parseOthers(payload, context);
    if (typeof given !== "object" || given === null || parsed instanceof Promise) return parsed;
    const named = Object.keys(given).map((key) => ({ key, name: checked(def.keyType, key, context) }));
    if (!named.some(({ key, name }) => key === LEFT_OUT || name.value === LEFT_OUT)) return parsed;
    const found = parsed.value as Readonly<Record<PropertyKey, unknown>>;
    const whole = new Map<PropertyKey, unknown>();
    for (const { key, name } of named) {
      const isLeftOut = key === LEFT_OUT || name.value === LEFT_OUT;
      const into = name.value as PropertyKey;
      if (!isLeftOut) {
        if (Object.hasOwn(found, into)) whole.set(into, found[into]);
      } else if (name.issues.length > 0) {
        const issues = name.issues.map((one) => z.core.util.finalizeIssue(one, context, z.core.config()));
        const place = { input: key, path: [key], inst: schema };
        parsed.issues.push({ code: "invalid_key", origin: "record", issues, ...place });
      } else {
        const result = checked(def.valueType, (given as typeof found)[key], context);
        parsed.issues.push(...z.core.util.prefixIssues(key, result.issues));
        whole.set(into, result.value);
      }
    }
    parsed.value = Object.fromEntries(whole);
    return parsed;
  };
});

function checked(
  schema: z.core.$ZodType,
  value: unknown,
  context: z.core.ParseContextInternal,
): z.core.ParsePayload {
  const result = schema._zod.run({ value, issues: [] }, context);
  if (result instanceof Promise)
    throw new TypeError("wholeRecord: a check of names or values is asynchronous");
  return result;
}

/** `z.record` that keeps every name, `__proto__` too. */
export const wholeRecord = <Name extends z.core.$ZodRecordKey, Value extends z.core.SomeType>(
  name: Name,
  value: Value,
  error?: string,
): z.ZodRecord<Name, Value> =>
  new WholeRecord({
    type: "record",
    keyType: name,
    valueType: value as unknown as z.core.$ZodType,
    ...(error === undefined ? {} : { error: () => error }),
  }) as unknown as z.ZodRecord<Name, Value>;
