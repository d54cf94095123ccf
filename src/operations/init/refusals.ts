import { FailureError, fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { periodsOfShape } from "./rhythm-words.js";
import type { TableLook } from "./table-look.js";
import type { Rhythm } from "./time-look.js";

/** Of what an argument or a flag of `init` can put right. */
export const refuse = (message: string): never =>
  fail({ code: "usage.invalid", retryable: false, message, next: `${programName()} init --help` });

/** Dates that are no months and no quarters, and the way out. */
export function refuseRhythm(
  { file }: TableLook,
  columns: readonly string[],
  rhythm: Exclude<Rhythm, "month" | "quarter">,
): never {
  const { looks, way } = periodsOfShape(rhythm, columns.join(" + "));
  return refuse(
    `the dates in ${columns.join(" + ")} of ${file.path} are ${looks}; a panel has one row a series and month, or quarter. ${way}`,
  );
}

/** There is no runbook yet: what is wrong with a file is wrong with the argument that names it. */
export async function ofArgument<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { failure } = error;
    switch (failure.code) {
      case "data.source-missing":
      case "data.source-not-a-file":
      case "data.lfs-pointer":
      case "data.empty":
      case "data.unreadable":
        throw new FailureError({ ...failure, option: failure.option ?? "DATA" }, { cause: error });
      default:
        throw error;
    }
  }
}
