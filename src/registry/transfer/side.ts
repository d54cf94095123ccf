import type { AliasMove, ModelRegistry, ModelVersion, RegistryRun } from "../../kit/registry.js";

/** One model as one registry has it. */
export interface Side {
  readonly registry: ModelRegistry;
  readonly runs: readonly RegistryRun[];
  readonly versions: readonly ModelVersion[];
  readonly history: readonly AliasMove[];
}

export async function readSide(registry: ModelRegistry, model: string): Promise<Side> {
  // One after the other: an alias move that is in the history names a version that is in the list.
  const history = await registry.aliasHistory(model);
  const versions = await registry.listVersions(model);
  const runs = await registry.listRuns(model);
  return { registry, runs, versions, history };
}

export const byKey = <T extends { readonly key: string }>(items: readonly T[]): ReadonlyMap<string, T> =>
  new Map(items.map((item) => [item.key, item]));

/** Version numbers of the source → numbers of the versions with the same keys in the target. */
export function numbersIn(
  target: readonly ModelVersion[],
  source: readonly ModelVersion[],
): ReadonlyMap<string, string> {
  const there = byKey(target);
  return new Map(
    source.flatMap(({ key, version }) => {
      const same = there.get(key);
      return same === undefined ? [] : [[version, same.version] as const];
    }),
  );
}
