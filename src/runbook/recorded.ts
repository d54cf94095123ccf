import { createHash } from "node:crypto";
import type { Json } from "../kit/json.js";
import type { EnvironmentValue } from "./environment.js";

/** A copy in which values from the environment are replaced by what was written and a digest of the value. */
export function withoutSecrets(value: unknown, hidden: readonly EnvironmentValue[], depth: number): Json {
  const copy = structuredClone(value) as Json;
  for (const { path, written } of hidden) {
    let parent: unknown = copy;
    for (const part of path.slice(depth, -1))
      parent = (parent as Record<string | number, unknown> | undefined)?.[part];
    const key = path.at(-1)!;
    const current = (parent as Record<string | number, unknown> | undefined)?.[key];
    if (current === undefined) continue;
    (parent as Record<string | number, unknown>)[key] =
      `${written} = sha256:${sha256(String(current)).slice(0, 16)}`;
  }
  return copy;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
