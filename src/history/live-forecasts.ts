import { type Calendar, periodOfDay } from "../calendar/period.js";
import { type Failure, FailureError, fail } from "../kit/failure.js";
import type { Json } from "../kit/json.js";
import { valueOrDamage } from "../kit/soundness.js";
import type { IdFolding } from "../kit/specs.js";
import type { RunScope, Services } from "../kit/step.js";
import { lastPeriodOf } from "../panel/calendar.js";
import { foldId } from "../panel/id-forms.js";
import { sourceFiles, sourceFingerprint, sourceNames } from "../panel/source-files.js";
import type { ImportParams } from "./import-params.js";
import { importedSnapshots } from "./imported.js";
import { type LiveHistory, type LiveReason, liveHistory, type Unrecorded } from "./live.js";
import { readSnapshot, type SnapshotRows } from "./snapshot-rows.js";

/** What was live at one cutoff, with periods as numbers. */
export interface LiveForecasts {
  /** `2016Q2` for a snapshot of the registry; the names of the imported files otherwise. */
  readonly source: string;
  /** Null for imported forecasts. */
  readonly quarter: string | null;
  /** Null where imported forecasts name no model, or several. */
  readonly version: string | null;
  /** Why it is this one that counts. */
  readonly why: LiveReason | "imported";
  /** Of a version that came back: the one that was rolled back. */
  readonly insteadOf?: string;
  /** ISO day, and the period that it lies in. */
  readonly cutoffDay: string;
  readonly cutoff: number;
  readonly series: readonly string[];
  readonly period: Int32Array;
  readonly forecast: Float64Array;
  readonly intervals: SnapshotRows["intervals"];
}

/** For people: the file of an imported forecast; otherwise the quarter, and the version that may be an earlier quarter's. */
export const nameOfForecasts = ({
  quarter,
  source,
  version,
}: Pick<LiveForecasts, "quarter" | "source" | "version">): string =>
  quarter === null ? source : `${quarter}'s snapshot of version ${version}`;

interface LiveScope {
  readonly scope: Pick<RunScope, "model" | "quarter" | "data">;
  readonly services: Services;
  readonly params: ImportParams;
}

/**
 * Every forecast that was live before the quarter and reaches into a range of periods, latest cutoff first, one a cutoff: the
 * registry's snapshot before imported ones, and imported files of one cutoff together (the first of two forecasts of one pair wins).
 * @param range snapshots that forecast no period of it are left out
 * @param workFile path of a file that may be written and removed
 * @throws FailureError `snapshot.unreadable`, `data.source-missing`
 */
export async function liveForecasts(
  live: LiveScope,
  range: { readonly first: number; readonly last: number },
  calendar: Calendar,
  workFile: string,
): Promise<{ readonly forecasts: readonly LiveForecasts[]; readonly unrecorded: readonly Unrecorded[] }> {
  const { registry } = live.services;
  const forecasts: LiveForecasts[] = [];
  const { snapshots, unrecorded } = await registered(live);
  for (const snapshot of snapshots) {
    const cutoff = lastPeriodOf(snapshot.cutoff, calendar);
    if (cutoff + snapshot.meta.horizon < range.first) continue;
    const rows = await readSnapshot(registry, snapshot, workFile);
    const { quarter, version, why, insteadOf } = snapshot;
    const origin = {
      source: quarter,
      quarter,
      version,
      why,
      ...(insteadOf === undefined ? {} : { insteadOf }),
    };
    forecasts.push(withPeriods(origin, snapshot.cutoff, rows, calendar, live.scope.data.ids));
  }
  const taken = new Set(forecasts.map((one) => one.cutoff));
  for (const one of await imported(live, calendar)) {
    const reaches = one.period.some((period) => period >= range.first && period <= range.last);
    if (reaches && !taken.has(one.cutoff)) forecasts.push(one);
  }
  return { forecasts: forecasts.sort((a, b) => b.cutoff - a.cutoff), unrecorded };
}

/** What `liveForecasts` depends on besides its arguments, for a step's fingerprint. */
export async function liveForecastsIdentity(live: LiveScope): Promise<Json> {
  const { snapshots, unrecorded } = await registered(live);
  return {
    snapshots: snapshots.map(({ quarter, runId, version, meta, why, insteadOf = null }) => ({
      quarter,
      runId,
      version,
      why,
      insteadOf,
      sha256: meta.sha256,
    })),
    unrecorded: unrecorded.map((one) => ({ ...one })),
    imports:
      patterns(live).length === 0
        ? []
        : await ofImports(() => sourceFingerprint({ sources: patterns(live) })),
  };
}

/** None where the record of alias moves is damaged: nobody knows then what was live, and the gate says so. */
async function registered({ scope, services }: LiveScope): Promise<LiveHistory> {
  const { name: model, alias } = scope.model;
  const found = await valueOrDamage(
    liveHistory(services.registry, { model, alias, quarter: scope.quarter.label }),
  );
  return "code" in found ? { snapshots: [], unrecorded: [] } : found;
}

