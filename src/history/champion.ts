import type { ModelRegistry } from "../kit/registry.js";

/**
 * The version that a candidate is judged against: what `alias` names, or named before it was moved to this very candidate.
 * So the gate gives the same decision when it is asked again after its promotion, and a run that was killed between
 * promotion and its record ends like one that was not.
 * @returns null when no version was live before the candidate
 */
export async function baselineVersion(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly alias: string; readonly candidate: string },
): Promise<string | null> {
  const live = await registry.getAlias(scope.model, scope.alias);
  if (live !== scope.candidate) return live;
  const history = await registry.aliasHistory(scope.model);
  const before = history.findLast(
    ({ alias, to, from }) => alias === scope.alias && to === scope.candidate && from !== scope.candidate,
  );
  return before?.from ?? null;
}
