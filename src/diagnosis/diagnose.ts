import type { AccuracyReport } from "../kit/artifacts/accuracy.js";
import type { Decision } from "../kit/artifacts/decision.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import type { ValidationReport } from "../kit/artifacts/validation.js";
import { type Panel, rowCount } from "../panel/panel.js";
import { distributionsOf } from "./distributions.js";
import { featureFindings } from "./features.js";
import type { Cause, Diagnosis, Finding } from "./finding.js";
import { clamp, duplicateRows, type Grid, gridOf, labelAt } from "./grid.js";
import { historyFindings, type PreviousProfile } from "./history.js";
import { idFindings } from "./ids.js";
import { levelFindings } from "./levels.js";
import { type Assignment, missingFindings } from "./missing.js";
import { modelFindings } from "./model.js";
import { numberFindings, type UnreadableColumn } from "./numbers.js";
import { seasonFindings } from "./season.js";
import { staleFindings } from "./stale.js";
import { pointOfThousands } from "./thousands.js";

export interface DiagnosisInput {
  /** Up to the cutoff. */
  readonly panel: Panel;
  /** Of the panel; empty where validation did not come that far. */
  readonly profile: ValidationReport["profile"];
  /** What the run of the quarter before left behind; null where there was none. */
  readonly previous: (PreviousProfile & { readonly assignment: Assignment }) | null;
  /** Columns with cells that are no numbers, where the source itself is looked at. */
  readonly unreadable?: readonly UnreadableColumn[];
  /** Of the validation, where it came that far. */
  readonly restated?: ValidationReport["restated"];
  readonly accuracy: AccuracyReport | null;
  readonly training: TrainingReport | null;
  readonly rules: Decision["rules"];
  /** Features whose distributions a reader should see, with the reference of the rule that names them. */
  readonly drifted: readonly { readonly feature: string; readonly reference: string }[];
}

/** Below this a finding is noise. */
const WEAKEST = 0.15;

const STRONG = 0.7;

/** What cells that are not read, or ids that are others now, look like. */
const GONE: readonly Cause[] = ["stale-data", "region-missing", "series-changed"];

/** Which of two equally likely causes is named first: the one that says more. */
const ORDER: readonly Cause[] = [
  "ids-changed-form",
  "unreadable-numbers",
  "duplicated-rows",
  "region-missing",
  "stale-data",
  "unit-change",
  "season-shifted",
  "features-permuted",
  "level-shift",
  "feature-changed",
  "history-rewritten",
  "series-changed",
  "one-segment",
  "worse-everywhere",
  "too-little-data",
];

/**
 * What probably happened, the likeliest first, by the panel's own past, by what the run of the quarter before saw, and by what this run measured.
 * One finding a cause, but one a feature of those that changed. A quarter like those before it has no finding with a score of 0.5 or more.
 */
export function diagnose(input: DiagnosisInput): Diagnosis {
  const { profile, previous } = input;
  const thousands = pointOfThousands(gridOf(input.panel));
  // What a known fault brings along is no fault of its own: the others are looked for in what was meant.
  const panel = thousands?.meant ?? input.panel;
  const grid = gridOf(panel);
  const ids = idFindings(grid, previous);
  const numbers = numberFindings(input.unreadable ?? []);
  const isHidden = ({ cause }: Finding) =>
    (ids.some(({ score }) => score >= STRONG) || numbers.length > 0) && GONE.includes(cause);
  const others = [
    ...doubledRows(grid),
    ...levelFindings(grid),
    ...seasonFindings(grid),
    ...staleFindings(grid),
    ...missingFindings(grid, previous?.assignment ?? null),
    ...featureFindings(grid),
    ...historyFindings(profile, previous, panel.series.length, input.restated ?? null),
    ...modelFindings(input.accuracy, input.training, input.rules),
  ].filter((finding) => !isHidden(finding));
  const findings = [...(thousands === null ? [] : [thousands.finding]), ...ids, ...numbers, ...others].filter(
    ({ score }) => score >= WEAKEST,
  );
  return { findings: rank(findings), distributions: distributionsOf(gridOf(input.panel), input.drifted) };
}

function rank(findings: readonly Finding[]): Finding[] {
  const place = (finding: Finding) => ORDER.indexOf(finding.cause);
  const sorted = [...findings].sort((a, b) => b.score - a.score || place(a) - place(b));
  const key = (finding: Finding) =>
    finding.cause === "feature-changed" ? `${finding.cause} ${finding.feature}` : finding.cause;
  const seen = new Set<string>();
  return sorted.filter((finding) => {
    const isFirst = !seen.has(key(finding));
    seen.add(key(finding));
    return isFirst;
  });
}

/** Rows of one series and period that stand there twice or more. */
function doubledRows(grid: Grid): Finding[] {
  const duplicates = duplicateRows(grid.panel);
  if (duplicates === 0) return [];
  const share = duplicates / rowCount(grid.panel);
  const series = grid.panel.series.length;
  return [
    {
      cause: "duplicated-rows",
      score: clamp(0.5 + share),
      scope: { attribute: null, value: null, series, of: series },
      factor: 1 / (1 - share),
      first: labelAt(grid, grid.start),
      last: labelAt(grid, grid.columns - 1),
      error: 0,
      errorUndone: 0,
      errorBefore: 0,
      history: false,
      divisible: null,
      divisibleBefore: null,
      duplicateRows: duplicates,
    },
  ];
}
