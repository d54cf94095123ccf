import { periodLabel } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { thousandsPoint } from "../panel/thousands.js";
import { expectationOf, quarterError } from "./expected.js";
import type { Finding } from "./finding.js";
import { type Grid, gridOf } from "./grid.js";
import { attributeGroups } from "./scopes.js";

type UnitFinding = Extract<Finding, { readonly cause: "unit-change" }>;

/** A point between thousands that was read as a decimal point, and the panel as it was meant. */
export interface Thousands {
  readonly finding: UnitFinding;
  readonly meant: Panel;
}

export function pointOfThousands(grid: Grid): Thousands | null {
  const { panel } = grid;
  const found = thousandsPoint(panel);
  if (found === null) return null;
  const { members, meant } = found;
  const [before, after] = [errorOf(grid, members), errorOf(gridOf(meant), members)];
  return {
    meant,
    finding: {
      cause: "unit-change",
      score: found.isWeak ? 0.9 : 0.99,
      scope: scopeOf(panel, members),
      factor: 1 / 1000,
      first: periodLabel(found.first, panel.calendar),
      last: periodLabel(found.last, panel.calendar),
      error: before,
      errorUndone: after,
      errorBefore: after,
      history: false,
      reading: "thousands-point",
    },
  };
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
