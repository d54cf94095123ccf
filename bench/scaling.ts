/**
 * Wall time and peak memory of a whole quarter as the panel grows: generated panels of up to 4 million rows, `four`, three folds.
 * `npm run bench:scaling -- --sizes 2500,5000,10000,20000`
 */
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createRandom } from "../src/stats/random.js";
import { BINARY, MACHINE, measure, type Usage, withFolder } from "./support.js";

const MONTHS = 200;
/** The last is June 2025. */
const FIRST_MONTH = 2025 * 12 + 6 - MONTHS;
const SEGMENTS = 8;
/** A panel so small that what it costs is start-up. */
const TINY = 25;
const LIMIT = { series: 5_000, seconds: 90, peakMb: 2048 };
/** How much more than in proportion the last size may take. */
const LINEAR = { from: 2_500, to: 20_000, ratio: 1.25 };

interface Size extends Usage {
  readonly series: number;
  /** MB of the source file. */
  readonly fileMb: number;
}

type Of = (usage: Usage) => number | null;

const { values } = parseArgs({ options: { sizes: { type: "string", default: "2500,5000,10000,20000" } } });
const sizes = values.sizes.split(",").map(Number);
if (sizes.length === 0 || !sizes.every((series) => Number.isInteger(series) && series > 0)) {
  process.stderr.write("--sizes takes numbers of series, e.g. 2500,5000\n");
  process.exit(2);
}

const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
process.stdout.write(`${MACHINE}\n\n`);
const head = [
  "series",
  "rows",
  "source",
  "wall",
  "CPU",
  "peak",
  "wall to linear",
  "CPU to linear",
  "peak to linear",
];
line(head);
line(head.map(() => "---"));
const startUp = await quarterOf(TINY);
const measured: Size[] = [];
row(startUp);
for (const series of sizes) {
  measured.push(await quarterOf(series));
  row(measured.at(-1)!);
}
judge();

/** A quarter in an empty state directory, as a user starts it. */
function quarterOf(series: number): Promise<Size> {
  return withFolder(async (folder) => {
    const source = join(folder, "panel.csv");
    writePanel(source, series);
    writeFileSync(join(folder, "runbook.yaml"), runbook(source));
    const usage = await measure([BINARY, "quarter", "2025Q2"], folder);
    return { ...usage, series, fileMb: statSync(source).size / 2 ** 20 };
  });
}

/** Level, season of the segment, a slow walk and noise; a tenth of the series is zero every third month or so. */
function writePanel(path: string, series: number): void {
  const random = createRandom(1);
  const noise = () => random.uniform() + random.uniform() + random.uniform() - 1.5;
  const file = openSync(path, "w");
  writeSync(file, "series_id,date,value,line\n");
  for (let s = 0; s < series; s++) {
    const segment = s % SEGMENTS;
    const gaps = s % 10 === 9;
    let level = Math.exp(3 + 4 * random.uniform());
    let rows = "";
    for (let t = 0; t < MONTHS; t++) {
      level *= 1 + 0.02 * noise();
      const season = 1 + 0.3 * Math.sin((2 * Math.PI * (t + segment)) / 12);
      const value = gaps && random.below(3) === 0 ? 0 : Math.max(0, level * season * (1 + 0.15 * noise()));
      const month = FIRST_MONTH + t;
      const day = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01`;
      rows += `series-${s},${day},${value.toFixed(2)},line-${segment}\n`;
    }
    writeSync(file, rows);
  }
  closeSync(file);
}

function runbook(source: string): string {
  return `version: 1
name: scaling
data:
  source: ${JSON.stringify(source)}
  frequency: month
  columns: { series: series_id, time: date, target: value, attributes: [line] }
model: { name: scaling, horizon: 12 }
steps:
  - { id: validate, uses: validate-data }
  - { id: accuracy, uses: accuracy-report }
  - { id: segments, uses: refresh-segments, with: { by: [line] } }
  - { id: train, uses: train-pooled-cv, with: { ensemble: four, folds: 3 } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook }
  - { id: checkpoints, uses: compare-checkpoints }
  - { id: gate, uses: gate, with: { rules: [{ id: wmape, metric: train.cv.wmape, max: 0.9 }] } }
  - { id: promote, uses: promote }
`;
}

function row(size: Size): void {
  const { series, fileMb, seconds, cpuSeconds, peakMb } = size;
  const isFirst = series === TINY || measured[0] === undefined || series === measured[0].series;
  line([
    String(series),
    String(series * MONTHS),
    `${fileMb.toFixed(0)} MB`,
    `${seconds.toFixed(1)} s`,
    cpuSeconds === null ? "?" : `${cpuSeconds.toFixed(1)} s`,
    peakMb === null ? "?" : `${peakMb.toFixed(0)} MB`,
    ...([(usage) => usage.seconds, (usage) => usage.cpuSeconds, (usage) => usage.peakMb] as Of[]).map((of) =>
      isFirst ? "" : `${toLinear(measured[0]!, size, of)?.toFixed(2) ?? "?"}×`,
    ),
  ]);
}

/** What the larger panel takes beyond start-up, as a multiple of what it would take in proportion to the smaller one. */
function toLinear(small: Size, large: Size, of: Of): number | null {
  const [none, from, to] = [of(startUp), of(small), of(large)];
  if (none === null || from === null || to === null) return null;
  return (to - none) / (((from - none) * large.series) / small.series);
}

function judge(): void {
  const find = (series: number) => measured.find((size) => size.series === series);
  const limit = find(LIMIT.series);
  if (limit !== undefined) {
    verdict(`${LIMIT.series} series in at most ${LIMIT.seconds} s`, limit.seconds <= LIMIT.seconds);
    verdict(`${LIMIT.series} series in at most ${LIMIT.peakMb} MB`, (limit.peakMb ?? 0) <= LIMIT.peakMb);
  }
  const [small, large] = [find(LINEAR.from), find(LINEAR.to)];
  if (small !== undefined && large !== undefined) {
    const ratio = toLinear(small, large, ({ seconds }) => seconds)!;
    verdict(
      `${LINEAR.to} series in at most ${LINEAR.ratio} times what ${LINEAR.from} take in proportion`,
      ratio <= LINEAR.ratio,
    );
  }
}

function verdict(what: string, isMet: boolean): void {
  process.stdout.write(`\n${isMet ? "met" : "MISSED"}: ${what}\n`);
  if (!isMet) process.exitCode = 1;
}
