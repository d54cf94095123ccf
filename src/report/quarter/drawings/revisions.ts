import type { Checkpoints } from "../../../kit/artifacts/checkpoints.js";
import { compact, signedPercent } from "../../format.js";
import type { ColorKey, Drawing } from "../../page/drawing/drawing.js";

/** Two bars a period, the earlier outlook and the new one, with the revision above them. */
export const revisionsDrawing = (months: Checkpoints["months"]): Drawing => ({
  label: `Columns by period, before and after: ${months
    .map(({ period, before, after }) => `${period} ${compact(before)} to ${compact(after)}`)
    .join(", ")}.`,
  axis: { kind: "slots", labels: months.map(({ period }) => period) },
  unit: "number",
  hasZero: true,
  marks: [
    {
      kind: "bars",
      of: [
        { values: months.map(({ before }) => before), color: "--then" },
        { values: months.map(({ after }) => after), color: "--c1" },
      ],
      notes: months.map(({ revision }) => signedPercent(revision)),
    },
  ],
});

export const REVISION_KEYS: readonly ColorKey[] = [
  { label: "Earlier outlook", color: "--then", shape: "box" },
  { label: "New outlook", color: "--c1", shape: "box" },
];
