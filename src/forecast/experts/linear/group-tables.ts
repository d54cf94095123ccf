import type { LinearExpert, LinearMap } from "./model.js";

/** The groups of one column of `codes`. */
export interface GroupTable {
  readonly column: number;
  /** One map for each of the pooled ones; absent for codes without a group. */
  readonly byCode: readonly (readonly LinearMap[] | undefined)[];
}

export function groupTables({ maps, groups }: LinearExpert): GroupTable[] {
  const columns = [...new Set(groups.map(({ column }) => column))].sort((a, b) => a - b);
  return columns.map((column) => {
    const byCode: (LinearMap[] | undefined)[] = [];
    for (const group of groups) {
      if (group.column === column) byCode[group.code] = group.maps.map((map, m) => map ?? maps[m]!);
    }
    return { column, byCode };
  });
}
