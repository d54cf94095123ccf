import type { Panel } from "../panel/panel.js";
import { expectationOf, quarterError } from "./expected.js";
import type { Finding } from "./finding.js";
import { at, type Grid, gridOf, labelAt, median } from "./grid.js";
import { attributeGroups } from "./scopes.js";

type UnitFinding = Extract<Finding, { readonly cause: "unit-change" }>;

const FEWEST_SERIES = 2;
const FEWEST_VALUES = 6;
/** Last digits are 0 in one value of ten, and `5.590` is 5.59. */
const THREE_PLACES = 0.75;
/** A value is nearer to its series' whole numbers when it is multiplied by 1000. */
const HALFWAY = Math.sqrt(1000);

/** Numbers in which a point that separates thousands was read as a decimal point, and the panel as it was meant. */
export interface Thousands {
  readonly finding: UnitFinding;
  readonly meant: Panel;
}

/**
 * `5.595` for 5595: numbers below a thousand are whole as they should be, those above are 1 to 999 with three decimal places and nothing else. A series
 * that holds both tells, where its whole numbers are of the size that the others have without the point. Numbers with other decimals say the opposite.
 */
export function pointOfThousands(grid: Grid): Thousands | null {
  const kinds = grid.panel.series.map((_, s) => kindOf(grid, s));
  const telling = kinds.filter(({ kind }) => kind === "both").length;
  // 861 that came as 0.861 was divided: that is a unit, and no point.
  if (kinds.filter(({ kind }) => kind === "divided").length > 0.1 * telling) return null;
  const members = kinds.flatMap(({ kind }, s) => (kind === "both" || kind === "points" ? [s] : []));
  const values = members.flatMap((s) => kinds[s]!.points);
  const places = values.filter((value) => Math.round(value * 1000) % 10 !== 0).length;
  if (telling < Math.min(FEWEST_SERIES, grid.panel.series.length) || values.length < FEWEST_VALUES)
    return null;
  if (places < THREE_PLACES * values.length) return null;
  // Series with nothing but such numbers may just be in thousands: they join those that tell, and do not outvote them.
  const other = members.length - telling;
  const scope = telling >= 0.2 * members.length ? members : members.filter((s) => kinds[s]!.kind === "both");
  const columns = scope.flatMap((s) => columnsOf(grid, s));
  const from = columns.reduce((a, b) => Math.min(a, b), grid.columns);
  const last = columns.reduce((a, b) => Math.max(a, b), 0);
  if (last < grid.start) return null;
  const meant = restored(grid.panel, new Set(scope));
  const [before, after] = [errorOf(grid, scope), errorOf(gridOf(meant), scope)];
  return {
    meant,
    finding: {
      cause: "unit-change",
      score: other > 4 * telling ? 0.9 : 0.99,
      scope: scopeOf(grid.panel, scope),
      factor: 1 / 1000,
      first: labelAt(grid, from),
      last: labelAt(grid, last),
      error: before,
      errorUndone: after,
      errorBefore: after,
      history: false,
      reading: "thousands-point",
    },
  };
}

interface Kind {
  /** Of a series: thousands by point beside whole numbers of their size, such points alone, whole numbers alone, a thousandth of its other numbers, or something else. */
  readonly kind: "both" | "points" | "whole" | "divided" | "other";
  readonly points: readonly number[];
}

function kindOf(grid: Grid, s: number): Kind {
  const points: number[] = [];
  const whole: number[] = [];
  let below = 0;
  for (let column = 0; column < grid.columns; column++) {
    const value = Math.abs(at(grid, s, column));
    if (Number.isNaN(value) || value === 0) continue;
    if (Number.isInteger(value)) whole.push(value);
    else if (isThousandths(value) && value < 1000) {
      points.push(value);
      if (value < 1) below++;
    } else return { kind: "other", points: [] };
  }
  if (points.length === 0) return { kind: "whole", points };
  if (whole.length === 0 && below > 0) return { kind: "other", points: [] };
  if (whole.length === 0) return { kind: "points", points };
  // 2000 came as `2.000`, which is 2: whole numbers of the points' own size say nothing.
  const large = whole.filter((value) => value >= 10 * median(points));
  if (large.length === 0) return { kind: "other", points: [] };
  const size = median(large);
  const nearer = points.filter((value) => value * HALFWAY < size).length;
  if (nearer < 0.95 * points.length) return { kind: "other", points: [] };
  return { kind: below > 0 ? "divided" : "both", points };
}

/** With at most three decimal places. */
const isThousandths = (value: number): boolean => Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-6;

function columnsOf(grid: Grid, s: number): number[] {
  const columns: number[] = [];
  for (let column = 0; column < grid.columns; column++) {
    const value = Math.abs(at(grid, s, column));
    if (!Number.isNaN(value) && !Number.isInteger(value)) columns.push(column);
  }
  return columns;
}

/** Every value of the members with a point, times 1000; `2.000`, which is 2 now, where all of the period's other values have a point. */
function restored(panel: Panel, members: ReadonlySet<number>): Panel {
  const target = panel.target.slice();
  for (const s of members) {
    const rows = { first: panel.offsets[s]!, end: panel.offsets[s + 1]! };
    const points: number[] = [];
    for (let row = rows.first; row < rows.end; row++) {
      if (Number.isFinite(target[row]!) && !Number.isInteger(target[row]!))
        points.push(Math.abs(target[row]!));
    }
    const size = median(points);
    for (let row = rows.first; row < rows.end; row++) {
      const value = Math.abs(target[row]!);
      const isRound = Number.isInteger(value) && value > 0 && value <= 4 * size;
      if (Number.isFinite(value) && (!Number.isInteger(value) || isRound)) target[row] = target[row]! * 1000;
    }
  }
  return { ...panel, target };
}

function errorOf(grid: Grid, members: readonly number[]): number {
  const error = quarterError(grid, expectationOf(grid, grid.start), members);
  return Number.isNaN(error) ? 0 : error;
}

/** One value of an attribute where it says which series they are. */
function scopeOf(panel: Panel, members: readonly number[]): UnitFinding["scope"] {
  const own = new Set(members);
  const group = attributeGroups(panel, 1).find(
    (each) =>
      members.length >= 0.9 * each.members.length &&
      each.members.filter((s) => own.has(s)).length >= 0.9 * members.length,
  );
  return {
    attribute: group?.attribute ?? null,
    value: group?.value ?? null,
    series: members.length,
    of: group?.members.length ?? panel.series.length,
  };
}
