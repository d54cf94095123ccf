import { fail } from "../../kit/failure.js";
import { nearest } from "../../kit/suggest.js";
import type { AttributeColumn, Panel } from "../../panel/panel.js";
import type { Grouping, SegmentGroup } from "./grouping.js";

/**
 * One group for every combination of labels that occurs. Its id is the labels in the order of `by`, joined with `|`; a missing label is `(none)`,
 * and a `|` or `\` inside a label is escaped with `\`, so that two combinations never share an id.
 * @throws FailureError `data.name-unknown` for an attribute that the panel does not have
 */
export function groupByAttributes(panel: Panel, by: readonly string[]): Grouping {
  const columns = by.map((name) => attribute(panel, name));
  const groups = new Map<string, SegmentGroup>();
  const assignment = panel.series.map((_, s) => {
    const labels = columns.map((column) => column.levels[column.codes[s]!] || "(none)");
    const id = labels.map((label) => label.replace(/[\\|]/g, "\\$&")).join("|");
    if (!groups.has(id)) groups.set(id, { id, label: describe(by, labels), centre: [] });
    return id;
  });
  return { groups: [...groups.values()], assignment };
}

const describe = (by: readonly string[], labels: readonly string[]): string =>
  by.map((name, i) => `${name} ${labels[i]}`).join(", ");

export function attribute(panel: Panel, name: string): AttributeColumn {
  const known = panel.attributes.map((column) => column.name);
  return (
    panel.attributes.find((column) => column.name === name) ??
    fail({
      code: "data.name-unknown",
      retryable: false,
      role: "attribute",
      name,
      known,
      suggestion: nearest(name, known),
    })
  );
}
