import type { z } from "zod";
import type { Diagnostic } from "../kit/diagnostic.js";
import { nearest } from "../kit/suggest.js";
import { keysAt, unionAt } from "./schema-tree.js";
import type { RunbookPath, RunbookSource } from "./source.js";
import { got, inQuotes, itemCount, shown, typeName, valueAt } from "./values.js";

type Issue = z.core.$ZodIssue;

/** What is being checked: a schema and the place that its value has in the file. */
interface Subject {
  readonly schema: z.core.$ZodType;
  readonly source: RunbookSource;
  readonly base: RunbookPath;
}

/** Turns zod's issues into diagnostics with places and suggestions. `base` is where the checked value stands. */
export function diagnose(
  error: z.ZodError,
  schema: z.ZodType,
  source: RunbookSource,
  base: RunbookPath,
): Diagnostic[] {
  return withoutEchoes(error.issues.flatMap((issue) => fromIssue(issue, { schema, source, base })));
}

/** A diagnostic with what is needed to see that two of them are about one slip. */
interface Finding extends Diagnostic {
  /** The key that is missing, or that an unknown key was probably meant to be, with the mapping it belongs to. */
  readonly key: string | null;
}

/** A misspelt key is missing under its right name as well; saying so twice helps nobody. */
function withoutEchoes(findings: readonly Finding[]): Diagnostic[] {
  const meant = new Set(findings.flatMap(({ code, key }) => (code === "runbook.unknown-key" ? [key] : [])));
  return findings
    .filter(({ code, key }) => code !== "runbook.missing-key" || !meant.has(key))
    .map(({ key: _, ...diagnostic }) => diagnostic);
}

function fromIssue(issue: Issue, subject: Subject): Finding[] {
  const { source, base, schema } = subject;
  const inner = issue.path.filter((part) => typeof part !== "symbol") as (string | number)[];
  const path = [...base, ...inner];
  const invalid = (message: string, suggestion: string | null = null): Finding[] => [
    { code: "runbook.invalid-value", message, ...source.at(path), suggestion, key: null },
  ];

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(key, path, keysAt(schema, inner), source));
    case "invalid_type":
      if (path.length === 0 && valueAt(source, path) === null) return invalid("the runbook is empty");
      if (valueAt(source, path) === undefined) return [missingKey(path, issue.expected, source)];
      return invalid(
        `expected ${typeName(issue.expected)}${got(source, path)}`,
        issue.expected === "string" ? inQuotes(source, path) : null,
      );
    case "invalid_value":
      if (valueAt(source, path) === undefined) return [missingKey(path, choice(issue.values), source)];
      return invalid(
        `expected ${choice(issue.values)}${got(source, path)}`,
        nearestChoice(valueAt(source, path), issue.values),
      );
    case "invalid_union":
      return (
        fromUnion(issue, subject, inner) ??
        invalid(
          `${alternatives(issue.errors)}${got(source, path)}`,
          issue.errors.some(isNoText) ? inQuotes(source, path) : null,
        )
      );
    case "too_small":
    case "too_big":
      return invalid(`expected ${bound(issue)}${got(source, path)}`);
    case "custom":
      return invalid(issue.message);
    case "invalid_key": {
      const key = String(path.at(-1));
      const message = `${issue.issues[0]?.message ?? issue.message}, got ${shown(key)}`;
      const place = source.atKey(path.slice(0, -1), key);
      return [{ code: "runbook.invalid-value", message, ...place, suggestion: null, key: null }];
    }
    default:
      return invalid(`${issue.message}${got(source, path)}`);
  }
}

function unknownKey(
  key: string,
  path: RunbookPath,
  known: readonly string[],
  source: RunbookSource,
): Finding {
  const near = nearest(key, known);
  return {
    code: "runbook.unknown-key",
    message: `unknown key "${key}"`,
    ...source.atKey(path, key),
    suggestion:
      near !== null ? `did you mean "${near}"?` : known.length > 0 ? `known keys: ${known.join(", ")}` : null,
    key: near === null ? null : JSON.stringify([...path, near]),
  };
}

function missingKey(path: RunbookPath, expected: string, source: RunbookSource): Finding {
  const { path: parent, span } = source.atParent(path.slice(0, -1));
  return {
    code: "runbook.missing-key",
    message: `"${path.at(-1)}" is missing${parent === "" ? "" : ` in ${parent}`}: expected ${typeName(expected)}`,
    path: parent === "" ? String(path.at(-1)) : `${parent}.${path.at(-1)}`,
    span,
    suggestion: null,
    key: JSON.stringify(path),
  };
}

/**
 * The issues of the alternative that the user most likely meant: of those that take this kind of value at all, the one that knows most of
 * the keys that are there, then the one with the fewest issues. Null when no alternative takes this kind of value.
 */
function fromUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  { schema, source, base }: Subject,
  inner: RunbookPath,
): Finding[] | null {
  const value = valueAt(source, [...base, ...inner]);
  const isOtherKind = ({ code, path }: Issue) =>
    path.length === 0 && (code === "invalid_type" || (code === "invalid_value" && typeof value === "object"));
  const unknownKeys = (branch: readonly Issue[]) =>
    branch.reduce((count, nested) => {
      // Nothing that tells which of its own alternatives is meant: it knows no key at all.
      if (nested.code === "invalid_union" && nested.errors.length === 0) return Number.POSITIVE_INFINITY;
      return nested.code === "unrecognized_keys" && nested.path.length === 0
        ? count + nested.keys.length
        : count;
    }, 0);
  const [best] = issue.errors
    .map((branch, option) => ({ branch, option }))
    .filter(({ branch }) => !branch.some(isOtherKind))
    .map((option) => ({ ...option, unknown: unknownKeys(option.branch) }))
    .sort((a, b) =>
      a.unknown === b.unknown ? a.branch.length - b.branch.length : a.unknown < b.unknown ? -1 : 1,
    );
  if (best === undefined || best.branch.length === 0) return null;
  const options = unionAt(schema, inner, issue.errors.length);
  const subject = { schema: options?.[best.option] ?? schema, source, base: [...base, ...inner] };
  return best.branch.flatMap((nested) => fromIssue(nested, subject));
}

function alternatives(branches: readonly (readonly Issue[])[]): string {
  const expected = branches
    .flat()
    .map((nested) => (nested.code === "invalid_type" ? typeName(nested.expected) : nested.message));
  return expected.length === 0
    ? "this is not what is expected here"
    : `expected ${[...new Set(expected)].join(" or ")}`;
}

function bound(issue: Extract<Issue, { code: "too_small" | "too_big" }>): string {
  const isSmall = issue.code === "too_small";
  const limit = isSmall ? issue.minimum : issue.maximum;
  const relation =
    issue.inclusive === false ? (isSmall ? "more than" : "less than") : isSmall ? "at least" : "at most";
  if (issue.origin === "array") return `${relation} ${itemCount(Number(limit))}`;
  if (issue.origin !== "string") return `${relation} ${limit}`;
  return Number(limit) === 1 && isSmall ? "text" : `${relation} ${limit} characters`;
}

const choice = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;

function nearestChoice(value: unknown, values: readonly unknown[]): string | null {
  if (values.length === 1 || typeof value !== "string") return null;
  const near = nearest(value, values.map(String));
  return near === null ? null : `did you mean "${near}"?`;
}

/** Of an alternative that is text. */
const isNoText = (branch: readonly Issue[]): boolean =>
  branch.some((one) => one.code === "invalid_type" && one.path.length === 0 && one.expected === "string");
