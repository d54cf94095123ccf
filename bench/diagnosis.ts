import { periodLabel } from "../src/calendar/period.js";
import { diagnose } from "../src/diagnosis/diagnose.js";
import type { Cause, Finding } from "../src/diagnosis/finding.js";
import { periodProfile } from "../src/panel/checks/coverage.js";
import type { Panel } from "../src/panel/panel.js";
import { LARGE_MONTHLY, PUBLIC_PANELS, readPublicPanel } from "./forecast-panels.js";

/**
 * Whether the diagnosis names the fault that an upstream brought into past quarters of a public panel, and what it names where there was none.
 * `RETRAIN_PANELS=folder node dist/bench/diagnosis.js`
 */
const FAULTY_QUARTERS = 12;
const UNTOUCHED_QUARTERS = 24;
/** From here on evidence is called fair, and strong. */
const [FAIR, STRONG] = [0.4, 0.7];

const folder = process.env.RETRAIN_PANELS;
if (folder === undefined) throw new Error("RETRAIN_PANELS names no folder with the public panels");

/** The panel up to a quarter's last period. */
function upTo(panel: Panel, lastPeriod: number): Panel {
  return keepRows({ ...panel, lastPeriod }, (_, period) => period <= lastPeriod);
}

function keepRows(panel: Panel, keep: (series: number, period: number) => boolean): Panel {
  const rows: number[] = [];
  const offsets = [0];
  const kept: number[] = [];
  for (let s = 0; s < panel.series.length; s++) {
    const before = rows.length;
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      if (keep(s, panel.period[row]!)) rows.push(row);
    }
    if (rows.length === before) continue;
    kept.push(s);
    offsets.push(rows.length);
  }
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  const all = (columns: Readonly<Record<string, Float64Array>>) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, pick(values)]));
  return {
    ...panel,
    series: kept.map((s) => panel.series[s]!),
    attributes: panel.attributes.map((attribute) => ({
      ...attribute,
      codes: Int32Array.from(kept, (s) => attribute.codes[s]!),
    })),
    offsets: Int32Array.from(offsets),
    period: Int32Array.from(rows, (row) => panel.period[row]!),
    target: pick(panel.target),
    known: all(panel.known),
    observed: all(panel.observed),
  };
}

const size = (panel: Panel): number => (panel.calendar.frequency === "month" ? 3 : 1);
const isNow = (panel: Panel, period: number): boolean => period > panel.lastPeriod - size(panel);

function retarget(panel: Panel, change: (value: number, series: number, period: number) => number): Panel {
  const target = panel.target.slice();
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (isNow(panel, period)) target[row] = change(target[row]!, s, period);
    }
  }
  return { ...panel, target };
}

/** The quarter's values are those of some periods before. */
function late(panel: Panel, periods: number): Panel {
  const values = new Map<string, number>();
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++)
      values.set(`${s} ${panel.period[row]}`, panel.target[row]!);
  }
  return retarget(panel, (value, s, period) => values.get(`${s} ${period - periods}`) ?? value);
}

/** These panels have no features; two with their own distributions: the days of the month, and a price that walks. */
function withFeatures(panel: Panel): Panel {
  const days = panel.period.map((period) => 28 + ((period * 7) % 4));
  const price = panel.period.map((period, row) => 100 + 8 * Math.sin(period / 9) + ((row * 31) % 17) / 4);
  return {
    ...panel,
    known: { days: Float64Array.from(days) },
    observed: { price: Float64Array.from(price) },
  };
}

function permuted(panel: Panel): Panel {
  const [days, price] = [panel.known.days!.slice(), panel.observed.price!.slice()];
  for (const [row, period] of panel.period.entries()) {
    if (isNow(panel, period)) [days[row], price[row]] = [price[row]!, days[row]!];
  }
  return { ...panel, known: { days }, observed: { price } };
}

