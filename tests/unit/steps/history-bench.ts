import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { periodStart } from "../../../src/calendar/period.js";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import { intervalColumns, type SnapshotMeta } from "../../../src/kit/artifacts/snapshot.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import type { RunScope, Services, StepContext } from "../../../src/kit/step.js";
import { writePanelArtifact } from "../../../src/panel/artifact.js";
import type { Panel } from "../../../src/panel/panel.js";
import { writeParquet } from "../../../src/panel/table.js";
import { openRegistry } from "../../../src/registry/open.js";
import { modelFiles } from "../../support/model-files.js";
import { NO_WORKSPACE } from "../../support/workspace.js";
import { readerAt, testFolder, writerAt } from "../forecast/forecaster/support.js";

export interface SnapshotRow {
  readonly series: string;
  readonly period: number;
  readonly forecast: number;
  readonly segment?: string;
  /** Interval of the level 0.8. */
  readonly lo?: number;
  readonly hi?: number;
}

/** A registry with the past quarters of one model, and contexts of steps that read it. */
export interface HistoryBench {
  readonly root: string;
  readonly registry: ModelRegistry;
  readonly scope: RunScope;
  folder(name: string): string;
  /** Writes snapshot.parquet and snapshot.json into a folder, as a run of that quarter would. */
  writeSnapshot(
    folder: string,
    quarter: string,
    version: string,
    rows: readonly SnapshotRow[],
  ): Promise<void>;
  /**
   * A closed run of a past quarter with these files; its version becomes live unless `promoted` is false. `champion` is a snapshot that an
   * earlier version made at this quarter's cutoff.
   */
  addQuarter(
    quarter: string,
    rows: readonly SnapshotRow[],
    options?: {
      readonly promoted?: boolean;
      readonly files?: Readonly<Record<string, unknown>>;
      readonly champion?: { readonly version: string; readonly rows: readonly SnapshotRow[] };
    },
  ): Promise<string>;
  context<P>(
    params: P,
    inputs: Readonly<Record<string, ReturnType<typeof readerAt> | null>>,
    outputs: readonly string[],
  ): // biome-ignore lint/suspicious/noExplicitAny: ports differ from step to step
  StepContext<P, any, any>;
}

const clock = { now: () => "2025-07-03T00:00:00.000Z", monotonic: () => 0 };

export async function openHistory(panel: Panel, quarter: string): Promise<HistoryBench> {
  const root = testFolder();
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  const registry = await openRegistry(join(root, "registry"), {
    files: nodeFiles(),
    clock,
    baseFolder: root,
  });
  const scope: RunScope = {
    quarter: parseQuarter(quarter, panel.calendar.fiscalYearStart)!,
    data: {
      sources: [],
      frequency: panel.calendar.frequency,
      columns: {
        series: "id",
        time: "month",
        target: "y",
        attributes: panel.attributes.map(({ name }) => name),
        known: [],
        observed: [],
      },
      delimiter: null,
    },
    model: { name: "room-demand", alias: "best", horizon: 6, firstRelease: "promote" },
    fiscalYearStart: panel.calendar.fiscalYearStart,
  };
  await writePanelArtifact(panel, writerAt(folder("panel")));

  const cutoffOf = (label: string) => parseQuarter(label, panel.calendar.fiscalYearStart)!.cutoff;
  const writeSnapshot: HistoryBench["writeSnapshot"] = async (target, label, version, rows) => {
    const hasIntervals = rows.some((row) => row.lo !== undefined);
    const { lo, hi } = intervalColumns(0.8);
    const numbers = (of: (row: SnapshotRow) => number | undefined) =>
      Float64Array.from(rows, (row) => of(row) ?? Number.NaN);
    await writeParquet(join(target, "snapshot.parquet"), [
      { name: "series", type: "VARCHAR", values: rows.map((row) => row.series) },
      { name: "period", type: "DATE", values: rows.map((row) => periodStart(row.period, panel.calendar)) },
      { name: "lead", type: "INTEGER", values: Int32Array.from(rows, () => 1) },
      { name: "forecast", type: "DOUBLE", values: numbers((row) => row.forecast) },
      { name: "segment", type: "VARCHAR", values: rows.map((row) => row.segment ?? null) },
      ...(hasIntervals
        ? ([
            { name: lo, type: "DOUBLE", values: numbers((row) => row.lo) },
            { name: hi, type: "DOUBLE", values: numbers((row) => row.hi) },
          ] as const)
        : []),
    ]);
    const meta: SnapshotMeta = {
      quarter: label,
      cutoff: cutoffOf(label),
      model: "room-demand",
      version,
      horizon: 6,
      levels: hasIntervals ? [0.8] : [],
      rows: rows.length,
      series: new Set(rows.map((row) => row.series)).size,
      sha256: createHash("sha256")
        .update(readFileSync(join(target, "snapshot.parquet")))
        .digest("hex"),
    };
    writeFileSync(join(target, "snapshot.json"), JSON.stringify(meta));
  };

  return {
    root,
    registry,
    scope,
    folder,
    writeSnapshot,
    addQuarter: async (label, rows, { promoted = true, files = {}, champion } = {}) => {
      const key = `${label} ${(await registry.listVersions("room-demand")).length}`;
      const { runId } = await registry.ensureRun({
        key,
        model: "room-demand",
        name: label,
        quarter: label,
        cutoff: cutoffOf(label),
        tags: {},
      });
      const { version } = await registry.ensureVersion({
        name: "room-demand",
        key,
        runId,
        description: "",
        tags: {},
      });
      const made = folder(`past ${key}`);
      await writeSnapshot(made, label, version, rows);
      const others = Object.entries(files).map(([path, value], at) => {
        const source = join(made, `file-${at}`);
        writeFileSync(source, JSON.stringify(value));
        return { path, source };
      });
      const snapshotFiles = (path: string, source: string) =>
        ["snapshot.parquet", "snapshot.json"].map((name) => ({
          path: `${path}/${name}`,
          source: join(source, name),
        }));
      const championFolder = folder(`past ${key} champion`);
      if (champion !== undefined) {
        await writeSnapshot(championFolder, label, champion.version, champion.rows);
      }
      await registry.putArtifacts(runId, [
        ...snapshotFiles("snapshot", made),
        ...(champion === undefined ? [] : snapshotFiles("champion-snapshot", championFolder)),
        ...others,
      ]);
      const model = await modelFiles(made, { "model.onnx": key });
      await registry.attachModel("room-demand", version, model.files, model.digest);
      if (promoted) {
        await registry.moveAlias({
          name: "room-demand",
          alias: "best",
          to: version,
          by: "test",
          reason: "",
          decision: null,
          key,
        });
      }
      await registry.closeRun(runId, { [RUN_TAGS.version]: version });
      return runId;
    },
    context: (params, inputs, outputs) => {
      const services: Services = { registry, clock, memo: async (_key, load) => load() };
      return {
        ...scope,
        params,
        inputs: { panel: readerAt("panel", folder("panel")), ...inputs },
        services,
        outputs: Object.fromEntries(outputs.map((name) => [name, writerAt(folder(name))])),
        run: { id: `${quarter}-1`, dryRun: false, step: "step" },
        lineage: { code: { retrain: "0.1.0", git: null }, runbook: "sha256:0" },
        workspace: NO_WORKSPACE,
        idempotencyKey: "key",
        signal: new AbortController().signal,
        metrics: {},
        progress: () => undefined,
        warn: () => undefined,
      };
    },
  };
}
