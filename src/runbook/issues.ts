import type { z } from "zod";
import type { Diagnostic } from "../kit/diagnostic.js";
import { nearest } from "../kit/suggest.js";
import { formatPath, type RunbookPath, type RunbookSource } from "./source.js";

type Issue = z.core.$ZodIssue;

/** Turns zod's issues into diagnostics with places and suggestions. `base` is where the checked value stands. */
export function diagnose(
  error: z.ZodError,
  schema: z.ZodType,
  source: RunbookSource,
  base: RunbookPath,
): Diagnostic[] {
  return error.issues.flatMap((issue) => fromIssue(issue, schema, source, base));
}

function fromIssue(issue: Issue, schema: z.ZodType, source: RunbookSource, base: RunbookPath): Diagnostic[] {
  const inner = issue.path.filter((part) => typeof part !== "symbol") as (string | number)[];
  const path = [...base, ...inner];
  const where = { path: formatPath(path, source), span: source.span(path) };

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const known = keysAt(schema, inner);
        const near = nearest(key, known);
        return {
          code: "runbook.unknown-key",
          message: `unknown key "${key}"`,
          path: formatPath([...path, key], source),
          span: source.keySpan(path, key),
          suggestion:
            near !== null
              ? `did you mean "${near}"?`
              : known.length > 0
                ? `known keys: ${known.join(", ")}`
                : null,
        };
      });
    case "invalid_value": {
      const options = issue.values.map(String);
      const near = nearest(String(issue.input ?? valueAt(source, path)), options);
      return [
        {
          code: "runbook.invalid-value",
          message: `expected ${options.length === 1 ? options[0] : `one of ${options.join(", ")}`}${got(source, path)}`,
          ...where,
          suggestion: near === null ? null : `did you mean "${near}"?`,
        },
      ];
    }
    case "invalid_type": {
      if (valueAt(source, path) === undefined) {
        const key = String(path.at(-1) ?? "");
        return [
          {
            code: "runbook.missing-key",
            message:
              path.length === 0
                ? "the runbook is empty"
                : `"${key}" is missing: expected ${typeName(issue.expected)}`,
            ...where,
            suggestion: null,
          },
        ];
      }
      return [
        {
          code: "runbook.invalid-type",
          message: `expected ${typeName(issue.expected)}${got(source, path)}`,
          ...where,
          suggestion: null,
        },
      ];
    }
    case "invalid_union": {
      // The branch that got furthest says what the user most likely meant.
      const branches = issue.errors.filter((branch) => branch.length > 0);
      const deepest = branches.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
      if (deepest !== undefined && depth(deepest) > 0) {
        return deepest.flatMap((nested) =>
          fromIssue({ ...nested, path: [...issue.path, ...nested.path] } as Issue, schema, source, base),
        );
      }
      const unknown = branches.find((branch) => branch.some((nested) => nested.code === "unrecognized_keys"));
      if (unknown !== undefined && issue.errors.length > 0) {
        const best = branches.sort((a, b) => a.length - b.length)[0]!;
        return best.flatMap((nested) =>
          fromIssue({ ...nested, path: [...issue.path, ...nested.path] } as Issue, schema, source, base),
        );
      }
      const expected = [
        ...new Set(
          branches
            .flat()
            .map((nested) => (nested.code === "invalid_type" ? typeName(nested.expected) : nested.message)),
        ),
      ];
      return [
        {
          code: "runbook.invalid-type",
          message: `expected ${expected.join(" or ")}${got(source, path)}`,
          ...where,
          suggestion: null,
        },
      ];
    }
    case "too_small":
    case "too_big": {
      const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
      const relation =
        issue.code === "too_small"
          ? issue.inclusive === false
            ? "more than"
            : "at least"
          : issue.inclusive === false
            ? "less than"
            : "at most";
      const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " items" : "";
      return [
        {
          code: "runbook.invalid-value",
          message: `expected ${relation} ${limit}${unit}${got(source, path)}`,
          ...where,
          suggestion: null,
        },
      ];
    }
    default:
      return [
        {
          code: "runbook.invalid-value",
          message: `${issue.message}${got(source, path)}`,
          ...where,
          suggestion: null,
        },
      ];
  }
}

const depth = (branch: readonly Issue[]): number => Math.max(...branch.map((issue) => issue.path.length));

function got(source: RunbookSource, path: RunbookPath): string {
  const value = valueAt(source, path);
  if (value === undefined) return "";
  if (value === null) return ", got nothing";
  if (Array.isArray(value)) return ", got a list";
  if (typeof value === "object") return ", got a mapping";
  const text = JSON.stringify(value);
  return `, got ${text.length > 60 ? `${text.slice(0, 57)}…"` : text}`;
}

function valueAt(source: RunbookSource, path: RunbookPath): unknown {
  let value: unknown = source.document.toJS();
  for (const part of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};
const typeName = (expected: string): string => TYPE_NAMES[expected] ?? expected;

/** The keys that the schema knows at a path, for "did you mean". */
function keysAt(schema: z.ZodType, path: RunbookPath): string[] {
  let candidates: z.core.$ZodType[] = [schema];
  for (const part of path) candidates = candidates.flatMap((candidate) => children(candidate, part));
  return [
    ...new Set(candidates.flatMap(unwrap).flatMap((candidate) => Object.keys(shapeOf(candidate) ?? {}))),
  ];
}

function children(schema: z.core.$ZodType, part: string | number): z.core.$ZodType[] {
  return unwrap(schema).flatMap((candidate) => {
    const def = candidate._zod.def as {
      type: string;
      element?: z.core.$ZodType;
      valueType?: z.core.$ZodType;
    };
    if (def.type === "array" && def.element) return [def.element];
    if (def.type === "record" && def.valueType) return [def.valueType];
    const child = shapeOf(candidate)?.[String(part)];
    return child ? [child] : [];
  });
}

const shapeOf = (schema: z.core.$ZodType): Record<string, z.core.$ZodType> | null => {
  const def = schema._zod.def as { type: string; shape?: Record<string, z.core.$ZodType> };
  return def.type === "object" && def.shape ? def.shape : null;
};

/** Sees through optional, default, nullable, pipe and union. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = schema._zod.def as {
    type: string;
    innerType?: z.core.$ZodType;
    options?: z.core.$ZodType[];
    in?: z.core.$ZodType;
  };
  if (def.innerType) return unwrap(def.innerType);
  if (def.options) return def.options.flatMap(unwrap);
  if (def.in) return unwrap(def.in);
  return [schema];
}
