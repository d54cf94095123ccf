import type { Checkpoints } from "../../../kit/artifacts/checkpoints.js";
import { compact, signedPercent } from "../../format.js";
import type { Html } from "../markup.js";
import { across, axisText, framed, leftOf, px, verticalScale, WIDTH } from "./frame.js";

/** Widest column, in pixels of the drawing. */
const COLUMN = 26;

/** Two columns a period, the earlier outlook and the new one, with the revision above them. */
export function revisionFigure(months: Checkpoints["months"]): Html {
  const scale = verticalScale([0, ...months.flatMap(({ before, after }) => [before * 1.12, after * 1.12])]);
  const left = leftOf(scale);
  const slot = (WIDTH - 8 - left) / months.length;
  const width = Math.min(COLUMN, slot * 0.36);
  const zero = scale.at(0);
  const column = (x: number, value: number, color: string) => {
    const y = scale.at(value);
    return `<rect x="${px(x)}" y="${px(Math.min(y, zero))}" width="${px(width)}" height="${px(Math.abs(zero - y))}" fill="var(${color})"/>`;
  };
  const center = (i: number) => across(left, (i + 0.5) / months.length);
  const columns = months.map(({ before, after, revision }, i) => {
    const top = scale.at(Math.max(before, after, 0)) - 4;
    const text =
      slot < 40
        ? ""
        : `<text x="${px(center(i))}" y="${px(top)}" text-anchor="middle" font-size="11" fill="var(--fg)">${signedPercent(revision)}</text>`;
    return `${column(center(i) - width - 1, before, "--c6")}${column(center(i) + 1, after, "--c1")}${text}`;
  });
  const every = Math.ceil(52 / slot);
  const texts = months.flatMap(({ period }, i) =>
    i % every === 0 ? [axisText(center(i), period, left)] : [],
  );
  const label = `Columns by period, before and after: ${months
    .map(({ period, before, after }) => `${period} ${compact(before)} to ${compact(after)}`)
    .join(", ")}.`;
  return framed(label, scale, texts, columns);
}
