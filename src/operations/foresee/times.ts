import type { Failure } from "../../kit/failure.js";
import type { DataFailure } from "../../kit/failures/data.js";
import type { DataSpec } from "../../kit/specs.js";
import { explainFailure } from "../../report/failures/explain.js";
import { at, NO_CONTEXT } from "../../report/failures/text.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import { columnPath } from "./columns.js";
import type { Foresight } from "./finding.js";

type TimesFailure = Extract<
  DataFailure,
  { readonly code: "data.times-ambiguous" | "data.dates-ambiguous" | "data.dates-not-monthly" }
>;

export const isOfTimes = (failure: Failure): failure is TimesFailure =>
  failure.code === "data.times-ambiguous" ||
  failure.code === "data.dates-ambiguous" ||
  failure.code === "data.dates-not-monthly";

/** Dates that have several readings, or are no months: as the run will say it, and readings to go on with. */
export function aboutTimes(
  runbook: LegibleRunbook,
  data: DataSpec,
  spec: DataSpec,
  failure: TimesFailure,
): {
  readonly found: readonly Omit<Foresight, "severity" | "step">[];
  readonly guesses: readonly DataSpec[];
} {
  const { title, next } = explainFailure(failure, NO_CONTEXT);
  // The last step is to run it again.
  const ways = next.slice(0, -1);
  const finding = {
    code: failure.code,
    message: `${at(failure.file, failure.line)}: ${title}`,
    ...runbook.place(columnPath(data, data.parts?.time?.[0] ?? data.columns.time)),
    suggestion: ways
      .map((way, index) => (index === 0 ? way : way[0]!.toLowerCase() + way.slice(1)))
      .join("; "),
  };
  return { found: [finding], guesses: guessesOf(spec, failure) };
}

/** Readings to go on with: none of them is what the run will take. */
function guessesOf(spec: DataSpec, failure: TimesFailure): readonly DataSpec[] {
  switch (failure.code) {
    case "data.times-ambiguous":
      return spec.timeZone === undefined ? [{ ...spec, timeZone: "UTC" }] : [];
    case "data.dates-ambiguous":
      if (spec.timeFormats !== undefined) return [];
      return failure.readings.flatMap(({ format }) =>
        format === null ? [] : [{ ...spec, timeFormats: [format] }],
      );
    case "data.dates-not-monthly":
      return [];
  }
}
