import { compact, count, percent } from "../format.js";
import type { Block } from "../page/model.js";
import type { Escalation } from "./escalation.js";

/** Drawings that a page shows. */
const SHOWN = 4;

/** Two histograms of each feature that drifted, then beside now; the note says in words what they show. */
export function driftDrawings({ distributions }: Escalation): Block[] {
  if (distributions.length === 0) return [];
  const { reference, nBefore, n } = distributions[0]!;
  return [
    {
      kind: "multiples",
      caption: "Share of values of each size",
      keys: [
        { label: `${reference} (n ${count(nBefore)})`, color: "--then", shape: "box" },
        { label: `this quarter (n ${count(n)})`, color: "--c1", shape: "box" },
      ],
      items: distributions.slice(0, SHOWN).map(({ feature, before, now, edges, medianBefore, median }) => {
        const overlap = percent(shared(before, now), 0);
        return {
          title: feature,
          note: `median ${compact(medianBefore)} → ${compact(median)}, ${overlap} overlap`,
          drawing: {
            label: `${feature}: median ${compact(medianBefore)} then, ${compact(median)} now; ${overlap} of the two distributions overlaps.`,
            axis: {
              kind: "slots",
              labels: before.map((_, bin) => compact((edges[bin]! + edges[bin + 1]!) / 2)),
            },
            unit: "share",
            hasZero: true,
            marks: [
              {
                kind: "bars",
                of: [
                  { values: before, color: "--then" },
                  { values: now, color: "--c1" },
                ],
                notes: null,
              },
            ],
          },
        };
      }),
    },
  ];
}

/** Share of the area that both have. */
const shared = (before: readonly number[], now: readonly number[]): number =>
  before.reduce((sum, share, i) => sum + Math.min(share, now[i]!), 0);
