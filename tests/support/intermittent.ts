import type { Panel } from "../../src/panel/panel.js";
import { panelOf } from "./panels.js";
import { uniform } from "./small-panels.js";

type Draw = (series: number, t: number, random: () => number) => number;

/** By inversion. */
function poisson(mean: number, random: () => number): number {
  const at = random();
  let count = 0;
  let share = Math.exp(-mean);
  for (let sum = share; at > sum && count < 1000; sum += share) share *= mean / ++count;
  return count;
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function panel(count: number, length: number, draw: Draw): Panel {
  return panelOf(
    Array.from({ length: count }, (_, series) => {
      const random = uniform(1000 + 77 * series);
      for (let burn = 0; burn < 10; burn++) random();
      return {
        id: `s${String(series).padStart(3, "0")}`,
        start: 2015 * 12,
        values: Array.from({ length }, (_, t) => draw(series, t, random)),
      };
    }),
  );
}

/** Six years of months of demand that mostly is not there. */
export const INTERMITTENT = {
  /** 79% zeros, small counts. */
  counts79: () => panel(40, 72, (_s, _t, random) => (random() < 0.79 ? 0 : 1 + poisson(2, random))),
  /** 79% zeros, sizes with a heavy tail. */
  heavy79: () =>
    panel(40, 72, (_s, _t, random) =>
      random() < 0.79 ? 0 : Math.round(10 * Math.exp(1.2 * normal(random))),
    ),
  /** 95% zeros. */
  zeros95: () => panel(60, 72, (_s, _t, random) => (random() < 0.95 ? 0 : 1 + poisson(1, random))),
  lumpy: () =>
    panel(40, 72, (_s, _t, random) => (random() < 0.6 ? 0 : Math.round(20 * Math.exp(1.5 * normal(random))))),
  smallCounts: () => panel(40, 72, (_s, _t, random) => poisson(0.8, random)),
  /** One large series that repeats itself among small counts. */
  oneHuge: () =>
    panel(40, 72, (series, t, random) =>
      series === 0
        ? 1e6 * (1 + 0.2 * Math.sin((t * Math.PI) / 6))
        : random() < 0.79
          ? 0
          : 1 + poisson(2, random),
    ),
} as const satisfies Record<string, () => Panel>;