const isState = (panel: Panel, series: number, value: string): boolean => {
  const { levels, codes } = panel.attributes.find(({ name }) => name === "state")!;
  return levels[codes[series]!] === value;
};

const FAULTS: readonly (readonly [name: string, cause: Cause, inject: (panel: Panel) => Panel])[] = [
  ["unit ×1000", "unit-change", (panel) => retarget(panel, (value) => value * 1000)],
  [
    "one state missing",
    "region-missing",
    (panel) => keepRows(panel, (s, period) => !isState(panel, s, "B") || !isNow(panel, period)),
  ],
  ["level ×1.45", "level-shift", (panel) => retarget(panel, (value) => value * 1.45)],
  ["a month late", "season-shifted", (panel) => late(panel, 1)],
  ["last quarter's data", "stale-data", (panel) => late(panel, 3)],
  [
    "one state's file twice",
    "duplicated-rows",
    (panel) => retarget(panel, (value, s) => (isState(panel, s, "B") ? 2 * value : value)),
  ],
  ["two features swapped", "features-permuted", permuted],
];

const findingsOf = (panel: Panel): readonly Finding[] =>
  diagnose({
    panel,
    profile: periodProfile(panel),
    previous: null,
    accuracy: null,
    training: null,
    rules: [],
    drifted: [],
  }).findings;

const cell = (finding: Finding | undefined): string =>
  finding === undefined ? "none" : `${finding.cause} ${finding.score.toFixed(2)}`;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const large = withFeatures(await readPublicPanel(folder, LARGE_MONTHLY));
print(`${LARGE_MONTHLY.name}, ${FAULTY_QUARTERS} quarters`);
print("| fault | cause ranked first | worst rank | score, least and median | where it is not first |");
print("| --- | ---: | ---: | ---: | --- |");
for (const [name, cause, inject] of FAULTS) {
  const ranks: number[] = [];
  const scores: number[] = [];
  const others: string[] = [];
  for (let ago = 0; ago < FAULTY_QUARTERS; ago++) {
    const findings = findingsOf(inject(upTo(large, large.lastPeriod - 3 * ago)));
    const place = findings.findIndex((finding) => finding.cause === cause);
    ranks.push(place < 0 ? Number.POSITIVE_INFINITY : place + 1);
    scores.push(findings[place]?.score ?? 0);
    if (place !== 0)
      others.push(`${periodLabel(large.lastPeriod - 3 * ago, large.calendar)} ${cell(findings[0])}`);
  }
  scores.sort((a, b) => a - b);
  const first = ranks.filter((rank) => rank === 1).length;
  const worst = Math.max(...ranks);
  const middle = scores[scores.length >> 1]!;
  print(
    `| ${name} | ${first} of ${FAULTY_QUARTERS} | ${worst === Number.POSITIVE_INFINITY ? "not named" : worst} | ${scores[0]!.toFixed(2)}, ${middle.toFixed(2)} | ${others.join("; ")} |`,
  );
}

print("");
print("| panel, untouched | quarters | fair or strong | strong | causes with fair or strong evidence |");
print("| --- | ---: | ---: | ---: | --- |");
for (const source of PUBLIC_PANELS) {
  const panel = await readPublicPanel(folder, source);
  const named = Array.from({ length: UNTOUCHED_QUARTERS }, (_, ago) => {
    const lastPeriod = panel.lastPeriod - ago * size(panel);
    const top = findingsOf(upTo(panel, lastPeriod)).filter(({ score }) => score >= FAIR);
    return { quarter: periodLabel(lastPeriod, panel.calendar), top };
  }).filter(({ top }) => top.length > 0);
  const strong = named.filter(({ top }) => top[0]!.score >= STRONG).length;
  const words = named.map(({ quarter, top }) => `${quarter} ${top.map(cell).join(", ")}`);
  print(`| ${source.name} | ${UNTOUCHED_QUARTERS} | ${named.length} | ${strong} | ${words.join("; ")} |`);
}
