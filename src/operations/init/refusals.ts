import { fail } from "../../kit/failure.js";
import { periodsOfShape } from "./rhythm-words.js";
import type { TableLook } from "./table-look.js";
import type { Rhythm } from "./time-look.js";

/** Dates that are no months and no quarters, and the way out. */
export function refuseRhythm(
  { file }: TableLook,
  columns: readonly string[],
  rhythm: Exclude<Rhythm, "month" | "quarter">,
): never {
  const { looks, way } = periodsOfShape(rhythm, columns.join(" + "));
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `the dates in ${columns.join(" + ")} of ${file.path} are ${looks}; a panel has one row a series and month, or quarter. ${way}`,
    next: null,
  });
}
