import { z } from "zod";
import type { Finding, Scope } from "../../diagnosis/finding.js";
import { compact, count, decimal, figure, list, percent, plural } from "../format.js";
import type { Finding as PageFinding } from "../page/model.js";
import { whyWords } from "../rules.js";

/** A likely cause for a reader. */
export const CauseWords = z.object({
  /** Of `Finding`. */
  cause: z.string(),
  title: z.string(),
  /** Sentences, the most telling first. */
  evidence: z.array(z.string()).readonly(),
  /** 0..1. */
  score: z.number(),
});
export type CauseWords = z.infer<typeof CauseWords>;

export const causeWords = (finding: Finding): CauseWords => ({
  cause: finding.cause,
  ...wordsOf(finding),
  score: finding.score,
});

/** How far a reader can rely on a cause. */
export const strengthOf = (score: number): "strong" | "fair" | "weak" =>
  score >= 0.7 ? "strong" : score >= 0.4 ? "fair" : "weak";

const TONES = { strong: "bad", fair: "warn", weak: "quiet" } as const;

/** A cause on a page, with how far to rely on it. */
export function findingOf({ title, evidence, score }: Omit<CauseWords, "cause">): PageFinding {
  const strength = strengthOf(score);
  return { title, note: `${strength} evidence`, tone: TONES[strength], lines: evidence };
}

type Words = Pick<CauseWords, "title" | "evidence">;
type FindingOf<C extends Finding["cause"]> = Extract<Finding, { readonly cause: C }>;

