import type { BacktestDocument, RuleSweep } from "../../kit/backtest.js";
import { percent } from "../format.js";
import { AXIS_LABEL, AXIS_LINE, type Chart, type ChartKey, GRID_LINE } from "../html/charts/svg.js";
import { limitText } from "./words.js";

const OUTLOOK: ChartKey = { label: "Outlook", color: "--c1", shape: "line" };
const CHAMPION: ChartKey = { label: "Champion, had it stayed", color: "--c3", shape: "line" };
const NAIVE: ChartKey = { label: "Seasonal naive", color: "--naive", shape: "dashed" };
const ESCALATED: ChartKey = { label: "Would escalate", color: "--bad", shape: "box" };

/** WMAPE of every quarter's outlook, of the champion from the same cutoff, and of the seasonal naive. */
export function quartersChart({ quarters }: BacktestDocument): Chart {
  const hasChampion = quarters.some(({ champion }) => champion !== null);
  const rows = quarters.map(({ quarter, wmape, naive, champion, verdict }) => ({
    quarter,
    wmape,
    naive: naive.wmape,
    champion: champion?.wmape ?? null,
    escalates: verdict === "would-escalate",
  }));
  return {
    id: "quarters",
    label: `Line chart: WMAPE of the outlook of ${quarters.length} quarters beside the seasonal naive. The table has the same figures.`,
    caption: "WMAPE of each quarter's outlook, lower is better",
    keys: [OUTLOOK, ...(hasChampion ? [CHAMPION] : []), NAIVE, ESCALATED],
    data: rows,
    option: () => ({
      grid: { left: 52, right: 20, top: 18, bottom: 30 },
      xAxis: categories(rows.map(({ quarter }) => quarter)),
      yAxis: shares(),
      series: [
        line(
          rows.map(({ naive }) => naive),
          NAIVE,
        ),
        ...(hasChampion
          ? [
              line(
                rows.map(({ champion }) => champion),
                CHAMPION,
              ),
            ]
          : []),
        {
          ...line([], OUTLOOK),
          data: rows.map(({ wmape, escalates }) => ({
            value: wmape ?? "-",
            symbol: escalates ? "diamond" : "circle",
            symbolSize: escalates ? 13 : 7,
            itemStyle: { color: `var(${escalates ? ESCALATED.color : OUTLOOK.color})` },
          })),
        },
      ],
    }),
  };
}

/** WMAPE by lead time, pooled over the outlooks. */
export function leadsChart({ pooled }: BacktestDocument): Chart {
  const rows = pooled.byLead.map(({ lead, wmape, naive }) => ({ lead, wmape, naive: naive.wmape }));
  return {
    id: "leads",
    label: `Line chart: WMAPE of all outlooks by lead time, 1 to ${rows.length}, beside the seasonal naive. The table has the same figures.`,
    caption: "WMAPE by lead time, in periods after the cutoff",
    keys: [OUTLOOK, NAIVE],
    data: rows,
    option: () => ({
      grid: { left: 52, right: 20, top: 18, bottom: 30 },
      xAxis: categories(rows.map(({ lead }) => String(lead))),
      yAxis: shares(),
      series: [
        line(
          rows.map(({ naive }) => naive),
          NAIVE,
        ),
        line(
          rows.map(({ wmape }) => wmape),
          OUTLOOK,
        ),
      ],
    }),
  };
}

/** What would have been live at each limit of a rule, above how many quarters would have escalated. */
export function sweepChart({ rule, limits }: RuleSweep, quarters: number): Chart {
  const own = limits.findIndex(({ isRunbook }) => isRunbook);
  const labels = limits.map(({ limit }) => limitText(limit));
  const atOwn = {
    silent: true,
    symbol: "none",
    label: { show: false },
    lineStyle: { color: "var(--muted)", type: "dashed" as const, width: 1 },
    data: [{ xAxis: own }],
  };
  return {
    id: `limits-${rule}`,
    label: `Chart: WMAPE of what would have been live, and quarters that would have escalated, at ${limits.length} limits of the rule ${rule}. The table has the same figures.`,
    caption: `${rule}: WMAPE of what would have been live, and quarters that would have escalated, by limit; the tightest is on the left`,
    keys: [
      { label: "WMAPE of what would have been live", color: "--c1", shape: "line" },
      { label: "Would escalate", color: "--c6", shape: "box" },
      { label: "The runbook's limit", color: "--muted", shape: "dashed" },
    ],
    data: limits,
    option: ({ height }) => ({
      grid: [
        { left: 52, right: 20, top: 18, height: height * 0.42 },
        { left: 52, right: 20, top: height * 0.42 + 46, bottom: 30 },
      ],
      xAxis: [
        { ...categories(labels), gridIndex: 0, axisLabel: { show: false } },
        { ...categories(labels), gridIndex: 1 },
      ],
      yAxis: [
        { ...percentAxis(), gridIndex: 0, scale: true, splitNumber: 2 },
        {
          type: "value",
          gridIndex: 1,
          min: 0,
          max: quarters,
          interval: quarters,
          axisLabel: AXIS_LABEL,
          splitLine: GRID_LINE,
        },
      ],
      series: [
        {
          ...line(
            limits.map(({ wmape }) => wmape),
            OUTLOOK,
          ),
          symbol: "circle",
          symbolSize: 6,
          markLine: atOwn,
        },
        {
          type: "bar" as const,
          xAxisIndex: 1,
          yAxisIndex: 1,
          data: limits.map(({ escalated }) => escalated),
          itemStyle: { color: "var(--c6)", borderRadius: [2, 2, 0, 0] as [number, number, number, number] },
          barMaxWidth: 28,
          silent: true,
          emphasis: { disabled: true },
          markLine: atOwn,
        },
      ],
    }),
  };
}

const categories = (data: readonly string[]) => ({
  type: "category" as const,
  data: [...data],
  axisLabel: { ...AXIS_LABEL, hideOverlap: true },
  axisLine: AXIS_LINE,
  axisTick: { show: false },
});

const shares = () => ({ ...percentAxis(), min: 0 });

const percentAxis = () => ({
  type: "value" as const,
  axisLabel: { ...AXIS_LABEL, formatter: shareTick },
  splitLine: GRID_LINE,
  splitNumber: 4,
});

/** Ticks of a narrow range need their digits: 32%, 32.5%. */
const shareTick = (value: number): string => percent(value, 2).replace(/\.?0+%$/, "%");

const line = (data: readonly (number | null)[], { color, shape }: ChartKey) => ({
  type: "line" as const,
  data: [...data],
  symbol: "none",
  silent: true,
  emphasis: { disabled: true },
  itemStyle: { color: `var(${color})` },
  lineStyle: {
    color: `var(${color})`,
    width: shape === "dashed" ? 1.5 : 2,
    type: shape === "dashed" ? ("dashed" as const) : ("solid" as const),
  },
});
