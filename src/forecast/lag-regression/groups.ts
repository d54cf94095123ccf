import type { TrainingView } from "../training-view.js";

/** The series with one code in one column of `codes`. */
export interface Group {
  readonly column: number;
  readonly code: number;
}

export interface Grouping {
  readonly groups: readonly Group[];
  /** [series]: indexes into `groups`. */
  readonly ofSeries: readonly (readonly number[])[];
}

/** Fewer series have too little in common with each other alone. */
const MIN_SERIES = 10;

/**
 * Groups of at least 10 series, column by column. A column adds nothing, and is left out, where all but a few
 * series share a code, or where it parts the series as an earlier one does.
 * @param takesPart whether a series has rows to train on
 */
export function groupSeries(view: TrainingView, takesPart: (series: number) => boolean): Grouping {
  const members = view.series.map((_, s) => s).filter(takesPart);
  const groups: Group[] = [];
  const ofSeries: number[][] = view.series.map(() => []);
  const partitions = new Set<string>();
  for (let column = 0; column < view.levels.length; column++) {
    const codeOf = (series: number): number => view.codes[series * view.levels.length + column]!;
    const partition = partitionOf(members.map(codeOf));
    if (partitions.has(partition)) continue;
    partitions.add(partition);
    const sizes = new Int32Array(view.levels[column]!);
    for (const series of members) if (codeOf(series) >= 0) sizes[codeOf(series)]!++;
    if (sizes.some((size) => members.length - size < MIN_SERIES)) continue;
    const indexOf = new Map<number, number>();
    sizes.forEach((size, code) => {
      if (size >= MIN_SERIES) indexOf.set(code, groups.push({ column, code }) - 1);
    });
    for (const series of members) {
      const index = indexOf.get(codeOf(series));
      if (index !== undefined) ofSeries[series]!.push(index);
    }
  }
  return { groups, ofSeries };
}

/** Equal for codes that differ in their numbering only. */
function partitionOf(codes: readonly number[]): string {
  const order = new Map<number, number>();
  return codes
    .map((code) => {
      if (code < 0) return -1;
      if (!order.has(code)) order.set(code, order.size);
      return order.get(code)!;
    })
    .join(",");
}
