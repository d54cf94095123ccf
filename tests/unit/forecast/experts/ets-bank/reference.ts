import type { EtsBankExpert } from "../../../../../src/forecast/experts/ets-bank/model.js";

/** The bank as its recipe says it, one row and one member at a time, on states l, b and s. */
export function referenceForecast(
  expert: EtsBankExpert,
  row: readonly number[],
  scale: number,
  season: number,
  horizon: number,
): number[] {
  const members: { criterion: number; forecast: number[] }[] = [];
  const n = row.length;
  const raw = row.map((value) => value / scale);
  for (const log of raw.every((value) => value > 0) ? [false, true] : [false]) {
    const y = log ? raw.map((value) => Math.log(value)) : raw;
    const sumOfLogs = log ? sum(y) : 0;
    for (const trend of [false, true]) {
      for (const seasonal of [false, true]) {
        const parameters = 2 + (trend ? 3 : 0) + (seasonal ? 1 + (season - 1) : 0) + 1;
        const hasAicc = n - parameters - 1 > 0;
        if (trend && (n < 6 || !hasAicc)) continue;
        if (seasonal && (season === 1 || n < 2 * season || !hasAicc)) continue;
        const correction = hasAicc ? (2 * parameters * (parameters + 1)) / (n - parameters - 1) : 0;
        const betas = trend ? expert.beta : [0];
        const gammas = seasonal ? expert.gamma : [0];
        const phis = trend ? expert.phi : [0];
        const size = expert.alpha.length * betas.length * gammas.length * phis.length;
        for (const alpha of expert.alpha) {
          for (const beta of betas) {
            for (const gamma of gammas) {
              for (const phi of phis) {
                const { l, b, s } = starts(y, season, trend, seasonal);
                const path = member(y, { alpha, beta, gamma, phi, l, b, s }, horizon);
                const variance = (path.squares / n) * Math.exp((2 * sumOfLogs) / n) + 1e-8;
                members.push({
                  criterion: n * Math.log(variance) + 2 * parameters + correction + 2 * Math.log(size),
                  forecast: path.forecast.map((value) =>
                    log ? Math.min(Math.exp(value), 10 * Math.max(...raw)) : value,
                  ),
                });
              }
            }
          }
        }
      }
    }
  }
  const best = Math.min(...members.map(({ criterion }) => criterion));
  const weights = members.map(({ criterion }) => Math.exp(-expert.temper * (criterion - best)));
  return Array.from(
    { length: horizon },
    (_, h) => (scale * sum(members.map(({ forecast }, m) => weights[m]! * forecast[h]!))) / sum(weights),
  );
}

interface Parameters {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
  l: number;
  b: number;
  readonly s: number[];
}

function member(
  y: readonly number[],
  { alpha, beta, gamma, phi, l: l0, b: b0, s: s0 }: Parameters,
  horizon: number,
) {
  let l = l0;
  let b = b0;
  const s = [...s0];
  const forecast: number[] = [];
  let squares = 0;
  for (let t = 0; t < y.length + horizon; t++) {
    const expected = l + phi * b + s[t % s.length]!;
    if (t >= y.length) forecast.push(expected);
    const e = t < y.length ? y[t]! - expected : 0;
    squares += e * e;
    l += phi * b + alpha * e;
    b = phi * b + alpha * beta * e;
    s[t % s.length]! += gamma * (1 - alpha) * e;
  }
  return { squares, forecast };
}

function starts(y: readonly number[], season: number, trend: boolean, seasonal: boolean) {
  if (!seasonal) {
    const window = y.slice(0, Math.max(10, 3 * season));
    const centre = (window.length - 1) / 2;
    const slope =
      sum(window.map((value, i) => (i - centre) * value)) / sum(window.map((_, i) => (i - centre) ** 2));
    const mean = sum(window) / window.length;
    return trend ? { l: mean - slope * (centre + 1), b: slope, s: [0] } : { l: mean, b: 0, s: [0] };
  }
  const count = Math.min(3, Math.floor(y.length / season));
  const seasons = Array.from({ length: count }, (_, k) => y.slice(k * season, (k + 1) * season));
  const slope = (sum(seasons.at(-1)!) - sum(seasons[0]!)) / season / (season * (count - 1));
  const flat = seasons.map((values, k) => values.map((value, j) => value - slope * (k * season + j)));
  const level = sum(flat.flat()) / (count * season);
  const s = Array.from({ length: season }, (_, j) => sum(flat.map((values) => values[j]!)) / count - level);
  return trend ? { l: level - slope, b: slope, s } : { l: sum(seasons.flat()) / (count * season), b: 0, s };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