function wordsOf(finding: Finding): Words {
  switch (finding.cause) {
    case "ids-changed-form":
      return idsWords(finding);
    case "unreadable-numbers":
      return {
        title: `Numbers in another form: ${finding.column} ${UNREADABLE[finding.how]}`,
        evidence: [
          `${count(finding.cells)} of ${plural(finding.of, "cell")} of ${finding.column} from ${span(finding.first, finding.last)} are no numbers here, for example ${list(finding.examples.map((text) => JSON.stringify(text)))}.`,
          "Numbers are written with a decimal point and nothing else: 1234.5.",
        ],
      };
    case "unit-change":
      if (finding.reading === "thousands-point") return thousandsWords(finding);
      return {
        title: `Unit changed: values of ${where(finding.scope)} are ${times(finding.factor)}`,
        evidence: [
          ...levelEvidence(finding),
          "Thousands, cents, or a sum over another time would look like this.",
        ],
      };
    case "duplicated-rows":
      return duplicatedWords(finding);
    case "region-missing":
      return {
        title: `Missing in the data: ${finding.attribute} ${list(finding.values)}`,
        evidence: [
          finding.first === null
            ? `${plural(finding.series, "series", "series")} of the quarter before ${finding.series === 1 ? "is" : "are"} not in the source any more, not even the past.`
            : `${plural(finding.series, "series", "series")} with ${finding.attribute} ${list(finding.values)} had values until then and none from ${span(finding.first, finding.last)}.`,
          "A year ago they were there: this is no pause of the season.",
        ].slice(0, finding.first === null ? 1 : 2),
      };
    case "stale-data":
      return staleWords(finding);
    case "season-shifted":
      return {
        title: `Season shifted: values come ${plural(Math.abs(finding.months), "month")} ${finding.months > 0 ? "late" : "early"}`,
        evidence: finding.history
          ? [
              `${percent(finding.weight, 0)} of the months have the very total that the run before saw ${plural(Math.abs(finding.months), "month")} ${finding.months > 0 ? "earlier" : "later"}.`,
            ]
          : [
              `The season of the month ${finding.months > 0 ? "before" : "after"} explains ${percent(finding.weight, 0)} of the difference (0% is the right month, 100% a full shift), in ${plural(finding.series, "series", "series")}.`,
              `In ordinary quarters that share is at most ${percent(finding.weightBefore, 0)}.`,
              "Look for a date that is the day of booking or loading instead of the month itself.",
            ],
      };
    case "features-permuted":
      return {
        title: `Feature columns changed places: ${list(finding.pairs.map(({ feature }) => feature))}`,
        evidence: finding.pairs.map(
          ({ feature, looksLike, ownDistance, distance }) =>
            `${feature} looks like the past of ${looksLike} (distance ${decimal(distance, 2)}), not like its own (${decimal(ownDistance, 2)}; 0 is the same, 1 nothing in common).`,
        ),
      };
    case "level-shift":
      return {
        title: `Level shift: values of ${where(finding.scope)} are ${times(finding.factor)}`,
        evidence: [
          ...levelEvidence(finding),
          "No unit has this factor: demand itself, or what is counted, changed.",
        ],
      };
    case "feature-changed":
      return {
        title: `Feature changed upstream: ${finding.feature}`,
        evidence: [
          `The distance to its values of a year ago is ${decimal(finding.distance, 2)}; in quarters before it was at most ${decimal(finding.distanceBefore, 2)}.`,
          ...(finding.factor === null || Math.abs(finding.factor - 1) < 0.005
            ? []
            : [`The middle value of ${where(finding.scope)} is ${times(finding.factor)}.`]),
        ],
      };
    case "history-rewritten":
      return {
        title: "History was rewritten upstream",
        evidence: [
          `${count(finding.periods)} of ${plural(finding.of, "period")} that the run of ${finding.since} saw have other totals or row counts now.`,
          `Together they changed by ${percent(finding.change)}.`,
          ...(finding.rows === null
            ? []
            : [
                `${count(finding.rows.changed)} of ${plural(finding.rows.of, "row")} changed, of ${plural(finding.rows.series, "series", "series")}${finding.rows.attribute === null ? "" : ` with ${finding.rows.attribute} ${finding.rows.value}`}${finding.rows.change === null ? "" : `, by ${percent(finding.rows.change)} together`}.`,
              ]),
        ],
      };
    case "series-changed":
      return {
        title: `Series came or went: ${count(finding.lost)} lost, ${count(finding.new)} new`,
        evidence: [
          `Of ${plural(finding.of, "series", "series")} of the quarter before; for example ${list(finding.examples)}.`,
        ],
      };
    case "one-segment":
      return {
        title: `One segment: ${finding.segment}`,
        evidence: [
          `It brings ${percent(finding.excessShare, 0)} of the error beyond that of cross-validation, with ${percent(finding.volumeShare, 0)} of the volume.`,
          `Its WMAPE is ${percent(finding.wmape)}; cross-validation was ${percent(finding.expected)} over all.`,
        ],
      };
    case "worse-everywhere":
      return {
        title: "The live model is worse everywhere",
        evidence: [
          `${count(finding.segments)} of ${plural(finding.of, "segment")} are worse than cross-validation promised: ${percent(finding.wmape)} in this quarter, ${percent(finding.expected)} there.`,
          "When nothing above explains it, the world changed, or the model is too old.",
        ],
      };
    case "too-little-data":
      return {
        title: "Too little data to judge",
        evidence: finding.rules.map(
          ({ id, why, n }) => `${id}: ${whyWords(why)}${n === null ? "" : ` (n ${count(n)})`}.`,
        ),
      };
  }
}

const UNREADABLE = {
  comma: "has commas for decimal points, or between thousands",
  grouped: "has its digits in groups",
  percent: "has percent signs",
  currency: "has currency signs",
  text: "has texts",
} as const;

function thousandsWords({ scope, first, last }: FindingOf<"unit-change">): Words {
  return {
    title: `Unit changed: a point between thousands was read as a decimal point in values of ${where(scope)}`,
    evidence: [
      `From ${span(first, last)} values have three decimal places or are whole: 5.595 stands for 5595, and 861 for itself.`,
      "Without the point they are of the size of the whole numbers in the same series. Export numbers without separators of thousands.",
    ],
  };
}

const DIFFERENCES = {
  blanks: "blanks",
  case: "case",
  unicode: "Unicode form",
  number: "the way of writing numbers",
} as const;

