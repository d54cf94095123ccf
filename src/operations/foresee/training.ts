import { furtherText, leftOutText } from "../../forecast/forecaster/outlook-levels.js";
import { type LevelSupport, levelSupport } from "../../forecast/intervals/further.js";
import { trainOptionsOf } from "../../forecast/training-params.js";
import type { TrainOptions } from "../../forecast/training-plan.js";
import { FailureError } from "../../kit/failure.js";
import type { ForecastFailure } from "../../kit/failures/forecast.js";
import type { Panel } from "../../panel/panel.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import {
  type Foresight,
  isLeftOut,
  type PlacedStep,
  placeOfParameter,
  severityOf,
  stepsOf,
} from "./finding.js";

type TooShort = Extract<ForecastFailure, { code: "forecast.too-short" }>;
type Params = Parameters<typeof trainOptionsOf>[0];

/** Whether the history is long enough for the folds and the horizon, and for which interval levels. */
export function lookAtTraining(runbook: LegibleRunbook, panel: Panel): Foresight[] {
  const { model } = runbook;
  if (model === null) return [];
  return stepsOf(runbook, "train-pooled-cv")
    .filter((train) => !isLeftOut(train, "folds", "step", "window", "gap", "levels", "ensemble", "learners"))
    .flatMap((train) => {
      const options = trainOptionsOf(train.step.params as Params, model.horizon);
      const support = supportOf(panel, options);
      if ("code" in support) return [tooShort(runbook, train, panel, options, support)];
      const outlooks = stepsOf(runbook, "generate-outlook").filter(({ index }) => index > train.index);
      return outlooks.flatMap((outlook) => aboutLevels(runbook, outlook, support));
    });
}

function supportOf(panel: Panel, options: TrainOptions): readonly LevelSupport[] | TooShort {
  try {
    return levelSupport(panel, panel.lastPeriod, options);
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== "forecast.too-short") throw error;
    return error.failure;
  }
}

function tooShort(
  runbook: LegibleRunbook,
  train: PlacedStep,
  panel: Panel,
  options: TrainOptions,
  { have, need, horizon, needSeries, eligibleSeries }: TooShort,
): Foresight {
  const finding = {
    severity: severityOf(train),
    step: train.step.id,
    code: "history-too-short",
    message: `the history is too short to cross-validate: a fold with a horizon of ${horizon} takes ${needSeries} series with ${need} periods each, the longest has ${have} and ${eligibleSeries} are long enough`,
  };
  const works = (changed: Partial<TrainOptions>) => !("code" in supportOf(panel, { ...options, ...changed }));
  if (options.window !== null && works({ window: null })) {
    const place = placeOfParameter(runbook, train, ["window"]);
    return {
      ...finding,
      ...place,
      suggestion: "raise `window`, or leave it out: it takes more than a season",
    };
  }
  if (options.gap > 0 && works({ gap: 0 })) {
    return { ...finding, ...placeOfParameter(runbook, train, ["gap"]), suggestion: "lower `gap`" };
  }
  const lower = Array.from({ length: horizon - 1 }, (_, at) => horizon - 1 - at).find((one) =>
    works({ horizon: one }),
  );
  return {
    ...finding,
    ...runbook.place(["model", "horizon"]),
    suggestion:
      lower === undefined
        ? "load more history: no horizon is short enough for it"
        : `\`horizon: ${lower}\` in \`model\` is the longest that it is enough for; or load more history`,
  };
}

function aboutLevels(
  runbook: LegibleRunbook,
  outlook: PlacedStep,
  support: readonly LevelSupport[],
): Foresight[] {
  const { levels } = outlook.step.params as { readonly levels: readonly number[] };
  const wanted = support.filter(({ level }) => levels.includes(level));
  const about = { severity: "warning", step: outlook.step.id } as const;
  const placeOf = (level: number) => placeOfParameter(runbook, outlook, ["levels", levels.indexOf(level)]);
  const further = wanted.filter(({ basis }) => basis === "further-origins").map(({ level }) => level);
  const marked: Foresight[] =
    further.length === 0
      ? []
      : [
          {
            ...about,
            code: "level-from-further-origins",
            message: `${furtherText(further)}: the folds of CV have too few residuals for them`,
            ...placeOf(further[0]!),
            suggestion: null,
          },
        ];
  const carried = wanted.filter(({ basis }) => basis !== null).map(({ level }) => level);
  const leftOut = wanted.filter(({ basis }) => basis === null);
  return [
    ...marked,
    ...leftOut.map(
      (level): Foresight => ({
        ...about,
        code: "level-left-out",
        message: leftOutText(level),
        ...placeOf(level.level),
        suggestion:
          carried.length === 0
            ? "take lower `levels`, or load more history"
            : `\`levels: [${carried.join(", ")}]\` are those that it carries`,
      }),
    ),
  ];
}
