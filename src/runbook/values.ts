import type { Node } from "yaml";
import { isNode, isScalar } from "yaml";
import type { RunbookPath, RunbookSource } from "./source.js";

/** The value at a path, or undefined where there is none. */
export function valueAt(source: RunbookSource, path: RunbookPath): unknown {
  let value: unknown = source.document.toJS();
  for (const part of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** `, got "six"`: what stands there in place of what was expected. A value from the environment is shown as it was written. */
export function got(source: RunbookSource, path: RunbookPath): string {
  const node = source.document.getIn(path, true);
  const reference = isNode(node) ? source.origins.get(node as Node)?.reference : undefined;
  if (reference !== undefined) return `, got the value of ${reference}`;
  const value = valueAt(source, path);
  if (value === undefined) return "";
  if (value === null) return ", got nothing";
  if (Array.isArray(value)) return value.length === 0 ? ", got an empty list" : ", got a list";
  if (typeof value === "object") return ", got a mapping";
  // JSON would turn .nan and .inf into null.
  if (typeof value === "number") return `, got ${value}`;
  return `, got ${shown(value)}`;
}

/** As JSON has it, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 2)}…"` : text;
}

/** `write "007" for text`: how YAML takes as text what it takes for a number, a truth value or nothing. */
export function inQuotes(source: RunbookSource, path: RunbookPath): string | null {
  const node = source.document.getIn(path, true);
  if (!isScalar(node) || typeof node.value === "string" || !node.source) return null;
  return source.origins.get(node)?.reference === undefined
    ? `write ${JSON.stringify(node.source)} for text`
    : null;
}

const LONGEST = 60;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  tuple: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

export const typeName = (expected: string): string => TYPE_NAMES[expected] ?? expected;

export const itemCount = (count: number): string => `${count} item${count === 1 ? "" : "s"}`;
