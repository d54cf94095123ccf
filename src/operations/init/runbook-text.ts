import type { Layout } from "./answers.js";
import type { Recipe } from "./recipe.js";
import { list, listOrOne, scalar } from "./yaml-text.js";

export interface RunbookInput {
  readonly name: string;
  /** Of the JSON schema, from the runbook's folder. */
  readonly schema: string;
  /** `data.source`, from the runbook's folder. */
  readonly source: string;
  readonly layout: Layout;
  readonly sheet: string | null;
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly timeZone: string | null;
  readonly fiscalStart: number | null;
}

/** The `data:` section, with a word on each choice. */
export function dataText({
  source,
  layout,
  sheet,
  encoding,
  delimiter,
  timeZone,
  fiscalStart,
}: RunbookInput): string {
  const {
    shape,
    names,
    wideColumns,
    frequency,
    time,
    timeFormat,
    series,
    target,
    attributes,
    known,
    observed,
  } = layout;
  const wide = shape === "wide";
  const columns = [
    ...(series === null
      ? []
      : [
          `series: ${listOrOne(series)}${wide && names === "series" ? " # what the names of the columns are called" : " # names the series"}`,
        ]),
    `time: ${listOrOne(time)}${wide && names === "time" ? " # what the names of the columns are called" : ""}`,
    `target: ${scalar(target)} # what is forecast${wide ? ": the cells of the table" : ""}`,
    ...(attributes.length === 0 ? [] : [`attributes: ${list(attributes)} # never change for a series`]),
    ...(known.length === 0 ? [] : [`known: ${list(known)} # known for the future too`]),
    ...(observed.length === 0 ? [] : [`observed: ${list(observed)} # known only up to now`]),
  ];
  return [
    `data:`,
    `  source: ${scalar(source)} # a file, a glob or a list: next quarter's data in the same place, or named here`,
    ...(sheet === null ? [] : [`  sheet: ${scalar(sheet)}`]),
    ...(encoding === null ? [] : [`  encoding: ${scalar(encoding)}`]),
    ...(delimiter === null ? [] : [`  delimiter: ${JSON.stringify(delimiter)}`]),
    `  frequency: ${frequency} # one row a series and ${frequency}`,
    ...(timeFormat === null ? [] : [`  timeFormat: ${JSON.stringify(timeFormat)}`]),
    ...(timeZone === null ? [] : [`  timeZone: ${scalar(timeZone)}`]),
    ...(wide ? [`  shape: wide # a column for each ${names === "time" ? frequency : "series"}`] : []),
    ...(wide && (wideColumns !== null || names !== null)
      ? [
          `  wide: { names: ${names}${wideColumns === null ? "" : `, columns: ${typeof wideColumns === "string" ? JSON.stringify(wideColumns) : list(wideColumns)}`} }`,
        ]
      : []),
    ...(series === null && !wide ? ["  # No column names series: the table is one."] : []),
    "  columns:",
    ...columns.map((line) => `    ${line}`),
    ...(fiscalStart === null ? [] : ["", `calendar: { fiscalYearStart: ${fiscalStart} }`]),
    "",
  ].join("\n");
}

