import type { Html } from "../markup.js";
import { type AxisText, across, axisText, framed, leftOf, px, spanOf, verticalScale } from "./frame.js";

type Values = readonly (number | null)[];

export interface Line {
  readonly values: Values;
  /** A CSS variable of the page, e.g. `--c1`. */
  readonly color: string;
  readonly width: number;
  /** A dot at every value: for lines of few points, and for points without neighbours. */
  readonly dots?: boolean;
}

export interface PeriodFigure {
  /** For readers who do not see it. */
  readonly label: string;
  /** All periods, in order; every list of values has one a period. */
  readonly periods: readonly string[];
  /** The widest first. */
  readonly bands: readonly { readonly lo: Values; readonly hi: Values; readonly color: string }[];
  /** What comes last is on top. */
  readonly lines: readonly Line[];
  /** Index of the last period before a forecast begins; null for none. */
  readonly cutoff: number | null;
}

/** Lines and bands over periods, small enough to stand in a grid. */
export function periodFigure({ label, periods, bands, lines, cutoff }: PeriodFigure): Html {
  const every = [...lines.map(({ values }) => values), ...bands.flatMap(({ lo, hi }) => [lo, hi])].flat();
  const scale = verticalScale(every.filter((value) => value !== null));
  const left = leftOf(scale);
  const x = (index: number) => across(left, periods.length < 2 ? 0.5 : index / (periods.length - 1));
  const point = (index: number, value: number) => `${px(x(index))} ${px(scale.at(value))}`;

  const content = [
    ...(cutoff === null
      ? []
      : [`<path d="M${px(x(cutoff))} 8V126" stroke="var(--muted)" stroke-dasharray="3 3"/>`]),
    ...bands.flatMap(({ lo, hi, color }) =>
      runs(lo, hi).map((run) => {
        const back = [...run].reverse();
        return `<path d="M${run.map((i) => point(i, hi[i]!)).join("L")}L${back.map((i) => point(i, lo[i]!)).join("L")}Z" fill="var(${color})"/>`;
      }),
    ),
    ...lines.flatMap(({ values, color, width, dots = false }) => [
      ...runs(values).map(
        (run) =>
          `<path d="M${run.map((i) => point(i, values[i]!)).join("L")}" fill="none" stroke="var(${color})" stroke-width="${width}" stroke-linejoin="round"/>`,
      ),
      ...runs(values)
        .flatMap((run) => (dots || run.length === 1 ? run : []))
        .map(
          (i) => `<circle cx="${px(x(i))}" cy="${px(scale.at(values[i]!))}" r="2.6" fill="var(${color})"/>`,
        ),
    ]),
  ];
  return framed(label, scale, bottomTexts(periods, cutoff, x, left), content);
}

/** Indexes of neighbours that all have a number. */
function runs(...columns: readonly Values[]): number[][] {
  const found: number[][] = [];
  let run: number[] = [];
  for (let i = 0; i < columns[0]!.length; i++) {
    if (columns.every((values) => values[i] !== null && values[i] !== undefined)) {
      if (run.length === 0) found.push(run);
      run.push(i);
    } else run = [];
  }
  return found;
}

/** First and last period, and the cutoff where it has room. */
function bottomTexts(
  periods: readonly string[],
  cutoff: number | null,
  x: (index: number) => number,
  left: number,
): AxisText[] {
  if (periods.length === 0) return [];
  const text = (index: number) => axisText(x(index), periods[index]!, left);
  const ends = periods.length === 1 ? [text(0)] : [text(0), text(periods.length - 1)];
  if (cutoff === null) return ends;
  const middle = text(cutoff);
  const [from, to] = spanOf(middle);
  const collides = ends.some((end) => {
    const [start, stop] = spanOf(end);
    return from < stop + 6 && to > start - 6;
  });
  return collides ? ends : [...ends, middle];
}