function idsWords(finding: FindingOf<"ids-changed-form">): Words {
  const { lost, matched, of, since, differences, asNumbers, examples, folding } = finding;
  const rest = differences.filter((difference) => !(asNumbers && difference === "number"));
  const equal = [
    ...(asNumbers && differences.includes("number") ? ["equal as numbers"] : []),
    ...(rest.length > 0 ? [`equal but for ${list(rest.map((difference) => DIFFERENCES[difference]))}`] : []),
  ].join(", ");
  const when = since === null ? "in the quarter" : `since the run of ${since}`;
  return {
    title: `Ids changed their form: ${count(lost)} lost, ${count(finding.new)} new, ${equal}`,
    evidence: [
      `${count(matched)} of the new ids are old ones in another form ${when}, of ${plural(of, "series", "series")}; for example ${list(examples.map(({ before, after }) => `"${before}" is "${after}" now`))}.`,
      `\`data.ids: ${folding}\` in the runbook takes both as one.`,
    ],
  };
}

function duplicatedWords(finding: FindingOf<"duplicated-rows">): Words {
  const { duplicateRows, divisible, divisibleBefore, factor, scope } = finding;
  const counted = factor === 3 ? "three times" : "twice";
  const copies = "Look for a file that was loaded, or a join that matched, more than once.";
  if (duplicateRows > 0) {
    return {
      title: "Rows stand twice in the data",
      evidence: [
        `${plural(duplicateRows, "row")} ${duplicateRows === 1 ? "has" : "have"} the series and period of another row.`,
        copies,
      ],
    };
  }
  return {
    title: `Rows were counted ${counted}: values of ${where(scope)} are ${times(factor)}`,
    evidence: [
      ...levelEvidence(finding),
      ...(divisible === null
        ? []
        : [
            `${percent(divisible, 0)} of these values can be divided by ${figure(factor)}; a year ago ${percent(divisibleBefore, 0)} could.`,
          ]),
      copies,
    ],
  };
}

function staleWords(finding: FindingOf<"stale-data">): Words {
  const { how, share, shareBefore, sourceFirst, sourceLast, n } = finding;
  const when = span(finding.first, finding.last);
  if (how === "no-rows") {
    return {
      title: `Stale data: nothing for ${when}`,
      evidence: [`${percent(share, 0)} of ${plural(n, "series", "series")} have no row for ${when}.`],
    };
  }
  const usual = `In quarters before, ${percent(shareBefore, 0)} did at most.`;
  return how === "repeats"
    ? {
        title: `Stale data: ${when} repeats ${span(sourceFirst!, sourceLast!)}`,
        evidence: [`${percent(share, 0)} of ${plural(n, "value")} are the same, digit by digit. ${usual}`],
      }
    : {
        title: `Stale data: ${when} is ${sourceLast} filled forward`,
        evidence: [`${percent(share, 0)} of ${plural(n, "value")} equal the last one before. ${usual}`],
      };
}

function levelEvidence(
  finding: FindingOf<"unit-change"> | FindingOf<"level-shift"> | FindingOf<"duplicated-rows">,
): string[] {
  const { scope, first, last, error, errorUndone, errorBefore, history } = finding;
  if (history) {
    return [
      `The totals of ${span(first, last)} are ${times(finding.factor)} what the run before saw, all by the same factor.`,
    ];
  }
  const who =
    scope.series === scope.of
      ? `all ${plural(scope.of, "series", "series")}`
      : `${count(scope.series)} of ${plural(scope.of, "series", "series")}`;
  return [
    `In ${span(first, last)} ${who} moved together, beside what their own past leads to expect.`,
    `With that undone the difference is ${errorWords(errorUndone)} of the usual level; as delivered it is ${errorWords(error)}, in an ordinary quarter ${errorWords(errorBefore)}.`,
  ];
}

/** Errors of a series count as three times its level at most. */
const errorWords = (error: number): string => (error >= 2.9 ? "300% or more" : percent(error, 0));

const where = ({ attribute, value, series, of }: Scope): string =>
  attribute !== null
    ? `${attribute} ${value}`
    : series >= 0.6 * of
      ? "all series"
      : plural(series, "series", "series");

function times(factor: number): string {
  if (factor < 0.2) return `1/${compact(Number((1 / factor).toPrecision(3)))} of what they were`;
  return `×${factor >= 1000 ? count(factor) : figure(Number(factor.toPrecision(3)))}`;
}

const span = (first: string, last: string | null): string =>
  last === null || first === last ? first : `${first} to ${last}`;
