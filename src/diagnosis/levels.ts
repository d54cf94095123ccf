import { divisibility } from "./divisible.js";
import { type Expectation, expectationOf, logRatio, quarterError, totalError } from "./expected.js";
import type { Finding } from "./finding.js";
import { clamp, type Grid, labelAt, median, ordinaryMost } from "./grid.js";
import { allSeries, attributeGroups, type Group } from "./scopes.js";

/** Factors that a change of unit brings: decimal places, thousands, dozens, days, weeks and months of a year, minutes. */
const UNITS = [7, 10, 12, 24, 30.4, 52, 60, 100, 365, 1e3, 1e4, 1e6, 1e9];
/** How far, as a ratio, a factor may be from a unit's: what the level itself may have moved by. */
const UNIT_TOLERANCE = Math.log(1.12);
/** From 100 on, units are further apart, and nothing but a unit is that large. */
const LARGE_UNIT = 100;
const LARGE_UNIT_TOLERANCE = Math.log(1.5);
const COPIES = [2, 3];
const COPY_TOLERANCE = Math.log(1.12);
/** Where this many values can all be divided, that says it, and the level may have moved besides. */
const DECISIVE_VALUES = 20;
const DECISIVE_COPY_TOLERANCE = Math.log(1.5);
/** Without counts, whose divisibility tells, a factor has to be this close to 2 or 3. */
const BLIND_COPY_TOLERANCE = Math.log(1.04);
const FEWEST_CONVERTED = 3;
const SMALLEST_SHIFT = Math.log(1.1);
/** An error that no plan would notice, in units of the series' level. */
const NEGLIGIBLE = 0.02;
const ORDINARY_WITHOUT_HISTORY = 0.25;

type LevelFinding = Extract<Finding, { readonly cause: "unit-change" | "level-shift" | "duplicated-rows" }>;

/** How far a quarter is from what was expected of some series. */
type Measure = typeof quarterError;

/**
 * The quarter's level beside what the series' past leads to expect: of all series, of each group that an attribute makes, of copied rows. Errors are
 * measured series by series, and of the series together: where each is noisy, a common change shows in their total.
 */
export function levelFindings(grid: Grid): LevelFinding[] {
  const now = expectationOf(grid, grid.start);
  const before = grid.earlier.map((start) => expectationOf(grid, start));
  return [quarterError, totalError].flatMap((measure) => measuredFindings({ grid, now, before, measure }));
}

interface Scene {
  readonly grid: Grid;
  readonly now: Expectation;
  readonly before: readonly Expectation[];
  readonly measure: Measure;
}

function measuredFindings(scene: Scene): LevelFinding[] {
  const { grid, now, measure } = scene;
  const all = allSeries(grid.panel);
  const whole = groupFinding(scene, all);
  const groups = attributeGroups(grid.panel);
  const excess = (group: Group) => {
    const error = measure(grid, now, group.members);
    return Math.max(0, error - ordinary(scene, group).most) * group.members.length || 0;
  };
  const parts = groups.flatMap((group) => {
    const peers = groups.filter(({ attribute }) => attribute === group.attribute);
    const total = peers.reduce((sum, peer) => sum + excess(peer), 0);
    const finding = groupFinding(scene, group);
    return finding === null
      ? []
      : [{ ...finding, score: finding.score * (total > 0 ? excess(group) / total : 0) }];
  });
  const copied = copiedSeries(grid, now);
  const some = copied === null ? null : groupFinding(scene, copied);
  const twice = some?.cause === "duplicated-rows" ? some : null;
  const converted = convertedSeries(grid, now);
  const few = converted === null ? null : groupFinding(scene, converted);
  const inUnit =
    few?.cause === "unit-change" ? { ...few, scope: { ...few.scope, of: grid.panel.series.length } } : null;
  return [whole, ...parts, twice, inUnit].flatMap((finding) => (finding === null ? [] : [finding]));
}

function ordinary({ grid, before, measure }: Scene, { members }: Group) {
  const errors = before
    .map((expectation) => measure(grid, expectation, members))
    .filter((error) => !Number.isNaN(error));
  return errors.length === 0
    ? { most: ORDINARY_WITHOUT_HISTORY, middle: ORDINARY_WITHOUT_HISTORY / 2 }
    : { most: Math.max(NEGLIGIBLE, ordinaryMost(errors)), middle: median(errors) };
}

function groupFinding(scene: Scene, group: Group): LevelFinding | null {
  const { grid, now, before, measure } = scene;
  const error = measure(grid, now, group.members);
  const usual = ordinary(scene, group);
  const severity = clamp(1 - usual.most / error);
  if (!(severity > 0)) return null;
  const shifts = Array.from({ length: grid.size }, (_, i) => shiftFrom(scene, now, group, grid.start + i));
  const best = shifts
    .filter((shift) => Math.abs(shift.log) >= SMALLEST_SHIFT)
    .sort((a, b) => a.errorUndone - b.errorUndone || a.from - b.from)[0];
  if (best === undefined) return null;
  const drifts = before.map((past) => Math.abs(shiftFrom(scene, past, group, past.start).log));
  const usualLog = drifts.length === 0 ? SMALLEST_SHIFT : ordinaryMost(drifts);
  const distinct = clamp(1 - (usualLog || 0) / Math.abs(best.log));
  const explained = clamp((error - best.errorUndone) / (error - Math.min(usual.middle, error / 2)));
  const level = {
    score: clamp(Math.sqrt(severity * distinct) * explained * best.agreement),
    scope: {
      attribute: group.attribute,
      value: group.value,
      series: best.series,
      of: group.attribute === null ? grid.panel.series.length : group.members.length,
    },
    factor: best.factor,
    first: labelAt(grid, best.from),
    last: labelAt(grid, grid.columns - 1),
    error,
    errorUndone: best.errorUndone,
    errorBefore: usual.middle,
    history: false,
  };
  if (best.unit) return { cause: "unit-change", ...level };
  if (best.copies === null) return { cause: "level-shift", ...level };
  const { share, shareBefore } = best.copies;
  return {
    cause: "duplicated-rows",
    ...level,
    divisible: share,
    divisibleBefore: shareBefore,
    duplicateRows: 0,
  };
}

