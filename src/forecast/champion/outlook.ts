import { rm, writeFile } from "node:fs/promises";
import { err, ok, type Result } from "../../kit/result.js";
import type { Panel } from "../../panel/panel.js";
import type { ForecasterDescriptor } from "../forecaster/descriptor.js";
import { DESCRIPTOR_FILE, GRAPH_FILE } from "../forecaster/directory.js";
import { type Outlook, outlookOf } from "../forecaster/outlook.js";
import { readSeriesSegments, SERIES_STATE_FILE, type SeriesSegment } from "../forecaster/series-state.js";
import { hasAttributes } from "../reconcile/hierarchy.js";
import { parseReconciliation, RECONCILIATION_FILE } from "../reconcile/model.js";
import { hasPeriodsOf, parseDescriptor } from "./score.js";

export interface ChampionOutlookRequest {
  /** A file of the champion's model directory. */
  readonly read: (path: string) => Promise<Uint8Array>;
  readonly panel: Panel;
  /** Last day of the panel, ISO. */
  readonly cutoff: string;
  /** Segments as of now; ids are stable from quarter to quarter. For series that the champion does not know. */
  readonly segments: ReadonlyMap<string, SeriesSegment>;
  /** Interval levels, rising; those that the champion does not have are left out. */
  readonly levels: readonly number[];
  /** As for the candidate's outlook; null is one season. */
  readonly inactiveAfter: number | null;
  /** Path of a file that may be written and removed. */
  readonly workFile: string;
}

export interface ChampionOutlook {
  readonly outlook: Outlook;
  /** The levels that the outlook has, rising. */
  readonly levels: readonly number[];
}

/** Why the champion could not have forecast from this cutoff: it has other periods or attributes, or was trained on later rows. */
export type NoChampionOutlook = "champion-frequency" | "champion-is-later" | "champion-attributes";

/**
 * What the champion's own graph forecasts from the end of the panel: what services that call it with fresh history got; reconciled as its
 * own outlook was. A series has the
 * code that the champion's model directory gives it; one that is new since then has the champion's code of its segment of now.
 * @throws FailureError `forecast.model-invalid` when graph or descriptor are not ours, and what `read` throws
 */
export async function championOutlook(
  request: ChampionOutlookRequest,
): Promise<Result<ChampionOutlook, NoChampionOutlook>> {
  const { read, panel, workFile } = request;
  const descriptor = parseDescriptor(new TextDecoder().decode(await read(DESCRIPTOR_FILE)));
  if (!hasPeriodsOf(panel.calendar, descriptor)) return err("champion-frequency");
  if (descriptor.cutoff > request.cutoff) return err("champion-is-later");

  const reconciliation =
    descriptor.reconciliation === null ? null : parseReconciliation(await read(RECONCILIATION_FILE));
  if (reconciliation !== null && !hasAttributes(panel, reconciliation)) return err("champion-attributes");

  await writeFile(workFile, await read(SERIES_STATE_FILE));
  let known: ReadonlyMap<string, SeriesSegment>;
  try {
    known = await readSeriesSegments(workFile);
  } finally {
    await rm(workFile, { force: true });
  }
  const levels = request.levels.filter((level) => descriptor.levels.includes(level));
  const outlook = await outlookOf(
    await read(GRAPH_FILE),
    panel,
    ownSegments(panel.series, known, request.segments, descriptor),
    { available: descriptor.levels, wanted: levels, inactiveAfter: request.inactiveAfter, reconciliation },
  );
  return ok({ outlook, levels });
}

function ownSegments(
  series: readonly string[],
  known: ReadonlyMap<string, SeriesSegment>,
  now: ReadonlyMap<string, SeriesSegment>,
  { segments }: ForecasterDescriptor,
): ReadonlyMap<string, SeriesSegment> {
  const codes = new Map(segments.map(({ segment, code }) => [segment, code]));
  return new Map(
    series.map((id) => {
      const segment = now.get(id)?.segment ?? null;
      return [id, known.get(id) ?? { segment, code: codes.get(segment ?? "") ?? -1 }];
    }),
  );
}
