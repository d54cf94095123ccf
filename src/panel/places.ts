import { locateRecords } from "./locate.js";
import { cellOfRecord, type ShapedFile } from "./unpivot.js";
import { sheetRow } from "./workbook.js";

/** Line of a record of the panel: of a CSV file, row of a sheet, null of a Parquet file. */
export async function lineOf(file: ShapedFile, record: number): Promise<number | null> {
  const row = cellOfRecord(file, record).record;
  if (file.kind === "sheet") return sheetRow(file, row);
  if (file.kind === "parquet") return null;
  return (await locateRecords(file, [row])).get(row)!.line;
}
