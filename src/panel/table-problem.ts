import { FailureError } from "../kit/failure.js";
import { OddColumn } from "./duckdb.js";
import { isOfDuckDb } from "./reading.js";

/**
 * What is wrong with a table that is not `data.source`, for a failure that says whose it is; null where an error says nothing of the table, as
 * one of the disk.
 */
export function tableProblem(error: unknown): string | null {
  if (error instanceof OddColumn || isOfDuckDb(error)) return error.message.split("\n")[0]!;
  if (!(error instanceof FailureError)) return null;
  const { failure } = error;
  switch (failure.code) {
    case "data.columns-missing":
      return `it has no column ${failure.missing.map(({ column }) => column).join(", ")}`;
    case "data.unreadable":
      return failure.detail;
    case "data.empty":
      return "it is empty";
    case "data.lfs-pointer":
      return "it is a Git LFS pointer, not the file itself";
    case "data.source-missing":
      return "it is gone";
    case "data.source-not-a-file":
      return `it is a ${failure.kind}`;
    default:
      return null;
  }
}
