import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const DATA = /\.(csv|csv\.gz|tsv|tsv\.gz|parquet|xlsx)$/i;
/** Where people put data beside a runbook. */
const FOLDERS = [".", "data"];

/** Names of data files in a folder and its `data`, sorted, those of the folder first. */
export function dataFiles(folder: string): readonly string[] {
  return FOLDERS.flatMap((place) =>
    namesIn(join(folder, place))
      // Excel keeps a lock beside an open workbook.
      .filter((name) => DATA.test(name) && !name.startsWith("~$") && !name.startsWith("."))
      .sort()
      .map((name) => (place === "." ? name : `${place}/${name}`))
      .filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true),
  );
}

function namesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}
