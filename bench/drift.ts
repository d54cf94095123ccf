import { type GuardedKsOptions, guardedKs } from "../src/drift/guarded-ks.js";
import { evaluateDrift } from "../src/gate/drift.js";
import { DriftRule } from "../src/gate/rule-params.js";
import type { Panel } from "../src/panel/panel.js";
import { PUBLIC_PANELS, readPublicPanel } from "./forecast-panels.js";

/**
 * How often a drift rule on the target fails in past quarters of the public panels as they are (false alarms), and with every value of the quarter
 * changed by 5%, 10% and 25% (power). `RETRAIN_PANELS=folder node dist/bench/drift.js`
 */
const QUARTERS = 24;
const SHIFTS = [0, 0.05, 0.1, 0.25];

/** `years`: only so many up to the quarter's end are known. */
const RULES: readonly { readonly name: string; readonly ks: object; readonly years?: number }[] = [
  { name: "default", ks: {} },
  ...[5, 4, 3, 2.5].flatMap((years) => [
    { name: `default, ${years} years of data`, ks: {}, years },
    { name: `guard: series, ${years} years of data`, ks: { guard: "series" }, years },
  ]),
  { name: "default, of 12 quarters", ks: {} },
  { name: "D ≥ 0.2", ks: { statistic: 0.2 } },
  { name: "D ≥ 0.05", ks: { statistic: 0.05 } },
  { name: "raw values", ks: { values: "raw", statistic: 0.01 } },
  { name: "guard: series", ks: { guard: "series" } },
  { name: "no guard", ks: { guard: "none" } },
];

const folder = process.env.RETRAIN_PANELS;
if (folder === undefined) throw new Error("RETRAIN_PANELS names no folder with the public panels");

process.stdout.write(
  `| panel | rule | false alarms | ${SHIFTS.slice(1)
    .map((shift) => `+${shift * 100}%`)
    .join(" | ")} |\n`,
);
process.stdout.write(`| --- | --- | ${SHIFTS.map(() => "---:").join(" | ")} |\n`);
/** By rule, over all panels: failures by shift. */
const pooled = new Map<string, { readonly failed: number[]; runs: number }>();
for (const source of PUBLIC_PANELS) {
  const panel = await readPublicPanel(folder, source);
  const months = source.frequency === "month" ? 3 : 1;
  for (const { name, ks, years } of RULES) {
    const rule = DriftRule.parse({ id: "drift", ks: { features: ["target"], ...ks } });
    const runs = name.endsWith("12 quarters") ? 12 : QUARTERS;
    const all = pooled.get(name) ?? { failed: SHIFTS.map(() => 0), runs: 0 };
    pooled.set(name, all);
    all.runs += runs;
    const shares = SHIFTS.map((shift, k) => {
      let failed = 0;
      for (let ago = 0; ago < runs; ago++) {
        const last = panel.lastPeriod - ago * months;
        const quarterPeriods = { first: last - months + 1, last };
        const known = years === undefined ? panel : rowsAfter(panel, last - 4 * months * years);
        const changed = shift === 0 ? known : shifted(known, quarterPeriods, 1 + shift);
        const options: GuardedKsOptions = { ...rule.ks, quarterPeriods, segments: null };
        if (evaluateDrift(rule, guardedKs(changed, options), false).verdict === "FAIL") failed++;
      }
      all.failed[k]! += failed;
      return `${((100 * failed) / runs).toFixed(0)}%`;
    });
    process.stdout.write(`| ${source.name} | ${name} | ${shares.join(" | ")} |\n`);
  }
}
for (const [name, { failed, runs }] of pooled) {
  const shares = failed.map((count) => `${((100 * count) / runs).toFixed(1)}%`);
  process.stdout.write(`| all three | ${name} | ${shares.join(" | ")} |\n`);
}

function shifted(panel: Panel, { first, last }: { first: number; last: number }, factor: number): Panel {
  return {
    ...panel,
    target: panel.target.map((value, row) =>
      panel.period[row]! >= first && panel.period[row]! <= last ? value * factor : value,
    ),
  };
}

function rowsAfter(panel: Panel, period: number): Panel {
  const rows = Array.from(panel.period.keys()).filter((row) => panel.period[row]! > period);
  const offsets = panel.offsets.map((offset) => rows.findIndex((row) => row >= offset));
  return {
    ...panel,
    offsets: offsets.map((offset) => (offset < 0 ? rows.length : offset)),
    period: Int32Array.from(rows, (row) => panel.period[row]!),
    target: Float64Array.from(rows, (row) => panel.target[row]!),
  };
}
