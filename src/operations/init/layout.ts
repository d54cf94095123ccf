import { isTimeText, timeColumn } from "../../calendar/time-column.js";
import { nearest } from "../../kit/suggest.js";
import type { DuckDb } from "../../panel/duckdb.js";
import type { Answers, Layout, Question } from "./answers.js";
import { featuresOf } from "./features.js";
import { attributesOf, idsOf, isUnique } from "./ids.js";
import { featureHint, idHint, targetHint } from "./names.js";
import { refuse, refuseRhythm } from "./refusals.js";
import { type ColumnLook, MOSTLY, type TableLook } from "./table-look.js";
import { findTime } from "./time-columns.js";
import { lookAtTimes, type TimeLook } from "./time-look.js";

export interface FoundLayout {
  readonly layout: Layout;
  readonly questions: readonly Question[];
}

/** Fewer columns that are called after periods are no wide table. */
const FEWEST_PERIODS = 4;

/** A table of one series by its times with as many columns of numbers is rather one series a column. */
const MANY_SERIES = 3;

/**
 * Tells from cells and names how a table is a panel. What is not certain is a question, and is laid out by its first candidate.
 * @throws FailureError `usage.invalid` where there is no such layout
 */
export async function findLayout(db: DuckDb, look: TableLook, answers: Answers): Promise<FoundLayout> {
  requireKnown(look, answers);
  const columns = look.columns.filter(
    ({ name, filled, isRunning }) => filled > 0 && name.trim() !== "" && !(isRunning && isIndexName(name)),
  );
  const periods = await periodsInHeader(db, look, answers);
  if (periods !== null) return byPeriods(db, look, columns, periods, answers);
  const time = await findTime(db, look, columns, answers);
  const { rhythm } = time.look;
  const frequency =
    answers.frequency ??
    (rhythm === "month" || rhythm === "quarter" ? rhythm : refuseRhythm(look, time.columns, rhythm));
  const rest = columns.filter(({ name }) => !time.columns.includes(name));
  const numeric = rest.filter(isNumeric);
  const isOne = await isUnique(db, [], time.look);
  const base = { frequency, time: time.columns, timeFormat: time.look.format };
  const questions = [...time.questions];

  const couldBeWide = isOne && numeric.length > 1 && answers.id === undefined;
  const isLikelyWide = numeric.length >= MANY_SERIES && answers.target === undefined;
  if (answers.shape === "wide" || (answers.shape === undefined && couldBeWide && isLikelyWide)) {
    if (answers.shape === undefined) {
      const names = numeric
        .slice(0, 4)
        .map(({ name }) => name)
        .join(", ");
      questions.push({
        flag: "shape",
        question: `Are the ${numeric.length} columns of numbers (${names}, …) one series each (wide), or features of one series (long, with its --target)?`,
        candidates: ["wide", "long"],
      });
    }
    return { layout: bySeries(rest, numeric, base, answers), questions };
  }

  const ids = answers.id ?? (isOne ? nameOfOne(rest) : await idsOf(db, look, rest, time.look, questions));
  const free = rest.filter(({ name }) => !(ids ?? []).includes(name));
  const targets = await targetOf(free.filter(isNumeric), answers, look, questions);
  const series = ids !== null && ids.length > 0 ? ids : null;
  const others = free.filter(({ name }) => name !== targets);
  const attributes =
    answers.attributes ?? (series === null ? [] : await attributesOf(db, look, others, series));
  const features = await featuresOf(
    db,
    look,
    others.filter(({ name }) => !attributes.includes(name)),
    targets,
    time.look,
    answers,
  );
  return {
    layout: {
      ...base,
      shape: "long",
      names: null,
      wideColumns: null,
      series,
      target: targets,
      attributes,
      ...features,
    },
    questions,
  };
}

/** A column with the one id of a table that is one series. */
function nameOfOne(columns: readonly ColumnLook[]): readonly string[] | null {
  const named = columns.filter(
    ({ name, distinct, numbers, filled }) => distinct === 1 && (numbers < filled || idHint(name) > 0),
  );
  const [best] = named.sort((a, b) => idHint(b.name) - idHint(a.name));
  return best === undefined || best.filled < Math.max(...columns.map(({ filled }) => filled))
    ? null
    : [best.name];
}

export const isNumeric = ({ numbers, filled }: ColumnLook): boolean =>
  filled > 0 && numbers >= MOSTLY * filled;

/** What programs call a column that counts rows. */
const isIndexName = (name: string): boolean =>
  /^(unnamed: ?\d+|index|rownames?|row|x|id|nr|)$/i.test(name.trim());

/** Columns that a flag names are there, and those that are to be forecast or to help with it hold numbers. */
function requireKnown({ file, columns }: TableLook, answers: Answers): void {
  const names = columns.map(({ name }) => name);
  const { time, target, id, attributes, known, observed, shape } = answers;
  const isMade = (flag: string) => shape === "wide" && ["target", "id", "time"].includes(flag);
  for (const [flag, given] of Object.entries({ time, target, id, attributes, known, observed })) {
    for (const name of given === undefined ? [] : [given].flat()) {
      const column = columns.find((one) => one.name === name);
      if (column === undefined) {
        if (isMade(flag)) continue;
        const near = nearest(name, names);
        refuseFlag(
          flag,
          `${file.path} has no column ${JSON.stringify(name)}${near === null ? `; it has ${names.join(", ")}` : `; did you mean ${JSON.stringify(near)}?`}`,
        );
      }
      if (["target", "known", "observed"].includes(flag) && column.numbers === 0 && column.filled > 0)
        refuseFlag(flag, `column ${JSON.stringify(name)} of ${file.path} holds no numbers`);
    }
  }
}

