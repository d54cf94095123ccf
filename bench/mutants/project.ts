import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandHost } from "../../scripts/command-host/command-host.js";
import { drillRows, writeDrillProject } from "../../src/cli/drill/project.js";
import { writeParquet } from "../../src/panel/table.js";
import { type Base, ESCALATING } from "./targets.js";

/** Makes a healthy project. */
export async function makeProject(
  base: Base,
  folder: string,
  host: CommandHost,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeDrillProject(folder, []);
  if (base === "fresh-parquet") await useParquet(folder);
  if (base === "used-mlflow") useMlflow(folder);
  if (base === "fresh" || base === "fresh-parquet") return;
  await mustEnd(host, folder, env, ["quarter", "2025Q1"], 0);
  await mustEnd(host, folder, env, ["quarter", "2025Q2", ...ESCALATING], 3);
}

async function mustEnd(
  host: CommandHost,
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  exitCode: number,
): Promise<void> {
  const outcome = await host.run({ cwd, args, env });
  if (outcome.kind !== "answered" || outcome.answer.exitCode !== exitCode)
    throw new Error(`retrain ${args.join(" ")} on a healthy project: ${JSON.stringify(outcome)}`);
}

function editRunbook(folder: string, from: string, to: string): void {
  const path = join(folder, "runbook.yaml");
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replaceAll(from, to));
}

async function useParquet(folder: string): Promise<void> {
  const rows = drillRows();
  await writeParquet(join(folder, "demand.parquet"), [
    { name: "series", type: "VARCHAR", values: rows.map(({ series }) => series) },
    { name: "region", type: "VARCHAR", values: rows.map(({ region }) => region) },
    { name: "month", type: "DATE", values: rows.map(({ month }) => `${month}-01`) },
    { name: "holidays", type: "DOUBLE", values: Float64Array.from(rows, ({ holidays }) => holidays) },
    { name: "price", type: "DOUBLE", values: Float64Array.from(rows, ({ price }) => price) },
    { name: "demand", type: "DOUBLE", values: Float64Array.from(rows, ({ demand }) => demand) },
  ]);
  editRunbook(folder, "demand.csv", "demand.parquet");
}

function useMlflow(folder: string): void {
  // Servers are shared with other tests.
  const name = `mutants-${process.pid}-${Date.now()}`;
  editRunbook(folder, "name: drill", `name: ${name}`);
  editRunbook(folder, "file:.retrain/registry", ["$", "{MLFLOW_TRACKING_URI}"].join(""));
}
