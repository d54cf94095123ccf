import type { Engine } from "../../engine/engine.js";
import type { StepOutcome } from "../../engine/run-step.js";
import type { ArtifactKind, ArtifactReader } from "../../kit/artifact.js";
import type { Segments } from "../../kit/artifacts/segments.js";
import type { RunScope } from "../../kit/step.js";
import { DRAWING_VERSION, type Draw, drawChart } from "../../report/html/charts/svg.js";
import type { OutlookTotals } from "../../report/html/input.js";
import { trusted } from "../../report/html/markup.js";
import { outlookTotals, TOTALS_VERSION } from "./outlook-totals.js";

/** Reading tables and drawing takes longer than all else that a fully reused run does, so what came out of it is kept. */
export async function keptTotals(
  engine: Engine,
  panel: ArtifactReader | null,
  outlook: ArtifactReader | null,
  segments: { readonly reader: ArtifactReader; readonly assignment: Segments["assignment"] } | null,
  scope: RunScope,
): Promise<OutlookTotals | null> {
  if (panel === null || outlook === null) return null;
  const from = {
    what: `outlook totals ${TOTALS_VERSION}`,
    artifacts: [panel, outlook, ...(segments === null ? [] : [segments.reader])].map(({ hash }) => hash),
    rest: {
      frequency: scope.data.frequency,
      fiscalYearStart: scope.fiscalYearStart,
      target: scope.data.columns.target,
      tools: engine.tools,
    },
  };
  const text = await engine.derived.text(from, async () =>
    engine.mask(
      JSON.stringify(
        await outlookTotals(panel, outlook, new Map(Object.entries(segments?.assignment ?? {})), scope),
      ),
    ),
  );
  return JSON.parse(text) as OutlookTotals;
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

const DRAWN: readonly ArtifactKind[] = ["panel", "outlook", "segments", "trained-model"];

/** Draws charts, or takes the drawing that an earlier run with the same artifacts made of the same data. */
export function keepDrawings(engine: Engine, steps: readonly StepOutcome[]): Draw {
  const artifacts = steps
    .flatMap(({ record }) => Object.values(record?.outputs ?? {}))
    .flatMap(({ kind, hash }) => (DRAWN.includes(kind) ? [hash] : []));
  return async (chart) => {
    const from = {
      what: `chart ${chart.id} ${DRAWING_VERSION}`,
      artifacts,
      rest: { data: chart.data, tools: engine.tools },
    };
    return trusted(await engine.derived.text(from, async () => engine.mask((await drawChart(chart)).source)));
  };
}
