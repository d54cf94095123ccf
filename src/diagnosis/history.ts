import type { ValidationReport } from "../kit/artifacts/validation.js";
import type { Finding } from "./finding.js";
import { clamp, median } from "./grid.js";
import { unitNear } from "./levels.js";

type Profile = ValidationReport["profile"];

/** The profile of the panel that the quarter before saw. */
export interface PreviousProfile {
  readonly quarter: string;
  readonly profile: Profile;
}

/** Relative difference below which two sums are the same. */
const SAME = 1e-6;
const FEWEST = 4;

/** What became of the periods that the run of the quarter before saw too: multiplied, moved in time, or rewritten in some other way. */
export function historyFindings(
  now: Profile,
  previous: PreviousProfile | null,
  series: number,
  restatedRows: ValidationReport["restated"],
): Finding[] {
  if (previous === null) return [];
  const then = new Map(previous.profile.map((row) => [row.period, row]));
  const common = now.flatMap((row) => {
    const old = then.get(row.period);
    return old === undefined ? [] : [{ now: row, old }];
  });
  const restated = common.filter(
    (pair) => pair.now.rows !== pair.old.rows || !isSame(pair.now.total, pair.old.total),
  );
  if (restated.length === 0 || common.length < FEWEST) return [];
  const total = common.reduce((sum, pair) => sum + Math.abs(pair.old.total), 0);
  const change = common.reduce((sum, pair) => sum + Math.abs(pair.now.total - pair.old.total), 0);
  const rewritten: Finding = {
    cause: "history-rewritten",
    score: clamp(0.15 + (total > 0 ? change / total : 1) + (0.2 * restated.length) / common.length, 0, 0.7),
    since: previous.quarter,
    periods: restated.length,
    of: common.length,
    change: total > 0 ? change / total : 1,
    rows: rowsOf(restatedRows),
  };
  return [...movedInTime(now, previous.profile, series), ...multiplied(common, series), rewritten];
}

function rowsOf(restated: ValidationReport["restated"]) {
  if (restated === null || restated.rows === null || restated.ofRows === null) return null;
  const { rows: changed, ofRows: of, series, attribute, value, change } = restated;
  return { changed, of, series, attribute, value, change };
}

type Pair = { readonly now: Profile[number]; readonly old: Profile[number] };

function multiplied(common: readonly Pair[], series: number): Finding[] {
  const filled = common.filter((pair) => pair.old.total > 0 && pair.now.total > 0);
  const logs = filled.map((pair) => Math.log(pair.now.total / pair.old.total));
  const log = median(logs);
  const agreeing = logs.filter((own) => Math.abs(own - log) <= 0.02).length;
  if (filled.length < FEWEST || Math.abs(log) < 0.05 || agreeing < 0.8 * filled.length) return [];
  const level = (factor: number) => ({
    score: 0.96,
    scope: { attribute: null, value: null, series, of: series },
    factor,
    first: filled[0]!.now.period,
    last: filled.at(-1)!.now.period,
    error: Math.abs(Math.exp(log) - 1),
    errorUndone: Math.abs(Math.exp(log) / factor - 1),
    errorBefore: 0,
    history: true,
  });
  const unit = unitNear(log, 0.03, 0.03);
  if (unit !== null) return [{ cause: "unit-change", ...level(unit) }];
  const copies = [2, 3].find((factor) => Math.abs(log - Math.log(factor)) < 0.01);
  if (copies === undefined) return [];
  const twice = { divisible: null, divisibleBefore: null, duplicateRows: 0 };
  return [{ cause: "duplicated-rows", ...level(copies), ...twice }];
}

/** Sums that are those of other months, digit by digit. */
function movedInTime(now: Profile, then: Profile, series: number): Finding[] {
  const index = new Map(then.map((row, i) => [row.period, i]));
  const shareEqual = (months: number) => {
    let [equal, n] = [0, 0];
    for (const row of now) {
      const i = index.get(row.period);
      const old = i === undefined ? undefined : then[i - months];
      if (old === undefined) continue;
      n++;
      if (isSame(row.total, old.total)) equal++;
    }
    return n < FEWEST ? 0 : equal / n;
  };
  const own = shareEqual(0);
  const best = [1, -1, 2, -2, 3, -3]
    .map((months) => ({ months, share: shareEqual(months) }))
    .sort((a, b) => b.share - a.share)[0]!;
  if (best.share < 0.8 || own > 0.2) return [];
  const weights = { weight: best.share, weightBefore: own };
  return [{ cause: "season-shifted", score: 0.98, months: best.months, ...weights, series, history: true }];
}

const isSame = (a: number, b: number): boolean =>
  Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b));
