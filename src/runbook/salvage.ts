import type { z } from "zod";
import type { RunbookPath } from "./source.js";

/** What a schema takes of a value once the parts are out that it does not take. */
export interface Salvaged {
  /** As the schema gives it, with its defaults. */
  readonly value: unknown;
  /** What was left out, by paths in the value as it was. */
  readonly leftOut: readonly RunbookPath[];
  /** Where something stands in the value as it was: items of a list move up where one before them was left out. */
  original(path: RunbookPath): RunbookPath;
}

/** More mistakes than anybody makes in one section. */
const MOST_ROUNDS = 20;

/**
 * Null where nothing useful is left, as where a key is missing that must be there.
 * @param wrong paths of parts that are left out in any case
 */
export function salvage(
  schema: z.ZodType,
  given: unknown,
  wrong: readonly RunbookPath[] = [],
): Salvaged | null {
  const rest = structuredClone(given);
  const places = new Map<readonly unknown[], number[]>();
  const placesOf = (list: readonly unknown[]): number[] => {
    const known = places.get(list) ?? list.map((_, index) => index);
    places.set(list, known);
    return known;
  };
  const original = (path: RunbookPath): RunbookPath => {
    let node: unknown = rest;
    return path.map((part) => {
      const own = Array.isArray(node) && typeof part === "number" ? (placesOf(node)[part] ?? part) : part;
      node = member(node, part);
      return own;
    });
  };
  const leftOut: RunbookPath[] = [];
  const leave = (paths: readonly RunbookPath[]): boolean => {
    const targets = distinct(paths.map((path) => existing(rest, path)));
    if (targets.some((path) => path.length === 0)) return false;
    // What stands later in a list goes first, so that no place moves before its turn.
    targets.sort((a, b) => compare(b, a));
    leftOut.push(...targets.map(original));
    for (const path of targets) remove(rest, path, placesOf);
    return true;
  };
  if (!leave(wrong)) return null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, leftOut, original };
    if (!leave(parsed.error.issues.flatMap(pathsOf))) return null;
  }
  return null;
}

function pathsOf(issue: z.core.$ZodIssue): RunbookPath[] {
  const path = issue.path.filter((part) => typeof part !== "symbol") as RunbookPath;
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

const member = (node: unknown, part: string | number): unknown =>
  typeof node === "object" && node !== null && Object.hasOwn(node, part)
    ? (node as Record<string | number, unknown>)[part]
    : undefined;

/** The part of the path that is there: where a key is missing, the mapping that lacks it is of no use. */
function existing(root: unknown, path: RunbookPath): RunbookPath {
  let node = root;
  for (const [depth, part] of path.entries()) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, part)) return path.slice(0, depth);
    node = member(node, part);
  }
  return path;
}

/** Each once, and none that lies in another. */
function distinct(paths: readonly RunbookPath[]): RunbookPath[] {
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique.filter(
    (path) =>
      !unique.some(
        (other) => other.length < path.length && other.every((part, depth) => part === path[depth]),
      ),
  );
}

function compare(a: RunbookPath, b: RunbookPath): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [one, other] = [a[depth]!, b[depth]!];
    if (one === other) continue;
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}

function remove(root: unknown, path: RunbookPath, placesOf: (list: readonly unknown[]) => number[]): void {
  const parent = path.slice(0, -1).reduce<unknown>((node, part) => member(node, part), root);
  const key = path.at(-1)!;
  if (Array.isArray(parent) && typeof key === "number") {
    placesOf(parent).splice(key, 1);
    parent.splice(key, 1);
  } else delete (parent as Record<string | number, unknown>)[key];
}
