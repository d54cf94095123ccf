import { stat } from "node:fs/promises";
import { trainOptionsOf, trainPooledCv } from "../../steps/train-pooled-cv.js";
import { periodEnd } from "../calendar/period.js";
import { quarterOfDay } from "../calendar/quarter.js";
import { furtherText, leftOutText } from "../forecast/forecaster/outlook-levels.js";
import { type LevelSupport, levelSupport } from "../forecast/intervals/further.js";
import { FailureError } from "../kit/failure.js";
import { lastPeriodOf } from "../panel/calendar.js";
import type { Panel } from "../panel/panel.js";
import { readSource } from "../panel/source.js";
import { sourceFiles } from "../panel/source-files.js";
import type { Graph } from "../plan/graph.js";
import type { Runbook } from "../runbook/runbook.js";

/** What a quarter will say of the data that is there, known from which cells hold numbers. */
export interface Foresight {
  readonly code: "history-too-short" | "level-left-out" | "level-from-further-origins";
  /** Step that will say it. */
  readonly step: string;
  readonly message: string;
}

/** A larger source is not opened for this: its reading is most of a quarter's time. */
const MOST_BYTES = 32 * 2 ** 20;

/** Later than any row. */
const END_OF_TIME = "9999-12-31";

/**
 * Looks at the source, if it is there and small, for what a training on it cannot give. Says nothing of a source that cannot be read: the step that
 * validates it does.
 * @param cutoff ISO day; null for the end of the last whole quarter of the data
 */
export async function foresee(
  runbook: Runbook,
  graph: Graph,
  cutoff: string | null,
): Promise<readonly Foresight[]> {
  const training = graph.nodes.find(({ type }) => type.type === trainPooledCv.type);
  const outlook = graph.nodes.find(({ type }) => type.type === "generate-outlook");
  if (training === undefined) return [];
  const panel = await smallPanel(runbook, cutoff);
  if (panel === null) return [];
  const options = trainOptionsOf(
    training.step.params as Parameters<typeof trainOptionsOf>[0],
    runbook.model.horizon,
  );
  const last = cutoff === null ? lastWholeQuarter(panel) : panel.lastPeriod;
  if (!Number.isFinite(last)) return [];
  let support: readonly LevelSupport[];
  try {
    support = levelSupport(panel, last, options);
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== "forecast.too-short") throw error;
    return [{ code: "history-too-short", step: training.id, message: tooShort(error.failure) }];
  }
  if (outlook === undefined) return [];
  const { levels } = outlook.step.params as { readonly levels: readonly number[] };
  return aboutLevels(
    support.filter(({ level }) => levels.includes(level)),
    outlook.id,
  );
}

function aboutLevels(support: readonly LevelSupport[], step: string): Foresight[] {
  const further = support.filter(({ basis }) => basis === "further-origins");
  const marked: Foresight[] =
    further.length === 0
      ? []
      : [
          {
            code: "level-from-further-origins",
            step,
            message: `${furtherText(further.map(({ level }) => level))}: the folds of CV have too few residuals for them`,
          },
        ];
  const leftOut = support.filter(({ basis }) => basis === null);
  return [
    ...marked,
    ...leftOut.map((level): Foresight => ({ code: "level-left-out", step, message: leftOutText(level) })),
  ];
}

const tooShort = ({
  have,
  need,
  horizon,
  needSeries,
}: {
  readonly have: number;
  readonly need: number;
  readonly horizon: number;
  readonly needSeries: number;
}): string =>
  `the history is too short to cross-validate: a fold with a horizon of ${horizon} takes ${needSeries} series with ${need} periods each, the longest has ${have}`;

async function smallPanel(runbook: Runbook, cutoff: string | null): Promise<Panel | null> {
  try {
    let bytes = 0;
    for (const file of await sourceFiles(runbook.data)) {
      const found = await stat(file);
      // A pipe would wait, and could be read once only.
      if (!found.isFile()) return null;
      bytes += found.size;
    }
    if (bytes > MOST_BYTES) return null;
    const { fiscalYearStart } = runbook;
    return (await readSource(runbook.data, { cutoff: cutoff ?? END_OF_TIME, fiscalYearStart })).panel;
  } catch {
    return null;
  }
}

/** Last period of the latest quarter that the data reaches the end of. */
function lastWholeQuarter({ period, target, calendar }: Panel): number {
  let latest = Number.NEGATIVE_INFINITY;
  period.forEach((one, row) => {
    if (one > latest && !Number.isNaN(target[row]!)) latest = one;
  });
  if (!Number.isFinite(latest)) return latest;
  const day = periodEnd(latest, calendar);
  const quarter = quarterOfDay(day, calendar.fiscalYearStart);
  return lastPeriodOf(quarter.cutoff === day ? day : quarter.previous.cutoff, calendar);
}
