import type { BacktestDocument, BacktestQuarter, BacktestScores } from "../kit/backtest.js";
import type { ReplayedQuarter } from "./replayed.js";
import { type Duel, OutlookScores } from "./scores.js";
import { chosenWmape, countFirings, sweepRules } from "./sweep.js";

/** @param replayed oldest first */
export function backtestDocument(
  model: BacktestDocument["model"],
  replayed: readonly ReplayedQuarter[],
): BacktestDocument {
  const pooled = new OutlookScores();
  for (const { scores } of replayed) if (scores !== null) pooled.merge(scores);
  return {
    model,
    quarters: replayed.map(quarterOf),
    pooled: {
      ...pooled.total,
      byLead: pooled.byLead,
      bySegment: pooled.bySegment,
      coverage: pooled.coverage,
    },
    compared: compare(replayed),
    firing: countFirings(replayed),
    sweeps: sweepRules(replayed),
  };
}

const NO_SCORES: BacktestScores = {
  n: 0,
  excluded: 0,
  wmape: null,
  mase: null,
  bias: null,
  naive: { wmape: null, mase: null },
};

function quarterOf({ scores, champion, ...replayed }: ReplayedQuarter): BacktestQuarter {
  const { quarter, cutoff, horizon, verdict, rules, seconds, ...rest } = replayed;
  return {
    quarter,
    cutoff,
    horizon,
    ...(scores?.total ?? NO_SCORES),
    verdict,
    rules,
    seconds,
    ...rest,
    champion: champion === null ? null : championOf(champion.version, champion.duel),
    byLead: scores?.byLead ?? [],
    bySegment: scores?.bySegment ?? [],
    coverage: scores?.coverage ?? [],
  };
}

const championOf = (version: string, duel: Duel): NonNullable<BacktestQuarter["champion"]> => ({
  version,
  n: duel.n,
  wmape: chosenWmape([duel], () => "champion"),
  candidate: { wmape: chosenWmape([duel], () => "candidate") },
});

function compare(replayed: readonly ReplayedQuarter[]): BacktestDocument["compared"] {
  const pairs = replayed.flatMap(({ champion, live }) =>
    champion === null ? [] : [{ duel: champion.duel, live }],
  );
  const duels = pairs.map(({ duel }) => duel);
  return {
    quarters: duels.length,
    n: duels.reduce((sum, { n }) => sum + n, 0),
    candidate: { wmape: chosenWmape(duels, () => "candidate") },
    champion: { wmape: chosenWmape(duels, () => "champion") },
    live: { wmape: chosenWmape(duels, (_, index) => pairs[index]!.live ?? "champion") },
    best: {
      wmape: chosenWmape(duels, ({ candidate, champion }) =>
        candidate <= champion ? "candidate" : "champion",
      ),
    },
  };
}
