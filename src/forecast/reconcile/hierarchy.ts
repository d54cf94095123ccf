import type { Panel } from "../../panel/panel.js";
import { attribute } from "../segmentation/attributes.js";
import { levelsOf, type ReconcileSpec } from "./spec.js";

/** Series that are forecast as one sum. */
export interface Group {
  /** What its series have in common; empty for the total. */
  readonly attributes: readonly string[];
  /** One label an attribute. */
  readonly labels: readonly string[];
  /** Indexes of its series, rising. */
  readonly members: Int32Array;
}

/** Levels from the total to the narrowest; the series themselves are the level below. */
export interface Hierarchy {
  readonly series: number;
  readonly levels: readonly { readonly name: string; readonly groups: readonly Group[] }[];
}

/** Label of series that have none. */
const NO_LABEL = "(none)";

/**
 * The groups that occur in a panel, sorted by label in each level.
 * @throws FailureError `data.name-unknown` for an attribute that the panel does not have
 */
export function buildHierarchy(panel: Panel, spec: Pick<ReconcileSpec, "by" | "cross">): Hierarchy {
  const levels = [[], ...levelsOf(spec)].map((attributes) => ({
    name: levelName(attributes),
    groups: groupsOf(panel, attributes),
  }));
  return { series: panel.series.length, levels };
}

export const hasAttributes = (panel: Panel, spec: Pick<ReconcileSpec, "by" | "cross">): boolean =>
  levelsOf(spec)
    .flat()
    .every((name) => panel.attributes.some((column) => column.name === name));

export const levelName = (attributes: readonly string[]): string =>
  attributes.length === 0 ? "total" : attributes.join(" / ");

/** In the order of the levels. */
export const allGroups = ({ levels }: Hierarchy): Group[] => levels.flatMap(({ groups }) => groups);

/** A group's name in every panel. */
export const groupKey = ({ attributes, labels }: Pick<Group, "attributes" | "labels">): string =>
  JSON.stringify([attributes, labels]);

/** The label of every series. */
export function labelsOf(panel: Panel, name: string): string[] {
  const { levels, codes } = attribute(panel, name);
  return Array.from(codes, (code) => levels[code] || NO_LABEL);
}

function groupsOf(panel: Panel, attributes: readonly string[]): Group[] {
  const columns = attributes.map((name) => labelsOf(panel, name));
  const found = new Map<string, { readonly labels: string[]; readonly members: number[] }>();
  panel.series.forEach((_, s) => {
    const labels = columns.map((column) => column[s]!);
    const key = JSON.stringify(labels);
    const group = found.get(key) ?? { labels, members: [] };
    found.set(key, group);
    group.members.push(s);
  });
  return [...found.values()]
    .map(({ labels, members }) => ({ attributes, labels, members: Int32Array.from(members) }))
    .sort((a, b) => compareLabels(a.labels, b.labels));
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((label, i) => label !== b[i]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

/**
 * Members that count, of the groups that say something of their own: a group of one series is that series, and
 * one with the same series as an earlier group is that group.
 * @returns null for the others
 */
export function distinctMembers(
  groups: readonly Pick<Group, "members">[],
  counts: (series: number) => boolean,
): (Int32Array | null)[] {
  const seen = new Set<string>();
  return groups.map(({ members }) => {
    const own = members.filter(counts);
    const key = own.join();
    if (own.length < 2 || seen.has(key)) return null;
    seen.add(key);
    return own;
  });
}
