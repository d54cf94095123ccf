import type { PeriodFrequency } from "./period.js";
import { parseTimeCell } from "./time-cell.js";
import { alone, type Form, formOf, type Order, readAs, type TimeText } from "./time-forms.js";
import { isoOfWords, numbered, quarterOfWords, two } from "./time-words.js";

/** One way to read the cells of a column, and how a runbook says so. */
export interface TimeReading {
  /** `data.timeFormat`; null where no format reads so. */
  readonly format: string | null;
  /** What the cell in question is under it, e.g. `2024-02-01`. */
  readonly means: string;
}

/** Cells that have several readings, between which nothing decides. */
export interface TimeDoubt {
  readonly text: string;
  readonly readings: readonly TimeReading[];
  /** A cell that only has a reading which the first one has not. */
  readonly against: string | null;
}

export interface TimeColumn {
  /** Null for what is no time, and for what is in doubt. */
  read(text: string): TimeText | null;
  readonly doubt: TimeDoubt | null;
}

/** One odd cell in more than so many is a slip, and no way to write dates. */
const RARE = 20;

/** What a text says that has one reading alone, whatever stands in the other cells. */
function plain(text: string, frequency: PeriodFrequency): TimeText | null {
  const cell = parseTimeCell(text);
  if (cell !== null) return { cell };
  const quarter = frequency === "quarter" ? quarterOfWords(text) : null;
  if (quarter !== null) return { quarter };
  const iso = isoOfWords(text);
  const read = iso === null ? null : parseTimeCell(iso);
  return read === null ? null : { cell: read };
}

/** Whether a text is a time in some reading. */
export const isTimeText = (text: string, frequency: PeriodFrequency): boolean => {
  const trimmed = text.trim();
  const numbers = numbered(trimmed);
  return (
    (numbers !== null && numbers.number >= 1 && numbers.number <= 12) ||
    plain(trimmed, frequency) !== null ||
    formOf(trimmed)?.orders.some((one) => readAs(one, trimmed) !== null) === true
  );
};

/**
 * Decides how the cells of a column are read: those with one reading as they are, the others all in the one way that fits all of them. Cells between
 * whose readings nothing decides are in doubt.
 * @param texts the distinct cells
 */
export function timeColumn(texts: readonly string[], frequency: PeriodFrequency): TimeColumn {
  const trimmed = [...new Set(texts.map((text) => text.trim()))];
  const numbers = trimmed.flatMap((text) => numbered(text) ?? []);
  const isQuarters = frequency === "quarter" && numbers.every(({ number }) => number >= 1 && number <= 4);
  const own = (text: string): TimeText | null => {
    const parts = numbered(text);
    if (parts === null) return plain(text, frequency);
    return isQuarters
      ? { quarter: `${parts.year}Q${parts.number}` }
      : plain(`${parts.year}-${two(String(parts.number))}`, frequency);
  };
  const groups = new Map<Form, string[]>();
  let times = 0;
  for (const text of trimmed) {
    const isPlain = own(text) !== null;
    if (isPlain) times++;
    const form = isPlain ? null : formOf(text);
    if (form === null || form.orders.every((one) => readAs(one, text) === null)) continue;
    times++;
    const group = groups.get(form);
    if (group === undefined) groups.set(form, [text]);
    else group.push(text);
  }
  const taken = new Map<Form, Order>();
  let doubt: TimeDoubt | null = null;
  for (const [form, group] of groups) {
    const decided = decide(form, group, group.length === times);
    if ("order" in decided) taken.set(form, decided.order);
    else if (form.settles !== alone && group.length * RARE >= times) doubt ??= decided.doubt;
  }
  return {
    read(text) {
      const cell = text.trim();
      const found = own(cell);
      if (found !== null) return found;
      const form = formOf(cell);
      const one = form === null ? undefined : taken.get(form);
      return one === undefined ? null : readAs(one, cell);
    },
    doubt,
  };
}

function decide(
  form: Form,
  texts: readonly string[],
  isAll: boolean,
): { readonly order: Order } | { readonly doubt: TimeDoubt } {
  const fitting = form.orders.filter((one) => texts.every((text) => readAs(one, text) !== null));
  const settled = fitting.filter((one) => form.settles(texts, one, isAll));
  const [first] = settled;
  const says = (one: Order, text: string) => JSON.stringify(readAs(one, text));
  if (
    first !== undefined &&
    texts.every((text) => settled.every((one) => says(one, text) === says(first, text)))
  ) {
    return { order: first };
  }
  const [example, against] = exampleOf(form, fitting, texts);
  const readings = [example, ...(against === null ? [] : [against])].flatMap((text) =>
    form.orders.flatMap((one): TimeReading[] => {
      const means = readAs(one, text) === null ? null : one.iso(text);
      return means === null ? [] : [{ format: one.format(text), means }];
    }),
  );
  const all = readings.length > 1 ? readings : [...readings, ...centuryBefore(readings)];
  return { doubt: { text: example, readings: all, against } };
}

/** A cell that shows the readings best: one that differs, or two that contradict each other. */
function exampleOf(
  form: Form,
  fitting: readonly Order[],
  texts: readonly string[],
): readonly [string, string | null] {
  const readingsOf = (text: string, orders: readonly Order[]) =>
    new Set(orders.flatMap((one) => (readAs(one, text) === null ? [] : [one.iso(text)]))).size;
  if (fitting.length === 0) {
    const only = texts.filter((text) => readingsOf(text, form.orders) === 1);
    const [first] = only;
    const sameOrder = (a: string, b: string) =>
      form.orders.some((one) => readAs(one, a) !== null && readAs(one, b) !== null);
    const against = only.find((text) => !sameOrder(text, first!));
    if (first !== undefined && against !== undefined) return [first, against];
  }
  return [texts.find((text) => readingsOf(text, form.orders) > 1) ?? texts[0]!, null];
}

function centuryBefore(readings: readonly TimeReading[]): TimeReading[] {
  const [only] = readings;
  if (only === undefined || !/^\d{4}/.test(only.means)) return [];
  return [{ format: null, means: `${Number(only.means.slice(0, 4)) - 100}${only.means.slice(4)}` }];
}
