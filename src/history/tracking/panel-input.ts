import type { ArtifactReader } from "../../kit/artifact.js";
import type { DatasetInput } from "../../kit/registry.js";
import type { RunScope } from "../../kit/step.js";
import { PANEL_FILE } from "../../panel/artifact.js";
import { withDuckDb } from "../../panel/duckdb.js";
import { sourceNames } from "../../panel/source-files.js";
import { parquetTable } from "../../panel/sql.js";

/** Longest digest that a registry takes. */
const DIGEST_LENGTH = 36;
/** File names beyond these are counted. */
const NAMED_FILES = 3;

/** The panel that a quarter trained on. Its source is named without folders that only this machine has. */
export async function panelInput(
  panel: ArtifactReader,
  { data, model }: Pick<RunScope, "data" | "model">,
): Promise<DatasetInput> {
  const names = data.sources.length === 0 ? [] : sourceNames(data.sources);
  const more = names.length - NAMED_FILES;
  return {
    name: names.length === 0 ? model.name : listed(names.slice(0, NAMED_FILES), more),
    digest: panel.hash.replace(/^sha256:/, "").slice(0, DIGEST_LENGTH),
    source: names.length === 0 ? model.name : names.join(", "),
    context: "training",
    profile: await profileOf(panel.file(PANEL_FILE)),
  };
}

const listed = (names: readonly string[], more: number): string =>
  more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");

async function profileOf(file: string): Promise<Record<string, number>> {
  const columns = await withDuckDb(
    (db) =>
      db.query(`SELECT count(*), count(DISTINCT series), count(DISTINCT period) FROM ${parquetTable(file)}`),
    { threads: 1 },
  );
  const [rows, series, periods] = columns.map(({ values }) => Number(values[0]));
  return { rows: rows!, series: series!, periods: periods! };
}
