import type { AliasMove, ModelRegistry } from "../../kit/registry.js";
import type { AliasSide, TransferredAlias } from "../../kit/transfer.js";
import { numbersIn, type Side } from "./side.js";

/** Moves that the target lacks, in the order in which they were made, and where its alias stands before them. */
interface AliasPlan extends TransferredAlias {
  readonly append: readonly AliasMove[];
}

/**
 * Appends the moves that the target lacks. An alias follows only forward: where each side has moves that the other lacks, or where an
 * alias names a version that no recorded move set it to, nothing moves.
 * @param wanted names of aliases, or null for all
 */
export async function copyMoves(
  model: string,
  source: Side,
  target: Side,
  wanted: readonly string[] | null,
): Promise<TransferredAlias[]> {
  const numbers = numbersIn(target.versions, source.versions);
  const names = new Set([...source.history, ...target.history].map(({ alias }) => alias));
  const plans = new Map<string, AliasPlan>();
  for (const alias of [...names].filter((name) => wanted?.includes(name) ?? true).sort()) {
    plans.set(alias, await planAlias(model, alias, source, target, numbers));
  }
  // Across aliases in the order in which they were made, as the history of the source shows them.
  const append = new Set([...plans.values()].flatMap((plan) => plan.append));
  const live = new Map([...plans.values()].map((plan) => [plan.alias, plan.target.version]));
  const raced = new Set<string>();
  for (const move of source.history.filter((item) => append.has(item))) {
    if (raced.has(move.alias)) continue;
    const to = numbers.get(move.to)!;
    const expected = live.get(move.alias) ?? null;
    if (await appendMove(target.registry, model, { ...move, to }, expected)) live.set(move.alias, to);
    else raced.add(move.alias);
  }
  return [...plans.values()].map(({ append: _, ...plan }) =>
    raced.has(plan.alias) ? { ...plan, outcome: "diverged", cause: "raced", appended: 0 } : plan,
  );
}

/** Answers false when the alias does not name `expected` any more. */
async function appendMove(
  registry: ModelRegistry,
  model: string,
  { alias, to, by, reason, decision, key, at, model: ref }: AliasMove,
  expected: string | null,
): Promise<boolean> {
  const request = { name: model, alias, to, expected, by, reason, decision, key, at, model: ref };
  return (await registry.moveAlias(request)).outcome !== "conflict";
}

async function planAlias(
  model: string,
  alias: string,
  source: Side,
  target: Side,
  numbers: ReadonlyMap<string, string>,
): Promise<AliasPlan> {
  const [ours, theirs] = [movesOf(source, alias), movesOf(target, alias)];
  const before = {
    alias,
    source: await standing(source.registry, model, alias, ours),
    target: await standing(target.registry, model, alias, theirs),
  };
  const still = { ...before, append: [], appended: 0, cause: null };
  const diverged = (cause: TransferredAlias["cause"]) => ({ ...still, outcome: "diverged" as const, cause });

  const isSame = (index: number) =>
    ours[index]!.key === theirs[index]!.key && numbers.get(ours[index]!.to) === theirs[index]!.to;
  const shared = Math.min(ours.length, theirs.length);
  for (let index = 0; index < shared; index++) if (!isSame(index)) return diverged("histories");
  if (!isRecorded(before.source, ours) || !isRecorded(before.target, theirs)) return diverged("unrecorded");
  if (ours.length <= theirs.length) {
    return { ...still, outcome: ours.length === theirs.length ? "there" : "ahead" };
  }
  const append = ours.slice(shared);
  if (append.some(({ to }) => !numbers.has(to))) return diverged("version-missing");
  return { ...before, append, appended: append.length, outcome: "moved", cause: null };
}

const movesOf = ({ history }: Side, alias: string): readonly AliasMove[] =>
  history.filter((move) => move.alias === alias);

async function standing(
  registry: ModelRegistry,
  model: string,
  alias: string,
  moves: readonly AliasMove[],
): Promise<AliasSide> {
  return { version: await registry.getAlias(model, alias), moves: moves.length };
}

const isRecorded = ({ version }: AliasSide, moves: readonly AliasMove[]): boolean =>
  version === (moves.at(-1)?.to ?? null);
