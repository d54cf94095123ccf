import type { AccuracyReport } from "../kit/artifacts/accuracy.js";
import type { Decision } from "../kit/artifacts/decision.js";
import type { TrainingReport } from "../kit/artifacts/training.js";
import type { Finding } from "./finding.js";
import { clamp } from "./grid.js";

/** A quarter counts as bad where its WMAPE is this many times that of cross-validation. */
const BAD = 1.25;
/** What the model's own figures say is less certain than what the data say. */
const MOST = 0.45;

/** What speaks for the model rather than the data: bad in every segment, in one, or never really measured. */
export function modelFindings(
  accuracy: AccuracyReport | null,
  training: TrainingReport | null,
  rules: Decision["rules"],
): Finding[] {
  return [...accuracyFindings(accuracy, training), ...tooLittle(rules)];
}

function accuracyFindings(accuracy: AccuracyReport | null, training: TrainingReport | null): Finding[] {
  const expected = training?.cv.wmape ?? null;
  const wmape = accuracy?.total.wmape ?? null;
  if (accuracy === null || expected === null || wmape === null || wmape < BAD * expected) return [];
  const segments = accuracy.bySegment.filter(({ absoluteActual }) => absoluteActual > 0);
  const volume = segments.reduce((sum, { absoluteActual }) => sum + absoluteActual, 0);
  const excessOf = (group: (typeof segments)[number]) =>
    Math.max(0, group.absoluteError - expected * group.absoluteActual);
  const excess = segments.reduce((sum, group) => sum + excessOf(group), 0);
  const worst = [...segments].sort((a, b) => excessOf(b) - excessOf(a))[0];
  if (worst === undefined || excess === 0) return [];
  const severity = 1 - expected / wmape;
  const bad = segments.filter((group) => (group.wmape ?? 0) >= BAD * expected);
  const everywhere = bad.length / segments.length;
  const excessShare = excessOf(worst) / excess;
  const volumeShare = worst.absoluteActual / volume;
  return [
    ...(segments.length > 1 && everywhere >= 0.8
      ? [
          {
            cause: "worse-everywhere" as const,
            score: clamp(MOST * severity * everywhere),
            segments: bad.length,
            of: segments.length,
            wmape,
            expected,
          },
        ]
      : []),
    ...(segments.length > 1 && excessShare >= 0.6 && excessShare > volumeShare
      ? [
          {
            cause: "one-segment" as const,
            score: clamp(MOST * excessShare * (1 - volumeShare)),
            segment: worst.key,
            excessShare,
            volumeShare,
            wmape: worst.wmape ?? 0,
            expected,
          },
        ]
      : []),
  ];
}

function tooLittle(rules: Decision["rules"]): Finding[] {
  const blocking = rules.filter(({ blocks }) => blocks);
  // Where what was live is gone, it is not the data that says too little.
  const unknown = blocking.filter(({ verdict, why }) => verdict === "UNKNOWN" && why !== "champion-missing");
  if (unknown.length === 0) return [];
  return [
    {
      cause: "too-little-data",
      score: clamp((0.6 * unknown.length) / blocking.length),
      rules: unknown.map(({ id, why, n }) => ({ id, why: why ?? "not-measured", n })),
    },
  ];
}
