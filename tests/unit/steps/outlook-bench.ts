import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildArtifacts } from "../../../steps/build-artifacts.js";
import { generateOutlook } from "../../../steps/generate-outlook.js";
import { readerAt } from "../forecast/forecaster/support.js";
import { type Bench, openBench } from "./forecaster-context.js";

type Params = Partial<ReturnType<typeof generateOutlook.params.parse>>;

/** Context of the step, wired to the forecaster that `openBuilt` built. */
export function contextOf(bench: Bench, params: Params = {}) {
  const { panel, version } = bench.inputs();
  const forecaster = readerAt("forecaster", bench.folder("forecaster"));
  const ports = ["outlook", "snapshot", "champion"];
  return bench.context({ levels: [0.95, 0.8], ...params }, { panel, forecaster, version }, ports);
}
export const outlook = (bench: Bench, params?: Params) => generateOutlook.run(contextOf(bench, params));

/** A bench whose version has its model attached, by `build-artifacts`. */
export async function openBuilt(options?: Parameters<typeof openBench>[0]): Promise<Bench> {
  const bench = await openBench(options);
  await buildArtifacts.run(bench.context({}, bench.inputs(), ["forecaster"]));
  return bench;
}

/** Cells of outlook.csv, header first. */
export const csvOf = (bench: Bench): string[][] =>
  readFileSync(join(bench.folder("outlook"), "outlook.csv"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
