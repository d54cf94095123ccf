import { join } from "node:path";
import { FailureError, fail } from "../../kit/failure.js";
import { readTable } from "../../panel/table.js";
import { FORECASTS_CSV, FORECASTS_PARQUET } from "./contract.js";
import { existingFile } from "./output.js";
import type { Part, Place } from "./part.js";

/** One number a series and lead. */
const COLUMNS = [
  { name: "series", type: "VARCHAR" },
  { name: "lead", type: "DOUBLE" },
  { name: "forecast", type: "DOUBLE" },
] as const;

/**
 * Reads what a program forecast in a fold: [N × H], NaN in rows without a number.
 * @throws FailureError `learner.output-missing`, `learner.forecasts-invalid`
 */
export async function readForecasts(
  folder: string,
  { data, rows }: Part,
  place: Place,
): Promise<Float64Array> {
  const file = await existingFile(folder, [FORECASTS_PARQUET, FORECASTS_CSV], place);
  const invalid = (problem: string): never =>
    fail({ code: "learner.forecasts-invalid", retryable: false, ...place, file, problem });
  const { series } = data.panel;
  const { horizon } = rows;
  const [ids, leads, values] = await readTable(join(folder, file), COLUMNS).catch((error: unknown) =>
    invalid(whyUnreadable(error)),
  );
  const rowOf = new Map(series.map((id, row) => [id, row]));
  const forecast = new Float64Array(rows.count * horizon).fill(Number.NaN);
  const seen = new Uint8Array(forecast.length);
  for (const [r, id] of (ids!.values as readonly (string | null)[]).entries()) {
    const row = id === null ? undefined : rowOf.get(id);
    const lead = leads!.values[r] as number;
    if (row === undefined)
      return invalid(`row ${r + 1} is of the series ${id}, which the request does not list`);
    if (!Number.isInteger(lead) || lead < 1 || lead > horizon)
      return invalid(`row ${r + 1} (series ${id}) is of lead ${lead}: 1 to ${horizon} are expected`);
    const cell = row * horizon + lead - 1;
    if (seen[cell] === 1) invalid(`series ${id}, lead ${lead} is there twice`);
    seen[cell] = 1;
    if (rows.length[row]! > 0) forecast[cell] = values!.values[r] as number;
  }
  forecast.forEach((value, cell) => {
    const row = Math.floor(cell / horizon);
    if (rows.length[row] === 0 || Number.isFinite(value)) return;
    const where = `series ${series[row]}, lead ${(cell % horizon) + 1}`;
    invalid(
      seen[cell] === 0
        ? `${where} is not there`
        : `${where} is ${Number.isNaN(value) ? "missing" : value}: a number is expected`,
    );
  });
  return forecast;
}

/** What is wrong with a table, in the words of a learner's author; rethrows what says nothing of the table. */
function whyUnreadable(error: unknown): string {
  if (!(error instanceof FailureError)) throw error;
  const { failure } = error;
  switch (failure.code) {
    case "data.columns-missing":
      return `the columns ${COLUMNS.map(({ name }) => name).join(", ")} are expected, it has ${failure.found.join(", ")}`;
    case "data.empty":
      return "it is empty";
    case "data.unreadable":
      return failure.detail;
    default:
      throw error;
  }
}
