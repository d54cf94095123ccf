import type { Column } from "../../panel/column.js";
import type { Panel } from "../../panel/panel.js";
import { sumMembers } from "./coherent.js";
import { allGroups, type Hierarchy, labelsOf } from "./hierarchy.js";

export interface LevelTable {
  readonly panel: Panel;
  readonly hierarchy: Hierarchy;
  readonly horizon: number;
  readonly living: Uint8Array;
  /** [series × H], as the outlook prints them. */
  readonly forecast: Float64Array;
  /** First day of each forecast period. */
  readonly starts: readonly string[];
}

/** One group or series of a level. */
interface Line {
  readonly level: string;
  /** By attribute; absent where the line is not about one. */
  readonly labels: ReadonlyMap<string, string>;
  readonly series: string | null;
  readonly forecast: Float64Array;
}

/**
 * Rows of `outlook-levels`: level, a column for each attribute, series, period, lead, forecast; level by level from
 * the total to the series, which have all their labels. Sums are those of the printed numbers.
 */
export function levelColumns(table: LevelTable): Column[] {
  const { hierarchy, horizon, starts } = table;
  const attributes = [...new Set(allGroups(hierarchy).flatMap((group) => group.attributes))];
  const lines = [...groupLines(table), ...seriesLines(table, attributes)];
  const each = <T>(cell: (line: Line, lead: number) => T): T[] =>
    lines.flatMap((line) => Array.from({ length: horizon }, (_, h) => cell(line, h)));
  return [
    { name: "level", type: "VARCHAR", values: each(({ level }) => level) },
    ...attributes.map(
      (name): Column => ({
        name: columnName(name),
        type: "VARCHAR",
        values: each(({ labels }) => labels.get(name) ?? null),
      }),
    ),
    { name: "series", type: "VARCHAR", values: each(({ series }) => series) },
    { name: "period", type: "DATE", values: each((_, h) => starts[h]!) },
    { name: "lead", type: "INTEGER", values: Int32Array.from(each((_, h) => h + 1)) },
    { name: "forecast", type: "DOUBLE", values: Float64Array.from(each(({ forecast }, h) => forecast[h]!)) },
  ];
}

function groupLines({ hierarchy, horizon, living, forecast }: LevelTable): Line[] {
  return hierarchy.levels.flatMap(({ name, groups }) => {
    const sums = sumMembers({ horizon, living, series: forecast, groups });
    return groups.flatMap(({ attributes, labels, members }, g) =>
      members.some((s) => living[s] === 1)
        ? [
            {
              level: name,
              labels: new Map(attributes.map((attribute, i) => [attribute, labels[i]!])),
              series: null,
              forecast: sums.subarray(g * horizon, (g + 1) * horizon).map(withoutNoise),
            },
          ]
        : [],
    );
  });
}

function seriesLines(
  { panel, horizon, living, forecast }: LevelTable,
  attributes: readonly string[],
): Line[] {
  const columns = attributes.map((name) => [name, labelsOf(panel, name)] as const);
  return panel.series.flatMap((series, s) =>
    living[s] === 1
      ? [
          {
            level: "series",
            labels: new Map(columns.map(([name, labels]) => [name, labels[s]!])),
            series,
            forecast: forecast.subarray(s * horizon, (s + 1) * horizon),
          },
        ]
      : [],
  );
}

/** 0.30000000000000004 is 0.3: fifteen digits are what a double always has. */
const withoutNoise = (value: number): number => Number(value.toPrecision(15));

const TAKEN: ReadonlySet<string> = new Set(["level", "series", "period", "lead", "forecast"]);

/** DuckDB takes names without case. */
const columnName = (attribute: string): string =>
  TAKEN.has(attribute.toLowerCase()) ? `attribute.${attribute}` : attribute;
