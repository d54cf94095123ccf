import type { BacktestDocument, RuleSweep } from "../../kit/backtest.js";
import { plural } from "../format.js";
import type { ColorKey } from "../page/drawing/drawing.js";
import type { Block, Multiple } from "../page/model.js";
import { limitText } from "./words.js";

const OUTLOOK: ColorKey = { label: "Outlook", color: "--c1", shape: "line" };
const CHAMPION: ColorKey = { label: "Champion, had it stayed", color: "--c3", shape: "line" };
const NAIVE: ColorKey = { label: "Seasonal naive", color: "--naive", shape: "dashed" };
const ESCALATED: ColorKey = { label: "Would escalate", color: "--bad", shape: "dot" };

const line = ({ color, shape }: ColorKey, values: readonly (number | null)[], hasDots = false) => ({
  kind: "line" as const,
  values,
  color,
  width: shape === "dashed" ? 1.6 : 2.1,
  isDashed: shape === "dashed",
  hasDots,
});

/** WMAPE of every quarter's outlook, of the champion from the same cutoff, and of the seasonal naive. */
export function quartersFigure({ quarters }: BacktestDocument): Block {
  const hasChampion = quarters.some(({ champion }) => champion !== null);
  const wmape = quarters.map((quarter) => quarter.wmape);
  return {
    kind: "figure",
    caption: "WMAPE of each quarter's outlook, lower is better",
    keys: [OUTLOOK, ...(hasChampion ? [CHAMPION] : []), NAIVE, ESCALATED],
    drawing: {
      label: `Line chart: WMAPE of the outlook of ${plural(quarters.length, "quarter")} beside the seasonal naive. The table has the same figures.`,
      axis: { kind: "points", labels: quarters.map(({ quarter }) => quarter), named: [] },
      unit: "share",
      hasZero: true,
      marks: [
        line(
          NAIVE,
          quarters.map(({ naive }) => naive.wmape),
        ),
        ...(hasChampion
          ? [
              line(
                CHAMPION,
                quarters.map(({ champion }) => champion?.wmape ?? null),
              ),
            ]
          : []),
        line(OUTLOOK, wmape, true),
        {
          kind: "dots",
          values: wmape.map((value, q) => (quarters[q]!.verdict === "would-escalate" ? value : null)),
          color: ESCALATED.color,
          shape: "diamond",
        },
      ],
    },
  };
}

/** WMAPE by lead time, pooled over the outlooks. */
export const leadsFigure = ({ pooled: { byLead } }: BacktestDocument): Block => ({
  kind: "figure",
  caption: "WMAPE by lead time, in periods after the cutoff",
  keys: [OUTLOOK, NAIVE],
  drawing: {
    label: `Line chart: WMAPE of all outlooks by lead time, 1 to ${byLead.length}, beside the seasonal naive. The table has the same figures.`,
    axis: { kind: "points", labels: byLead.map(({ lead }) => String(lead)), named: [] },
    unit: "share",
    hasZero: true,
    marks: [
      line(
        NAIVE,
        byLead.map(({ naive }) => naive.wmape),
      ),
      line(
        OUTLOOK,
        byLead.map(({ wmape }) => wmape),
      ),
    ],
  },
});

/** What would have been live at each limit of a rule, beside how many quarters would have escalated. */
export function sweepFigures({ rule, limits }: RuleSweep, quarters: number): Block {
  const own = limits.findIndex(({ isRunbook }) => isRunbook);
  const labels = limits.map(({ limit }) => limitText(limit));
  const items: Multiple[] = [
    {
      title: "WMAPE",
      note: "of what would have been live",
      drawing: {
        label: `Line chart: WMAPE of what would have been live at ${limits.length} limits of the rule ${rule}. The table has the same figures.`,
        axis: { kind: "points", labels, named: [own] },
        unit: "share",
        hasZero: false,
        marks: [
          { kind: "upright", at: own },
          line(
            OUTLOOK,
            limits.map(({ wmape }) => wmape),
            true,
          ),
        ],
      },
    },
    {
      title: "Escalations",
      note: `of ${quarters} quarters`,
      drawing: {
        label: `Line chart: quarters of ${quarters} that would have escalated at ${limits.length} limits of the rule ${rule}. The table has the same figures.`,
        axis: { kind: "points", labels, named: [own] },
        unit: "number",
        hasZero: true,
        marks: [
          { kind: "upright", at: own },
          line(
            { label: "", color: "--c6", shape: "line" },
            limits.map(({ escalated }) => escalated),
            true,
          ),
        ],
      },
    },
  ];
  return {
    kind: "multiples",
    caption: `${rule} by limit, the tightest on the left; the upright line is the runbook's`,
    keys: [],
    items,
  };
}
