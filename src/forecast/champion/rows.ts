import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Calendar, periodEnd, periodOfDay } from "../../calendar/period.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { ModelRegistry, ModelVersion } from "../../kit/registry.js";
import { err, ok, type Result } from "../../kit/result.js";
import { withTemporaryFolder } from "../../kit/temporary-folder.js";
import type { Panel } from "../../panel/panel.js";
import { readTable } from "../../panel/table.js";
import { tableProblem } from "../../panel/table-problem.js";
import type { ForecastRow } from "./compare.js";
import { type ChampionUnfit, championForecasts, parseDescriptor } from "./score.js";

export interface HoldoutForecast extends ForecastRow {
  readonly actual: number;
  readonly scale: number | null;
}

/** `holdout.parquet`: what the recipe, trained up to last quarter's end, forecast for this quarter. */
export async function holdoutRows(file: string, calendar: Calendar): Promise<HoldoutForecast[]> {
  const table = await readTable(file, [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    { name: "forecast", type: "DOUBLE" },
    { name: "actual", type: "DOUBLE" },
    { name: "scale", type: "DOUBLE" },
  ]);
  const column = (name: string) => table.find((candidate) => candidate.name === name)!.values;
  const [series, days] = [column("series") as string[], column("period") as string[]];
  const [forecast, actual, scale] = ["forecast", "actual", "scale"].map(column) as Float64Array[];
  return series.map((id, row) => ({
    series: id,
    period: periodOfDay(days[row]!, calendar)!,
    forecast: forecast![row]!,
    actual: actual![row]!,
    scale: Number.isNaN(scale![row]!) ? null : scale![row]!,
  }));
}

/** Path of a version's own holdout forecasts in its registry run. */
const HOLDOUT_ARTIFACT = "training/holdout.parquet";

export interface ChampionRowsRequest {
  readonly registry: ModelRegistry;
  readonly baseline: ModelVersion;
  readonly panel: Panel;
  /** Last period before the quarter, and how many periods the quarter has. */
  readonly origin: number;
  readonly periods: number;
  /** Cutoff of the quarter that is judged, an ISO day. */
  readonly cutoff: string;
  readonly segmentOf: (series: string) => string | null;
}

/**
 * The champion's forecasts for the quarter, made without having seen it, or why there are none. A champion that was trained for this very
 * quarter has seen it; then the forecasts that its recipe made before are taken from its registry run.
 */
export async function championRows(
  request: ChampionRowsRequest,
): Promise<
  Result<readonly ForecastRow[], ChampionUnfit | "champion-saw-the-quarter" | "champion-no-holdout">
> {
  const { registry, baseline, panel, origin, periods, cutoff, segmentOf } = request;
  const read = (path: string) => registry.readModelFile(baseline.name, baseline.version, path);
  const descriptor = new TextDecoder().decode(await read("forecaster.json"));
  const trainedTo = parseDescriptor(descriptor).cutoff;
  if (trainedTo === cutoff) {
    const own = await ownHoldout(registry, baseline, panel.calendar);
    return own === null ? err("champion-no-holdout") : ok(own);
  }
  if (trainedTo > periodEnd(origin, panel.calendar)) return err("champion-saw-the-quarter");
  return championForecasts({
    model: await read("model.onnx"),
    descriptor,
    panel,
    segmentOf,
    origin,
    periods,
  });
}

/** Null where its run, or the file in it, is not there. */
async function ownHoldout(
  registry: ModelRegistry,
  { runId }: ModelVersion,
  calendar: Calendar,
): Promise<HoldoutForecast[] | null> {
  const bytes = await artifactIfThere(registry, runId);
  if (bytes === null) return null;
  return withTemporaryFolder("holdout", async (folder) => {
    const file = join(folder, "holdout.parquet");
    await writeFile(file, bytes);
    return holdoutRows(file, calendar).catch((error: unknown) => {
      const detail = tableProblem(error);
      if (detail === null) throw error;
      const path = `${HOLDOUT_ARTIFACT} of registry run ${runId}`;
      return fail({ code: "registry.corrupt", retryable: false, path, detail }, error);
    });
  });
}

async function artifactIfThere(registry: ModelRegistry, runId: string): Promise<Uint8Array | null> {
  try {
    return await registry.readArtifact(runId, HOLDOUT_ARTIFACT);
  } catch (error) {
    const code = error instanceof FailureError ? error.failure.code : null;
    if (code === "registry.run-missing" || code === "registry.file-missing") return null;
    throw error;
  }
}
