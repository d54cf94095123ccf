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

const RULES: readonly { readonly name: string; readonly ks: object }[] = [
  { name: "default", ks: {} },
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
const alarms = new Map<string, { failed: number; runs: number }>();
for (const source of PUBLIC_PANELS) {
  const panel = await readPublicPanel(folder, source);
  const months = source.frequency === "month" ? 3 : 1;
  for (const { name, ks } of RULES) {
    const rule = DriftRule.parse({ id: "drift", ks: { features: ["target"], ...ks } });
    const runs = name.endsWith("12 quarters") ? 12 : QUARTERS;
    const shares = SHIFTS.map((shift) => {
      let failed = 0;
      for (let ago = 0; ago < runs; ago++) {
        const last = panel.lastPeriod - ago * months;
        const quarterPeriods = { first: last - months + 1, last };
        const changed = shift === 0 ? panel : shifted(panel, quarterPeriods, 1 + shift);
        const options: GuardedKsOptions = { ...rule.ks, quarterPeriods, segments: null };
        if (evaluateDrift(rule, guardedKs(changed, options), false).verdict === "FAIL") failed++;
      }
      if (shift === 0) {
        const all = alarms.get(name) ?? { failed: 0, runs: 0 };
        alarms.set(name, { failed: all.failed + failed, runs: all.runs + runs });
      }
      return `${((100 * failed) / runs).toFixed(0)}%`;
    });
    process.stdout.write(`| ${source.name} | ${name} | ${shares.join(" | ")} |\n`);
  }
}
for (const [name, { failed, runs }] of alarms) {
  process.stdout.write(
    `${name}: ${failed} of ${runs} runs alarmed falsely (${((100 * failed) / runs).toFixed(1)}%)\n`,
  );
}

function shifted(panel: Panel, { first, last }: { first: number; last: number }, factor: number): Panel {
  return {
    ...panel,
    target: panel.target.map((value, row) =>
      panel.period[row]! >= first && panel.period[row]! <= last ? value * factor : value,
    ),
  };
}
