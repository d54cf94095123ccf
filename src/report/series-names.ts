import { dim } from "./page/make.js";
import type { Text } from "./page/model.js";

/** What people call the series, where the panel says it: beside the id, which is what files and commands know. */
export interface SeriesNames {
  /** Null where the panel has none, or it is the id. */
  name(id: string): string | null;
  /** `Hotel Aurora (H041)`; the id alone where there is no name. */
  text(id: string): string;
  cell(id: string): Text;
}

/** @param names by id */
export function seriesNames(names: ReadonlyMap<string, string>): SeriesNames {
  const nameOf = (id: string) => {
    const name = names.get(id);
    return name === undefined || name === id ? null : name;
  };
  return {
    name: nameOf,
    text(id) {
      const name = nameOf(id);
      return name === null ? id : `${name} (${id})`;
    },
    cell(id) {
      const name = nameOf(id);
      return name === null ? id : [name, " ", dim(id)];
    },
  };
}

export const NO_NAMES: SeriesNames = seriesNames(new Map());