const patterns = ({ params }: Pick<LiveScope, "params">): readonly string[] =>
  typeof params.importSnapshots === "string" ? [params.importSnapshots] : params.importSnapshots;

/** Failures of a file that name its parameter, which is to be corrected. */
const OF_FILES = [
  "data.source-missing",
  "data.source-not-a-file",
  "data.lfs-pointer",
  "data.empty",
  "data.unreadable",
  "snapshot.unreadable",
  "fs.failed",
] as const;

async function ofImports<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { failure } = error;
    const code = OF_FILES.find((one) => one === failure.code);
    if (code === undefined) throw error;
    return fail(
      { ...(failure as Extract<Failure, { code: typeof code }>), option: "importSnapshots" },
      error,
    );
  }
}

/**
 * Forecasts that another process made, those of one cutoff together.
 * @throws FailureError as `liveForecasts`, of a file that the parameters name
 */
export async function imported(
  live: Pick<LiveScope, "params"> & { readonly scope: Pick<RunScope, "data"> },
  calendar: Calendar,
): Promise<LiveForecasts[]> {
  if (patterns(live).length === 0) return [];
  const files = await ofImports(() => sourceFiles({ sources: patterns(live) }));
  const nameOf = new Map(sourceNames(files).map((name, index) => [files[index]!, name]));
  const { importColumns: columns, importLevel } = live.params;
  const { timeZone, timeFormats, encoding } = live.scope.data;
  const options = { columns, level: importLevel ?? null, calendar, timeZone, timeFormats, encoding };
  const snapshots = await ofImports(() => importedSnapshots(files, options));
  const byCutoff = new Map<number, LiveForecasts[]>();
  for (const { source, version, cutoff, rows } of snapshots) {
    const origin = { source: nameOf.get(source) ?? source, quarter: null, version, why: "imported" as const };
    const one = withPeriods(origin, cutoff, rows, calendar, live.scope.data.ids);
    byCutoff.set(one.cutoff, [...(byCutoff.get(one.cutoff) ?? []), one]);
  }
  return [...byCutoff.values()].map(together);
}

function withPeriods(
  origin: Pick<LiveForecasts, "source" | "quarter" | "version" | "why" | "insteadOf">,
  cutoffDay: string,
  rows: SnapshotRows,
  calendar: Calendar,
  ids: IdFolding | undefined,
): LiveForecasts {
  const cutoff = lastPeriodOf(cutoffDay, calendar);
  const periods = new Map<string, number>();
  const periodOf = (day: string): number => {
    const detail = `period "${day}" is not a day`;
    const period =
      periods.get(day) ??
      periodOfDay(day, calendar) ??
      fail({ code: "snapshot.unreadable", retryable: false, file: origin.source, line: null, detail });
    periods.set(day, period);
    return period;
  };
  return {
    ...origin,
    cutoffDay,
    cutoff,
    // They may be older than the option, or of another program.
    series: ids === undefined ? rows.series : rows.series.map((id) => foldId(id, ids)),
    period: Int32Array.from(rows.period, periodOf),
    forecast: rows.forecast,
    intervals: rows.intervals,
  };
}

/** Several imported forecasts of one cutoff as one; of two forecasts of one series and period the first stays. */
function together(parts: readonly LiveForecasts[]): LiveForecasts {
  const [first, ...others] = parts as [LiveForecasts, ...LiveForecasts[]];
  if (others.length === 0) return first;
  const seen = new Set<string>();
  const rows: { readonly part: LiveForecasts; readonly row: number }[] = [];
  for (const part of parts) {
    for (const [row, id] of part.series.entries()) {
      const key = `${part.period[row]} ${id}`;
      if (seen.has(key)) continue;
      seen.add(key);
      rows.push({ part, row });
    }
  }
  const levels = [...new Set(parts.flatMap((part) => part.intervals.map(({ level }) => level)))].sort(
    (a, b) => a - b,
  );
  const bound = (level: number, side: "lo" | "hi") =>
    Float64Array.from(rows, ({ part, row }) => {
      const interval = part.intervals.find((candidate) => candidate.level === level);
      return interval === undefined ? Number.NaN : interval[side][row]!;
    });
  return {
    ...first,
    source: [...new Set(parts.map((part) => part.source))].join(", "),
    version: parts.every((part) => part.version === first.version) ? first.version : null,
    series: rows.map(({ part, row }) => part.series[row]!),
    period: Int32Array.from(rows, ({ part, row }) => part.period[row]!),
    forecast: Float64Array.from(rows, ({ part, row }) => part.forecast[row]!),
    intervals: levels.map((level) => ({ level, lo: bound(level, "lo"), hi: bound(level, "hi") })),
  };
}
