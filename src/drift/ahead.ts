import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import type { PeriodRange } from "./reference.js";

export interface AheadPanel {
  /** With a row for each period after the last one in which a series has a value of a known feature; its other columns are missing there. */
  readonly panel: Panel;
  /** Periods ahead that are compared: at most a season, so that the same periods a year before are past ones. */
  readonly periods: PeriodRange;
  /** Known features that have a value ahead. */
  readonly features: ReadonlySet<string>;
}

/**
 * The panel as if its known features went on into the periods that are forecast, so that what judges the past can judge them; null where nothing is
 * known. Series without a row in the quarter are left out: they are not forecast.
 */
export function aheadPanel(panel: Panel, quarterPeriods: PeriodRange): AheadPanel | null {
  const { ahead, lastPeriod } = panel;
  if (ahead === undefined) return null;
  const names = Object.keys(panel.known);
  const leads = (s: number): number[] =>
    Array.from({ length: ahead.periods }, (_, lead) => lead).filter((lead) =>
      names.some((name) => !Number.isNaN(ahead.known[name]![s * ahead.periods + lead]!)),
    );
  const offsets = new Int32Array(panel.series.length + 1);
  const sources: { readonly row: number; readonly cell: number; readonly period: number }[] = [];
  for (let s = 0; s < panel.series.length; s++) {
    const end = panel.offsets[s + 1]!;
    const isActive = end > panel.offsets[s]! && panel.period[end - 1]! >= quarterPeriods.first;
    offsets[s + 1] = sources.length;
    if (!isActive) continue;
    for (let row = panel.offsets[s]!; row < end; row++) {
      sources.push({ row, cell: -1, period: panel.period[row]! });
    }
    for (const lead of leads(s)) {
      sources.push({ row: -1, cell: s * ahead.periods + lead, period: lastPeriod + 1 + lead });
    }
    offsets[s + 1] = sources.length;
  }
  const past = (values: Float64Array) =>
    Float64Array.from(sources, ({ row }) => (row < 0 ? Number.NaN : values[row]!));
  const whole = (name: string) =>
    Float64Array.from(sources, ({ row, cell }) =>
      row < 0 ? ahead.known[name]![cell]! : panel.known[name]![row]!,
    );
  const season = seasonLength(panel.calendar.frequency);
  const hasValue = (name: string) => ahead.known[name]!.some((value) => !Number.isNaN(value));
  return {
    panel: {
      ...panel,
      offsets,
      period: Int32Array.from(sources, ({ period }) => period),
      target: past(panel.target),
      known: Object.fromEntries(names.map((name) => [name, whole(name)])),
      observed: Object.fromEntries(
        Object.entries(panel.observed).map(([name, values]) => [name, past(values)]),
      ),
    },
    periods: { first: lastPeriod + 1, last: lastPeriod + Math.min(season, ahead.periods) },
    features: new Set(names.filter(hasValue)),
  };
}

/**
 * What a drift test found in the quarter, and, for the known features among them, in the periods ahead: their names end with ` ahead`.
 * @param measure the test, of a panel, a window of time and features
 */
export function withAhead<T extends { readonly feature: string }>(
  panel: Panel,
  features: readonly string[],
  quarterPeriods: PeriodRange,
  measure: (panel: Panel, periods: PeriodRange, features: readonly string[]) => readonly T[],
): T[] {
  const found = [...measure(panel, quarterPeriods, features)];
  const ahead = aheadPanel(panel, quarterPeriods);
  const known = features.filter((feature) => ahead?.features.has(feature));
  if (ahead === null || known.length === 0) return found;
  const rows = measure(ahead.panel, ahead.periods, known);
  return [...found, ...rows.map((row) => ({ ...row, feature: `${row.feature} ahead` }))];
}
