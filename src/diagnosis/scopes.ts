import type { AttributeColumn, Panel } from "../panel/panel.js";

/** Series that a fault may have in common. */
export interface Group {
  readonly attribute: string | null;
  readonly value: string | null;
  /** Indices of series. */
  readonly members: readonly number[];
}

const FEWEST = 3;

export const allSeries = (panel: Panel): Group => ({
  attribute: null,
  value: null,
  members: panel.series.map((_, s) => s),
});

/** One group for each value of each attribute that tells series apart. A missing label is no value. */
export const attributeGroups = (panel: Panel, fewest = FEWEST): Group[] =>
  panel.attributes.flatMap((attribute) =>
    attribute.levels.flatMap((value, code) => {
      const members = membersOf(attribute, code);
      const tells = members.length >= fewest && members.length < panel.series.length;
      return value !== "" && tells ? [{ attribute: attribute.name, value, members }] : [];
    }),
  );

function membersOf({ codes }: AttributeColumn, code: number): number[] {
  const members: number[] = [];
  for (const [s, own] of codes.entries()) if (own === code) members.push(s);
  return members;
}
