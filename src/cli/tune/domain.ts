import { z } from "zod";
import type { Domain } from "../../forecast/tune/space.js";
import type { Diagnostic } from "../../kit/diagnostic.js";
import { canonicalJson, type Json } from "../../kit/json.js";
import { diagnose } from "../../runbook/issues.js";
import type { RunbookPath, RunbookSource } from "../../runbook/source.js";

const Range = z.strictObject({
  min: z.number(),
  max: z.number(),
  scale: z.enum(["linear", "log"]).default("linear"),
  integer: z.boolean().optional(),
  points: z.int().min(2).max(1000).default(4),
});

/** A list of values, or a range. */
export const DomainText = z.union([z.array(z.unknown()).min(1), Range]);

/**
 * @param raw as YAML gives it; what does not look like a domain at all is left to the check of the whole file
 * @param schema what the runbook checks the parameter with
 */
export function readDomain(
  raw: unknown,
  schema: z.ZodType,
  source: RunbookSource,
  path: RunbookPath,
): { readonly domain: Domain | null; readonly diagnostics: readonly Diagnostic[] } {
  const text = DomainText.safeParse(raw);
  if (!text.success) return { domain: null, diagnostics: [] };
  const read = Array.isArray(text.data)
    ? readChoice(text.data, schema, source, path)
    : readRange(text.data as z.output<typeof Range>, schema, source, path);
  return read.diagnostics.length > 0 ? { ...read, domain: null } : read;
}

type Read = ReturnType<typeof readDomain>;

function readChoice(
  values: readonly unknown[],
  schema: z.ZodType,
  source: RunbookSource,
  path: RunbookPath,
): Read {
  const seen = new Set<string>();
  const diagnostics = values.flatMap((value, index) => {
    const place = [...path, index];
    const wrong = wrongValue(value, schema, source, place);
    if (wrong.length > 0) return wrong;
    const key = canonicalJson(value);
    const isTwice = seen.has(key);
    seen.add(key);
    return isTwice ? [invalid("this value stands twice", source, place)] : [];
  });
  return { domain: { kind: "choice", values: values as Json[] }, diagnostics };
}

function readRange(
  range: z.output<typeof Range>,
  schema: z.ZodType,
  source: RunbookSource,
  path: RunbookPath,
): Read {
  const { min, max, scale, points } = range;
  const at = (key: string) => [...path, key];
  const diagnostics = [
    ...wrongValue(min, schema, source, at("min")),
    ...wrongValue(max, schema, source, at("max")),
  ];
  if (diagnostics.length > 0) return { domain: null, diagnostics };
  const takesFractions = schema.safeParse(min + (max - min) * 0.381966).success;
  const integer = range.integer ?? !takesFractions;
  if (min >= max) diagnostics.push(invalid(`expected more than min, ${min}, got ${max}`, source, at("max")));
  if (scale === "log" && min <= 0)
    diagnostics.push(invalid(`a log scale starts above 0, got ${min}`, source, at("min")));
  if (range.integer === false && !takesFractions)
    diagnostics.push(invalid("this parameter takes whole numbers only", source, at("integer")));
  for (const [key, value] of Object.entries({ min, max }))
    if (integer && !Number.isInteger(value))
      diagnostics.push(invalid(`expected a whole number, got ${value}`, source, at(key)));
  return { domain: { kind: "range", min, max, scale, integer, points }, diagnostics };
}

/** An optional parameter takes `undefined`, which no YAML can say; `null` is refused by its schema. */
const wrongValue = (
  value: unknown,
  schema: z.ZodType,
  source: RunbookSource,
  path: RunbookPath,
): Diagnostic[] => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : diagnose(parsed.error, schema, source, path);
};

const invalid = (message: string, source: RunbookSource, path: RunbookPath): Diagnostic => ({
  code: "space.invalid-value",
  message,
  ...source.at(path),
  suggestion: null,
});
