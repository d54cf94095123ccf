import { diagnose } from "../../../src/diagnosis/diagnose.js";
import { periodProfile } from "../../../src/panel/checks/coverage.js";
import type { Panel } from "../../../src/panel/panel.js";
import { MONTHS, panelOf } from "../../support/panels.js";

/** Uniform in [0, 1), the same for the same seed. */
export function uniform(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface World {
  readonly seed: number;
  readonly series: number;
  readonly years: number;
  readonly regions: number;
  /** Standard deviation of a month's noise as a share of the level. */
  readonly noise: number;
  /** Season's amplitude as a share of the level. */
  readonly season: number;
}

const NAMES = ["coast", "inland", "north", "south", "west"];

/** Months of counts with a season by region, a trend by series and noise; a known feature of small counts and an observed price. */
export function healthyPanel({ seed, series, years, regions, noise, season }: World): Panel {
  const random = uniform(seed);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, u) => sum + u, -6);
  const phase = Array.from({ length: regions }, () => Math.floor(random() * 12));
  const start = 2018 * 12;
  const made = Array.from({ length: series }, (_, s) => {
    const level = 200 * 10 ** random();
    const trend = 0.94 + 0.12 * random();
    return {
      id: `S${String(s).padStart(4, "0")}`,
      start,
      values: Array.from({ length: years * 12 }, (_, t) => {
        const wave = 1 + season * Math.sin(((t - phase[s % regions]!) / 6) * Math.PI);
        return Math.max(0, Math.round(level * trend ** (t / 12) * wave * (1 + noise * normal())));
      }),
    };
  });
  const panel = panelOf(made, MONTHS);
  const rows = panel.period.length;
  return {
    ...panel,
    attributes: [
      {
        name: "region",
        levels: NAMES.slice(0, regions),
        codes: Int32Array.from(panel.series, (_, s) => s % regions),
      },
    ],
    known: { holidays: Float64Array.from({ length: rows }, () => Math.floor(4 * random())) },
    observed: { price: Float64Array.from({ length: rows }, () => 100 + 4 * normal()) },
  };
}

const firstOfQuarter = (panel: Panel) => panel.lastPeriod - 2;

function valueAt(panel: Panel, series: number, period: number): number {
  for (let row = panel.offsets[series]!; row < panel.offsets[series + 1]!; row++) {
    if (panel.period[row] === period) return panel.target[row]!;
  }
  return Number.NaN;
}

/** The panel with another target in the last quarter. */
export function retarget(
  panel: Panel,
  change: (value: number, series: number, period: number) => number,
): Panel {
  const target = panel.target.slice();
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (period >= firstOfQuarter(panel)) target[row] = change(target[row]!, s, period);
    }
  }
  return { ...panel, target };
}

/** The panel with some rows only. */
export function keepRows(panel: Panel, keep: (series: number, period: number) => boolean): Panel {
  const rows: number[] = [];
  const offsets = new Int32Array(panel.series.length + 1);
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (keep(s, panel.period[row]!)) rows.push(row);
    }
    offsets[s + 1] = rows.length;
  }
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  const all = (columns: Readonly<Record<string, Float64Array>>) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, pick(values)]));
  return {
    ...panel,
    offsets,
    period: Int32Array.from(rows, (row) => panel.period[row]!),
    target: pick(panel.target),
    known: all(panel.known),
    observed: all(panel.observed),
  };
}

const inRegion = (panel: Panel, series: number, region: number) =>
  panel.attributes[0]!.codes[series] === region;

/** The seven kinds of fault that a careless upstream brings, in the last quarter's rows. */
export const FAULTS: Readonly<Record<string, (panel: Panel) => Panel>> = {
  "unit-change": (panel) => retarget(panel, (value) => value * 1000),
  "region-missing": (panel) =>
    keepRows(panel, (s, period) => !inRegion(panel, s, 0) || period < firstOfQuarter(panel)),
  "level-shift": (panel) => retarget(panel, (value) => Math.round(value * 1.45)),
  "season-shifted": (panel) => retarget(panel, (_, s, period) => valueAt(panel, s, period - 1)),
  "stale-data": (panel) => retarget(panel, (_, s, period) => valueAt(panel, s, period - 3)),
  "duplicated-rows": (panel) => retarget(panel, (value, s) => (inRegion(panel, s, 1) ? 2 * value : value)),
  "features-permuted": (panel) => {
    const [holidays, price] = [panel.known.holidays!.slice(), panel.observed.price!.slice()];
    for (const [row, period] of panel.period.entries()) {
      if (period < firstOfQuarter(panel)) continue;
      [holidays[row], price[row]] = [price[row]!, holidays[row]!];
    }
    return { ...panel, known: { holidays }, observed: { price } };
  },
};

export const diagnosePanel = (panel: Panel, more: Partial<Parameters<typeof diagnose>[0]> = {}) =>
  diagnose({
    panel,
    profile: periodProfile(panel),
    previous: null,
    accuracy: null,
    training: null,
    rules: [],
    drifted: [],
    ...more,
  });
