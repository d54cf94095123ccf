import type { DataFailure } from "../../kit/failures/data.js";
import { at, type FailureText } from "./text.js";

type TimesFailure = Extract<
  DataFailure,
  { readonly code: "data.times-ambiguous" | "data.dates-ambiguous" | "data.dates-not-monthly" }
>;

/** Times that have another reading, or that are no months. */
export function explainTimes(failure: TimesFailure, again: string): FailureText {
  switch (failure.code) {
    case "data.times-ambiguous":
      return ambiguous(failure, again);
    case "data.dates-ambiguous":
      return undecided(failure, again);
    case "data.dates-not-monthly":
      return notMonthly(failure, again);
  }
}

function undecided(
  failure: Extract<TimesFailure, { code: "data.dates-ambiguous" }>,
  again: string,
): FailureText {
  const { column, text, readings, against } = failure;
  const formats = readings.filter(({ format }) => format !== null);
  return {
    title: `${JSON.stringify(text)} in ${column} may be ${readings.map(({ means }) => means).join(" or ")}: nothing in the column decides`,
    where: at(failure.file, failure.line),
    expected: "dates with one reading, such as 2025-04-01, 2025-04 or Apr 2025, or `data.timeFormat`",
    details: [
      ...readings.map(({ format, means }) =>
        format === null ? `${means}: no format reads it so` : `${means}: \`data.timeFormat: "${format}"\``,
      ),
      ...(against === null
        ? []
        : [
            `${JSON.stringify(against.text)}${against.line === null ? "" : ` (line ${against.line})`} has another order: one format cannot read both`,
          ]),
    ],
    next: [
      against === null
        ? `Say which one is meant: ${formats.map(({ format }) => `\`data.timeFormat: "${format}"\``).join(" or ")}`
        : "Write all of them in one order, and say which in `data.timeFormat`; a list of formats is tried in its order",
      `Then run ${again}`,
    ],
  };
}

function ambiguous(
  failure: Extract<TimesFailure, { code: "data.times-ambiguous" }>,
  again: string,
): FailureText {
  const { column, text, asWritten, otherwise, side, isInstant } = failure;
  const zone = side === "east" ? "Europe/Berlin" : "America/New_York";
  const meaning = side === "east" ? "starts of months" : "ends of months";
  return {
    title: `The times in ${column} are ${asWritten} or ${otherwise}: nothing says where the clock hung`,
    where: at(failure.file, failure.line),
    expected: `times of day that stay in their month in any zone, or \`data.timeZone\``,
    details: [
      `${JSON.stringify(text)} is ${asWritten} as it is written${isInstant ? " (UTC)" : ""}, and ${otherwise} where it is ${meaning} ${side} of UTC, e.g. ${zone}.`,
      "Most times of the file are like this one.",
    ],
    next: [
      ...(isInstant
        ? [
            `If they are ${meaning} in a zone, name it: \`data.timeZone: ${zone}\``,
            "If they mean what is written, say so: `data.timeZone: UTC`",
          ]
        : [
            `If they are UTC and mean ${meaning} in a zone, write Z behind them, or months such as ${otherwise}, and name the zone: \`data.timeZone: ${zone}\``,
            `If they mean what is written, name the zone in which they were written: \`data.timeZone: ${zone}\``,
          ]),
      `Then run ${again}`,
    ],
  };
}

const LOOKS = {
  "4-4-5": "accounting months of 4 and 5 weeks (4-4-5 or a kin of it)",
  "four-week": "periods of 4 weeks, 13 a year",
  "13-week": "accounting quarters of 13 weeks",
  weekly: "weekly data",
  "two-weekly": "data of every second week",
  daily: "daily data",
  monthly: "monthly data",
  quarterly: "quarterly data",
  "half-yearly": "half-yearly data",
  yearly: "yearly data",
  irregular: "days of no rhythm",
} as const;

function notMonthly(
  failure: Extract<TimesFailure, { code: "data.dates-not-monthly" }>,
  again: string,
): FailureText {
  const { column, frequency, shape, series, examples } = failure;
  return {
    title: `The dates are not ${frequency === "month" ? "monthly" : "quarterly"}: they look like ${LOOKS[shape]}`,
    where: at(failure.file, failure.line),
    expected: `one row a series and ${frequency}`,
    details: [`Series ${series}, ${column}: ${examples.join(", ")}`],
    next: [...waysOut(failure), `Then run ${again}`],
  };
}

function waysOut({
  frequency,
  shape,
}: Extract<TimesFailure, { code: "data.dates-not-monthly" }>): readonly string[] {
  switch (shape) {
    case "4-4-5":
    case "four-week":
    case "13-week":
      return [
        `Put the name of the accounting ${frequency} into a column, e.g. ${frequency === "month" ? "2025-04" : "2025Q2"}, and name it in \`data.columns.time\``,
        `Or sum the weeks to calendar ${frequency}s before they are loaded`,
      ];
    case "monthly":
      return [
        "Say that the panel is monthly: `data.frequency: month`",
        "Or sum the months to quarters before they are loaded",
      ];
    case "quarterly":
      return [
        "Say that the panel is quarterly: `data.frequency: quarter`",
        "Or load the months that are not there",
      ];
    case "half-yearly":
    case "yearly":
      return [`Load a row for each ${frequency}: there is no model for such data`];
    default:
      return [
        `Sum the rows to calendar ${frequency}s before they are loaded`,
        `Or, where each date stands for a ${frequency}, put its name into a column, e.g. ${frequency === "month" ? "2025-04" : "2025Q2"}, and name it in \`data.columns.time\``,
      ];
  }
}
