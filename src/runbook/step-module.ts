import type { AnyStepType } from "../kit/step.js";

/** `uses: ./my-step.mjs` names a module by a path that begins with a dot; anything else is the name of a step type. */
export const MODULE_PATTERN = /^\.\.?[/\\]/;

/** A module that a runbook uses, loaded; or what is wrong with it, and what to do. */
export type LoadedModule =
  | { readonly ok: true; readonly type: AnyStepType }
  | { readonly ok: false; readonly message: string; readonly suggestion: string | null };

/** By the text of `uses:`. */
export type LoadedModules = ReadonlyMap<string, LoadedModule>;

/** The modules that the steps of an unchecked runbook name, each once, in runbook order. */
export function usedModules(raw: unknown): string[] {
  const steps = (raw as { steps?: unknown } | null)?.steps;
  if (!Array.isArray(steps)) return [];
  const uses = steps.map((step) => (step as { uses?: unknown } | null)?.uses);
  return [
    ...new Set(uses.filter((text) => typeof text === "string" && MODULE_PATTERN.test(text))),
  ] as string[];
}