/** A whole runbook, with rules that fit the panel. */
export function runbookText(input: RunbookInput, recipe: Recipe): string {
  const { name, schema } = input;
  const { quarter, horizon, folds, levels, segments, drift, nulls, isNonNegative, series, shortSeries } =
    recipe;
  const { frequency, target, attributes } = input.layout;
  const each = `${frequency}${horizon === 1 ? "" : "s"}`;
  const validate = [
    ...(isNonNegative ? [`ranges: { ${scalar(target)}: { min: 0 } }`] : []),
    ...(Object.keys(nulls).length === 0
      ? []
      : [
          `nulls: { ${Object.entries(nulls)
            .map(([column, share]) => `${scalar(column)}: ${share}`)
            .join(", ")} }`,
        ]),
  ];
  return `# yaml-language-server: $schema=${schema}
# One quarter of retraining, from data to decision. Try it: retrain quarter ${quarter} --dry-run
version: 1
name: ${scalar(name)}

${dataText(input)}
# Services load the version that \`alias\` names; a promotion moves it. The forecast goes ${horizon} ${each} past the quarter.
model: { name: ${scalar(name)}, alias: best, horizon: ${horizon}, firstRelease: promote }
registry: { uri: "\${MLFLOW_TRACKING_URI:-file:.retrain/registry}" }

steps:
  # Stops the run on broken data.${Object.keys(nulls).length === 0 ? "" : " `nulls` is the share of empty cells that the data has now, and a little more."}
  - id: validate
    uses: validate-data
${validate.length === 0 ? "" : `    with:\n${validate.map((line) => `      ${line}`).join("\n")}\n`}
  # How the forecasts that were live did in this quarter: from the second quarter on, or give it those of your old process (importSnapshots).
  - { id: accuracy, uses: accuracy-report }

${segmentsText(segments, attributes, series)}
  # One model over all series, chosen by rolling-origin cross-validation (CV).${shortSeries === 0 ? "" : ` ${shortSeries} of ${series} series are no longer than a season: they learn from the others.`}
  - { id: train, uses: train-pooled-cv, with: { folds: ${folds} } }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }

  # The forecast for planners, with the intervals that this history carries.
  - { id: outlook, uses: generate-outlook, with: { levels: [${levels.join(", ")}] } }

  # How far the ${frequency}s that last quarter's forecast covers too have moved.
  - { id: checkpoints, uses: compare-checkpoints, with: { maxRevision: 0.25 } }

  # Every rule must hold before the alias moves. A figure that could not be measured does not hold.
  # Tighten the limits once you know your figures: \`retrain backtest\` says what a limit would have done.
  - id: gate
    uses: gate
    with:
      rules:
        # No worse than repeating last year: 1 is the error of the seasonal naive forecast.
        - { id: candidate, expr: train.cv.wmape / train.naive.wmape, max: 1 }
        - { id: accuracy, expr: accuracy.wmape / train.naive.wmape, max: 1.25 }
        # In points of WMAPE on this quarter's rows; a first release has no champion to beat.
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.01 }
${driftText(drift, series)}        # Series with rows last quarter and none now, and series whose last ${frequency} has not arrived.
        - { id: series-lost, metric: validate.seriesLostShare, max: 0.05 }
        - { id: series-late, metric: validate.seriesLateShare, max: 0.1, severity: warn }
        # \`warn\` is shown and never stops a promotion.
        - { id: checkpoints, metric: checkpoints.maxRevision, max: 0.25, severity: warn }

  - { id: promote, uses: promote }

# Who gets a failed gate, how long they have, and who is told (an empty URL tells nobody).
escalation:
  owner: forecasting
  deadline: 5d
  notify: [{ webhook: "\${RETRAIN_WEBHOOK_URL:-}" }]
`;
}

function segmentsText(segments: Recipe["segments"], attributes: readonly string[], series: number): string {
  if (segments === null) {
    return `  # ${series === 1 ? "One series needs no segments" : `${series} series are too few for segments`}.${attributes.length > 0 ? ` To report by ${attributes[0]}: { id: segments, uses: refresh-segments, with: { by: ${list(attributes.slice(0, 1))} } }` : ""}\n`;
  }
  if (segments === "abc-xyz")
    return "  # Groups of series by size and variation.\n  - { id: segments, uses: refresh-segments }\n";
  return `  - { id: segments, uses: refresh-segments, with: { by: ${list([segments.by])} } }\n`;
}

function driftText(drift: Recipe["drift"], series: number): string {
  if (drift === null) {
    return `        # No drift rule: ${series === 1 ? "one series" : `${series} series`} or this history hold too few values to tell drift from chance.\n`;
  }
  return `        # Fails only if D reaches \`statistic\` and the corrected p is at most \`alpha\`.
        - id: drift
          ks: { features: ${list(drift)}, statistic: 0.2, alpha: 0.05, reference: same-quarter-last-year }
`;
}
