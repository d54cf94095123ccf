import { z } from "zod";
import { IMPORT_COLUMNS } from "./imported.js";

const column = (name: keyof typeof IMPORT_COLUMNS, meaning: string) =>
  z.string().min(1).default(IMPORT_COLUMNS[name]).describe(meaning);

/** Parameters of every step that scores or compares with forecasts which another process made. */
export const importParams = {
  importSnapshots: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .meta({ path: true })
    .default([])
    .describe(
      "CSV or Parquet files (paths or globs) of forecasts that an earlier process made. They count as live; where the registry has a live snapshot of the same cutoff, that one is taken instead",
    ),
  importColumns: z
    .strictObject({
      series: column("series", "Series id"),
      period: column("period", "Period that is forecast"),
      forecast: column("forecast", "The forecast"),
      cutoff: column("cutoff", "Last period that the forecast had seen"),
      lo: column("lo", "Lower end of the interval; the column may be absent"),
      hi: column("hi", "Upper end of the interval; the column may be absent"),
      model: column("model", "Name or version of the model; the column may be absent"),
    })
    .prefault({})
    .describe("Names of the columns in the imported files"),
  importLevel: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      "Nominal level of the imported lo and hi, e.g. 0.8. Without it imported intervals are not scored",
    ),
};

const ImportParams = z.object(importParams);
export type ImportParams = z.output<typeof ImportParams>;
