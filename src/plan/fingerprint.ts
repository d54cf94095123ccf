import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "../kit/json.js";

/** Bump when the meaning of a fingerprint or of a stored record changes: everything is then made anew. */
export const FORMAT_VERSION = 1;

/** Everything that a step's result may depend on. Two steps with equal components have equal results. */
export interface FingerprintComponents {
  readonly format: number;
  readonly step: { readonly type: string; readonly version: number };
  readonly params: Json;
  /** Input port → artifact hash, or null for an optional port that nobody feeds. */
  readonly inputs: Readonly<Record<string, string | null>>;
  /** Quarter, data columns, model section. */
  readonly scope: Json;
  /** What the step said that it read outside its inputs. */
  readonly external: Json;
  readonly tools: Readonly<Record<string, string>>;
}

/** `sha256:` of the canonical JSON of the components. */
export function fingerprint(components: FingerprintComponents): string {
  return `sha256:${createHash("sha256").update(canonicalJson(components)).digest("hex")}`;
}

export interface Difference {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Leaf by leaf, in path order. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (before === after) return [];
  const both = [before, after].every((value) => value !== null && typeof value === "object");
  if (!both || Array.isArray(before) !== Array.isArray(after)) {
    return canonical(before) === canonical(after)
      ? []
      : [{ path, before: before as Json, after: after as Json }];
  }
  const a = new Map<string, unknown>(Object.entries(before as object));
  const b = new Map<string, unknown>(Object.entries(after as object));
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort();
  return keys.flatMap((key) => differences(a.get(key), b.get(key), path === "" ? key : `${path}.${key}`));
}

const canonical = (value: unknown): string => (value === undefined ? "" : canonicalJson(value));