function refuseFlag(flag: string, problem: string): never {
  return refuse(`--${flag}: ${problem}`);
}

/** The columns that are called after periods, where they are a wide table. */
async function periodsInHeader(
  db: DuckDb,
  { columns }: TableLook,
  answers: Answers,
): Promise<{ readonly names: readonly string[]; readonly look: TimeLook } | null> {
  if (answers.shape === "long" || (answers.time !== undefined && answers.shape !== "wide")) return null;
  const named = (name: string) =>
    typeof answers.columns === "string"
      ? new RegExp(answers.columns, "u").test(name)
      : answers.columns === undefined
        ? isTimeText(name, "month") || isTimeText(name, "quarter")
        : answers.columns.includes(name);
  const names = columns.map(({ name }) => name).filter(named);
  if (names.length < FEWEST_PERIODS) return null;
  const [look] = await lookAtTimes(db, names, answers.timeFormat ?? null);
  return look === undefined ? null : { names, look };
}

async function byPeriods(
  db: DuckDb,
  look: TableLook,
  columns: readonly ColumnLook[],
  { names, look: time }: { readonly names: readonly string[]; readonly look: TimeLook },
  answers: Answers,
): Promise<FoundLayout> {
  const { rhythm } = time;
  const frequency =
    answers.frequency ??
    (rhythm === "month" || rhythm === "quarter" ? rhythm : refuseRhythm(look, names.slice(0, 1), rhythm));
  const questions: Question[] = [];
  const rest = columns.filter(({ name }) => !names.includes(name));
  const ids = answers.id ?? (look.rows === 1 ? null : await idsOf(db, look, rest, null, questions));
  const series = ids !== null && ids.length > 0 ? ids : null;
  const free = rest.filter(({ name }) => !(series ?? []).includes(name));
  const taken = new Set(columns.map(({ name }) => name));
  // Without a told form the names that read as periods are found anew each quarter, when there are more of them.
  const isFound =
    time.format === null &&
    answers.columns === undefined &&
    names.every((name) => timeColumn(names, frequency).read(name) !== null);
  return {
    layout: {
      shape: "wide",
      names: "time",
      wideColumns: answers.columns ?? (isFound ? null : patternOf(names)),
      frequency,
      time: [answers.time?.[0] ?? unusedName(frequency, taken)],
      timeFormat: time.format,
      series,
      target: answers.target ?? unusedName("value", taken),
      attributes: answers.attributes ?? (series === null ? [] : await attributesOf(db, look, free, series)),
      known: [],
      observed: [],
    },
    questions,
  };
}

const unusedName = (name: string, taken: ReadonlySet<string>): string =>
  taken.has(name) ? unusedName(`${name}_`, taken) : name;

/** A pattern of digits and letters that new periods will have too. */
function patternOf(names: readonly string[]): string {
  const shapes = new Set(
    names.map(
      (name) =>
        `^${name
          .replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
          .replace(/[A-Za-z]+/g, "[A-Za-z]+")
          .replace(/\d+/g, "[0-9]+")}$`,
    ),
  );
  return [...shapes].sort().join("|");
}

function bySeries(
  rest: readonly ColumnLook[],
  numeric: readonly ColumnLook[],
  base: Pick<Layout, "frequency" | "time" | "timeFormat">,
  answers: Answers,
): Layout {
  const features = [...(answers.known ?? []), ...(answers.observed ?? [])];
  const values = numeric.filter(({ name }) => !features.includes(name)).map(({ name }) => name);
  // Columns of text beside the series would be taken for series.
  const isAll = rest.every(({ name }) => values.includes(name) || features.includes(name));
  const taken = new Set(rest.map(({ name }) => name));
  return {
    ...base,
    shape: "wide",
    names: "series",
    wideColumns: answers.columns ?? (isAll ? null : values),
    series: [answers.id?.[0] ?? unusedName("series", taken)],
    target: answers.target ?? unusedName("value", taken),
    attributes: [],
    known: answers.known ?? [],
    observed: answers.observed ?? [],
  };
}

async function targetOf(
  numeric: readonly ColumnLook[],
  answers: Answers,
  look: TableLook,
  questions: Question[],
): Promise<string> {
  if (answers.target !== undefined) return answers.target;
  const [first, second] = [...numeric].sort((a, b) => likelyTarget(b) - likelyTarget(a));
  if (first === undefined) {
    const comma = look.columns.find(({ commas, filled }) => commas > 0 && commas * 2 > filled);
    return refuse(
      comma === undefined
        ? `${look.file.path} has no column of numbers to forecast beside time and ids`
        : `the numbers of ${comma.name} in ${look.file.path} have a decimal comma: write them with a point`,
    );
  }
  if (second !== undefined && likelyTarget(first) === likelyTarget(second)) {
    questions.push({
      flag: "target",
      question: "Which column is to be forecast?",
      candidates: [first, ...numeric.filter((one) => one !== first)].map(({ name }) => name),
    });
  }
  return first.name;
}

const likelyTarget = ({ name }: ColumnLook): number => targetHint(name) || (featureHint(name) > 0 ? -1 : 0);
