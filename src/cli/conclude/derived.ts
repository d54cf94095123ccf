import type { Engine } from "../../engine/engine.js";
import type { ArtifactReader } from "../../kit/artifact.js";
import type { RunScope } from "../../kit/step.js";
import { PANEL_FILE, readSeriesNames } from "../../panel/artifact.js";
import type { OutlookTotals } from "../../report/quarter/input.js";
import { NO_NAMES, type SeriesNames, seriesNames } from "../../report/series-names.js";
import type { RunArtifacts } from "./artifacts.js";
import { outlookTotals, TOTALS_VERSION } from "./outlook-totals.js";

/** Reading tables takes longer than all else that a fully reused run does, so what came out of it is kept. */
export async function keptTotals(
  engine: Engine,
  { panel, outlook, segments, segmentFiles, training, trainingFiles }: RunArtifacts,
  scope: RunScope,
): Promise<OutlookTotals | null> {
  if (panel === null || outlook === null) return null;
  const from = {
    what: `outlook totals ${TOTALS_VERSION}`,
    artifacts: [panel, outlook, segmentFiles, trainingFiles].flatMap((reader) =>
      reader === null ? [] : [reader.hash],
    ),
    rest: {
      frequency: scope.data.frequency,
      fiscalYearStart: scope.fiscalYearStart,
      target: scope.data.columns.target,
      tools: engine.tools,
    },
  };
  const segmentOf = new Map(Object.entries(segments?.assignment ?? {}));
  const text = await engine.derived.text(from, async () =>
    engine.mask(
      JSON.stringify(await outlookTotals({ panel, outlook, segmentOf, sums: training?.sums ?? null }, scope)),
    ),
  );
  return JSON.parse(text) as OutlookTotals;
}

/** What people call the series of a run's panel. */
export async function keptNames(
  engine: Engine,
  { panel }: Pick<RunArtifacts, "panel">,
  { data: { columns } }: RunScope,
): Promise<SeriesNames> {
  if (panel === null || columns.label === undefined) return NO_NAMES;
  const from = {
    what: "series names 1",
    artifacts: [panel.hash],
    rest: { columns, tools: engine.tools },
  };
  const text = await engine.derived.text(from, async () =>
    engine.mask(JSON.stringify([...(await readSeriesNames(panel.file(PANEL_FILE), columns))])),
  );
  return seriesNames(new Map(JSON.parse(text) as [string, string][]));
}

export interface DiagnosisSources {
  readonly panel: ArtifactReader;
  /** Everything else that the diagnosis follows from. */
  readonly rest: unknown;
}

/** Bump when the same sources give another diagnosis. */
const DIAGNOSIS_VERSION = 2;

/** A run that is concluded again needs neither read its panel nor look for causes again. */
export const keptDiagnosis = (
  engine: Engine,
  { panel, rest }: DiagnosisSources,
  make: () => Promise<string>,
): Promise<string> =>
  engine.derived.text(
    { what: `diagnosis ${DIAGNOSIS_VERSION}`, artifacts: [panel.hash], rest: { rest, tools: engine.tools } },
    async () => engine.mask(await make()),
  );
