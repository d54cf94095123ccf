import { percent } from "../../format.js";
import type { Html } from "../markup.js";
import {
  across,
  axisText,
  framed,
  leftOf,
  px,
  type Scale,
  spanOf,
  tickLabels,
  ticksOf,
  verticalScale,
} from "./frame.js";

export interface EcdfFigure {
  readonly label: string;
  /** Values at equally spaced probabilities from 0 to 1. */
  readonly now: readonly number[];
  readonly before: readonly number[];
}

/** Shares of values up to x, now and then: the largest gap between the two curves is the distance of the KS test. */
export function ecdfFigure({ label, now, before }: EcdfFigure): Html {
  const shares: Scale = {
    ...verticalScale([0, 1]),
    ticks: SHARES,
    labels: SHARES.map((share) => percent(share, 0)),
  };
  const left = leftOf(shares);
  const ticks = ticksOf([...now, ...before], 3);
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (value: number) => across(left, (value - low) / (high - low));
  const curve = (values: readonly number[], color: string, width: number) =>
    values.length < 2
      ? []
      : [
          `<path d="M${values.map((value, i) => `${px(x(value))} ${px(shares.at(i / (values.length - 1)))}`).join("L")}" fill="none" stroke="var(${color})" stroke-width="${width}" stroke-linejoin="round"/>`,
        ];
  const texts = tickLabels(ticks).map((text, i) => axisText(x(ticks[i]!), text, left));
  const shown = texts.filter((text, i) => i === 0 || spanOf(texts[i - 1]!)[1] + 6 < spanOf(text)[0]);
  return framed(label, shares, shown, [...curve(before, "--naive", 1.6), ...curve(now, "--c1", 2.2)]);
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];
