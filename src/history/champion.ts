import { fail } from "../kit/failure.js";
import type { ModelRegistry, ModelVersion } from "../kit/registry.js";

interface BaselineScope {
  readonly model: string;
  readonly alias: string;
  readonly candidate: string;
}

/**
 * The version that a candidate is judged against: what `alias` names, or named before it was moved to this very candidate.
 * So the gate gives the same decision when it is asked again after its promotion, and a run that was killed between
 * promotion and its record ends like one that was not.
 * @returns null when no version was live before the candidate
 */
export async function baselineVersion(registry: ModelRegistry, scope: BaselineScope): Promise<string | null> {
  const live = await registry.getAlias(scope.model, scope.alias);
  if (live !== scope.candidate) return live;
  const history = await registry.aliasHistory(scope.model);
  const before = history.findLast(
    ({ alias, to, from }) => alias === scope.alias && to === scope.candidate && from !== scope.candidate,
  );
  return before?.from ?? null;
}

/**
 * The registered version that `baselineVersion` names, or null.
 * @throws FailureError `registry.version-missing` when the alias names a version that the registry does not have
 */
export async function baselineModel(
  registry: ModelRegistry,
  scope: BaselineScope,
): Promise<ModelVersion | null> {
  const version = await baselineVersion(registry, scope);
  if (version === null) return null;
  const found = await registry.getVersion(scope.model, version);
  return found ?? fail({ code: "registry.version-missing", retryable: false, name: scope.model, version });
}
