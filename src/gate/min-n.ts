import type { Rule } from "./rule-params.js";

/** The smallest group that is judged, where the rule does not say. */
export const GROUP_MIN_N = 10;

/** Observations that the rule asks for, each side of a drift test and each group with `by`; null where it takes any number. */
export function minNOf(rule: Rule): number | null {
  if ("ks" in rule) return rule.ks.minN;
  if ("psi" in rule) return rule.psi.minN;
  if ("missing" in rule) return rule.missing.minN;
  if ("freshness" in rule) return null;
  if ("expr" in rule) return rule.minN ?? 1;
  return rule.minN ?? (rule.by === undefined ? 1 : GROUP_MIN_N);
}

/** Where it stands among the rule's parameters. */
export function minNPath(rule: Rule): readonly string[] {
  const test = (["ks", "psi", "missing"] as const).find((kind) => kind in rule);
  return test === undefined ? ["minN"] : [test, "minN"];
}
