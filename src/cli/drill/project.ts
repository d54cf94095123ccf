import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Months of history before and with the last one, 2025-06. */
const MONTHS = 42;
const FIRST = 2022 * 12;
const REGIONS = ["north", "south", "west"];

export const DRILL_MODEL = "drill";
/** The first quarter leaves a champion behind, on which the second one stands. */
export const DRILL_QUARTERS = ["2025Q1", "2025Q2"] as const;

/** One row of the panel. */
export interface DrillRow {
  readonly series: string;
  readonly region: string;
  readonly month: string;
  readonly holidays: number;
  readonly price: number;
  readonly demand: number;
}

/** 12 series with trend, season and a fixed disturbance; the last month is in the quarter 2025Q2. */
export function drillRows(): DrillRow[] {
  const rows: DrillRow[] = [];
  for (let s = 0; s < 12; s++) {
    for (let m = 0; m < MONTHS; m++) {
      const season = Math.sin(((m + s) / 12) * 2 * Math.PI);
      rows.push({
        series: `S${String(s + 1).padStart(2, "0")}`,
        region: REGIONS[s % REGIONS.length]!,
        month: monthLabel(FIRST + m),
        holidays: (m * 5) % 4,
        price: Math.round(1000 + 50 * disturbance(s + 100, m)) / 10,
        demand: Math.round(400 + 20 * s + m + 80 * season + 12 * disturbance(s, m)),
      });
    }
  }
  return rows;
}

/** Between -1 and 1, the same on every machine: the low digits of a linear congruence. */
function disturbance(series: number, month: number): number {
  const mixed = (series * 7919 + month * 104729 + 12345) % 2003;
  return ((mixed * 1009) % 2003) / 1001 - 1;
}

const monthLabel = (month: number): string =>
  `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;

export const drillCsv = (rows: readonly DrillRow[]): string =>
  `series,region,month,holidays,price,demand\n${rows
    .map((row) => `${row.series},${row.region},${row.month}-01,${row.holidays},${row.price},${row.demand}\n`)
    .join("")}`;

/** Forecasts of the process before: what happened a year earlier. The cutoff is 2024-12. */
function snapshotCsv(rows: readonly DrillRow[]): string {
  const known = new Map(rows.map((row) => [`${row.series} ${row.month}`, row.demand]));
  const lines = ["series,period,forecast,lo,hi,cutoff"];
  for (const { series, month } of rows) {
    if (!month.startsWith("2025-")) continue;
    const forecast = known.get(`${series} ${month.replace("2025", "2024")}`)!;
    lines.push(`${series},${month},${forecast},${forecast - 60},${forecast + 60},2024-12`);
  }
  return `${lines.join("\n")}\n`;
}

/** Writes panel, earlier forecasts and a runbook with every step type. */
export function writeDrillProject(folder: string, webhooks: readonly string[]): void {
  const rows = drillRows();
  mkdirSync(join(folder, "snapshots"), { recursive: true });
  writeFileSync(join(folder, "demand.csv"), drillCsv(rows));
  writeFileSync(join(folder, "snapshots", "2024Q4.csv"), snapshotCsv(rows));
  writeFileSync(join(folder, "runbook.yaml"), runbook(webhooks));
}

const runbook = (webhooks: readonly string[]): string => `version: 1
name: drill
data:
  source: demand.csv
  frequency: month
  columns: { series: series, time: month, target: demand, attributes: [region], known: [holidays], observed: [price] }
model: { name: ${DRILL_MODEL}, alias: best, horizon: 6, firstRelease: promote }
registry: { uri: "file:.retrain/registry" }
steps:
  - { id: validate, uses: validate-data, with: { drift: { features: [price] } } }
  - { id: accuracy, uses: accuracy-report, with: { importSnapshots: snapshots/*.csv, importLevel: 0.8 } }
  - { id: segments, uses: refresh-segments, with: { by: [region] } }
  - { id: train, uses: train-pooled-cv, with: { folds: 2 } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8] } }
  - { id: checkpoints, uses: compare-checkpoints, with: { maxRevision: 0.5, importSnapshots: snapshots/*.csv } }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: accuracy, metric: accuracy.wmape, max: 0.5 }
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.5 }
  - { id: promote, uses: promote }
escalation:
  owner: drill
  deadline: 5d
  notify: ${JSON.stringify(webhooks.map((webhook) => ({ webhook })))}
`;
