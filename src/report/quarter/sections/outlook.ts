import type { LeftOutLevel } from "../../../kit/artifacts/training.js";
import { compact, count, DASH, levelText, list, plural } from "../../format.js";
import { note, numberColumn, section, table, textColumn } from "../../page/make.js";
import type { Block, Section } from "../../page/model.js";
import { fanDrawing, fanKeys, volume } from "../drawings/fan.js";
import type { OutlookTotals, QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";

/** Segments that are drawn, the largest ones. */
const DRAWN = 24;

export function outlookSection({ document, outlook }: QuarterInput): Section {
  if (outlook === null || outlook.total.forecast.length === 0)
    return section("outlook", "Outlook", whyAbsent(document, "generate-outlook", "The outlook is empty."));
  const { target, total } = outlook;
  return section(
    "outlook",
    "Outlook",
    {
      kind: "figure",
      caption: `${target}, all series together`,
      drawing: fanDrawing(`${target}, all series together`, total, total.levels),
      keys: fanKeys(total.levels),
    },
    figures(outlook),
    bySegment(outlook),
  );
}

function figures({ total, leftOut }: OutlookTotals): Block[] {
  const names = total.levels.map(levelText);
  return [
    table(
      "Forecast of all series together",
      [
        textColumn("Period"),
        numberColumn("Forecast"),
        ...names.flatMap((level) => [numberColumn(`Low, ${level}`), numberColumn(`High, ${level}`)]),
      ],
      total.forecast.map(({ period, forecast, bands }) => [
        period,
        compact(forecast),
        ...bands.flatMap(({ lo, hi }) => [compact(lo), compact(hi)]),
      ]),
    ),
    note([basisOf(total.basis), ...leftOut.map(missing)].join(" ")),
  ];
}

const BASIS: Readonly<Record<OutlookTotals["total"]["basis"], string>> = {
  sums: "Intervals of a sum come from the errors that this very sum had in cross-validation, where errors of the series cancel in part: they are narrower than the bounds of the series added up.",
  series: "There is one series, so the intervals of the sum are its own.",
  none: "The outlook has no intervals.",
  unknown:
    "The training was made by a program that did not calibrate intervals of sums, so there are none; the outlook has those of the series.",
};

const basisOf = (basis: OutlookTotals["total"]["basis"]): string => BASIS[basis];

const missing = ({ level, have, need }: LeftOutLevel): string =>
  `No ${levelText(level)} interval: it takes ${plural(need, "residual")} of the sum, and cross-validation has ${count(have)}; more folds of train-pooled-cv give more.`;

function bySegment({ target, segments }: OutlookTotals): Block[] {
  if (segments.length < 2) return [];
  const shown = segments.slice(0, DRAWN);
  const rest = segments.length - shown.length;
  const levels = [...new Set(shown.flatMap((segment) => segment.levels))].sort((a, b) => a - b);
  const bare = shown.filter((segment) => segment.levels.length < levels.length).map(({ segment }) => segment);
  return [
    {
      kind: "multiples",
      caption: `${target} by segment, the largest first`,
      keys: fanKeys(levels),
      items: shown.map((fan) => ({
        title: fan.segment,
        note:
          fan.forecast.length === 0
            ? DASH
            : `${compact(volume(fan.forecast))} in ${plural(fan.forecast.length, "period")}`,
        drawing: fanDrawing(`segment ${fan.segment}`, fan, levels),
      })),
    },
    ...(bare.length === 0 ? [] : [note(`Too few residuals for every interval of ${list(bare)}.`)]),
    ...(rest > 0
      ? [note(`${plural(rest, "smaller segment")} not drawn; the outlook has their series.`)]
      : []),
  ];
}
