import type { Delivery } from "../../kit/channels.js";
import type { Style } from "../style.js";
import { textTable } from "../table.js";

const STATE_WORDS: Readonly<Record<Delivery["state"], string>> = {
  delivered: "✔ delivered",
  "delivered-before": "✔ delivered by an earlier run",
  failed: "✖ not delivered",
};

/** One row a channel: who, whether, after how many attempts, and why not. */
export function deliveryTable(deliveries: readonly Delivery[], style: Style): string {
  const columns = [
    { label: "notification", numeric: false },
    { label: "result", numeric: false },
    { label: "attempts", numeric: true },
    { label: "problem", numeric: false },
  ];
  const rows = deliveries.map(({ target, state, attempts, problem }) => [
    target,
    STATE_WORDS[state],
    String(attempts),
    problem ?? "",
  ]);
  return textTable(columns, rows, style);
}