interface Shift {
  readonly from: number;
  readonly log: number;
  /** The factor that is undone: that of the unit or number of copies where it is one. */
  readonly factor: number;
  readonly unit: boolean;
  /** How many of the values can be divided by the factor, where that says that rows stand twice. */
  readonly copies: { readonly share: number | null; readonly shareBefore: number | null } | null;
  readonly series: number;
  /** Share of the series that moved the same way by at least half of it. */
  readonly agreement: number;
  readonly errorUndone: number;
}

function shiftFrom({ grid, measure }: Scene, expectation: Expectation, group: Group, from: number): Shift {
  const logs = group.members
    .map((s) => logRatio(grid, expectation, s, from))
    .filter((log) => !Number.isNaN(log));
  const log = median(logs);
  const unit = unitNear(log);
  const copies = unit === null ? copiesNear(grid, group, log, from) : null;
  const factor = unit ?? copies?.factor ?? Math.exp(log);
  const agreeing = logs.filter(
    (own) => Math.sign(own) === Math.sign(log) && Math.abs(own) >= Math.abs(log) / 2,
  );
  return {
    from,
    log: Number.isNaN(log) ? 0 : log,
    factor,
    unit: unit !== null,
    copies,
    series: agreeing.length,
    agreement: logs.length === 0 ? 0 : agreeing.length / logs.length,
    errorUndone: measure(grid, expectation, group.members, (_, column, value) =>
      column >= from ? value / factor : value,
    ),
  };
}

/** The unit whose factor, or one over it, is nearest to e^log, where one is near. */
export function unitNear(
  log: number,
  tolerance = UNIT_TOLERANCE,
  largeTolerance = LARGE_UNIT_TOLERANCE,
): number | null {
  const near = UNITS.map((unit) => ({ unit, off: Math.abs(Math.abs(log) - Math.log(unit)) }))
    .filter(({ unit, off }) => off <= Math.max(tolerance, unit >= LARGE_UNIT ? largeTolerance : 0))
    .sort((a, b) => a.off - b.off)[0];
  return near === undefined ? null : log > 0 ? near.unit : 1 / near.unit;
}

function copiesNear(grid: Grid, { members }: Group, log: number, from: number) {
  const off = (factor: number) => Math.abs(log - Math.log(factor));
  const candidates = COPIES.filter((factor) => off(factor) <= DECISIVE_COPY_TOLERANCE).sort(
    (a, b) => off(a) - off(b),
  );
  for (const factor of candidates) {
    const found = divisibility(grid, members, factor, from);
    if (found === null) {
      if (off(factor) <= BLIND_COPY_TOLERANCE) return { factor, share: null, shareBefore: null };
      continue;
    }
    const tolerance = found.n >= DECISIVE_VALUES ? DECISIVE_COPY_TOLERANCE : COPY_TOLERANCE;
    if (found.share >= 0.97 && off(factor) <= tolerance) return { factor, ...found };
  }
  return null;
}

/** Series without an attribute in common whose values are all times one large unit: nothing else multiplies them like that. */
function convertedSeries(grid: Grid, now: Expectation): Group | null {
  const { panel } = grid;
  const moved = allSeries(panel).members.flatMap((s) => {
    const log = logRatio(grid, now, s, grid.start);
    return Math.abs(log) >= Math.log(LARGE_UNIT / 2) ? [{ s, unit: unitNear(log) }] : [];
  });
  const units = new Map<number, number[]>();
  for (const { s, unit } of moved) if (unit !== null) units.set(unit, [...(units.get(unit) ?? []), s]);
  const members = [...units.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  const isFew = members.length < FEWEST_CONVERTED || members.length < 0.8 * moved.length;
  if (isFew || members.length >= 0.9 * panel.series.length || isNamed(grid, members)) return null;
  return { attribute: null, value: null, members };
}

/** Whether one value of an attribute says better which series they are. */
function isNamed({ panel }: Grid, members: readonly number[]): boolean {
  const own = new Set(members);
  return attributeGroups(panel).some((group) => {
    const common = group.members.filter((s) => own.has(s)).length;
    return common >= 0.8 * group.members.length && common >= 0.8 * members.length;
  });
}

/** Series without an attribute in common whose values all doubled, as when one of several files was loaded twice. */
function copiedSeries(grid: Grid, now: Expectation): Group | null {
  const { panel } = grid;
  const doubled = allSeries(panel).members.filter((s) => {
    const log = logRatio(grid, now, s, grid.start);
    return log >= Math.log(1.5) && log <= Math.log(2.7);
  });
  const members = doubled.filter((s) => divisibility(grid, [s], 2, grid.start)?.share === 1);
  // One in eight has three even values by chance: where few of those that doubled are even, something else doubled them.
  if (members.length < 0.6 * doubled.length) return null;
  const few = members.length < Math.max(4, 0.05 * panel.series.length);
  if (few || members.length >= 0.9 * panel.series.length) return null;
  return isNamed(grid, members) ? null : { attribute: null, value: null, members };
}
