import type { IdFolding } from "../kit/specs.js";

/** In what two ids differ that are otherwise the same. */
export type IdDifference = "blanks" | "case" | "unicode" | "number";

/** Zero-width and direction characters, soft hyphen, byte order mark: nothing of them is seen. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63]/gu;
const APOSTROPHES = /[\u2018\u2019\u201B\u02BC\u0060\u00B4]/gu;
const BLANKS = /[\s\u0085]+/gu;
/** Digits in groups of three: 1,000 or 1 000 or 1'000. */
const GROUPED = /^([+-]?)(\d{1,3}(?:([,' \u00A0\u202F])\d{3}(?:\3\d{3})*))(\.0*)?$/u;
const WHOLE = /^([+-]?)(\d+)(?:\.0*)?$/u;
const EXPONENT = /^([+-]?)(\d+)(?:\.(\d+))?[eE]\+?(\d{1,2})$/u;
/** Zeros before a digit, where no digit or decimal separator stands before them. */
const LEADING_ZEROS = /(^|[^\d.,])0+(?=\d)/gu;

/** The id as the options write it; an id of nothing but blanks and invisible characters is empty under any. */
export function foldId(id: string, { trim, case: letters, form }: IdFolding): string {
  if (id.replace(INVISIBLE, "").replace(BLANKS, "") === "") return "";
  let text = id;
  if (form === "NFC") text = text.normalize("NFC").replace(INVISIBLE, "");
  if (form === "NFKC" || form === "number") text = plainCharacters(text);
  if (trim === true) text = text.trim().replace(BLANKS, " ");
  if (trim === "all") text = withoutBlanks(text);
  if (letters === "lower") text = text.toUpperCase().toLowerCase();
  if (letters === "upper") text = text.toUpperCase();
  // Of ß and an accent the letters of another case are composed anew.
  if (form !== undefined && form !== "keep") text = text.normalize("NFC");
  return form === "number" ? plainNumber(text) : text;
}

const plainCharacters = (text: string): string =>
  text.normalize("NFKC").replace(INVISIBLE, "").replace(DASHES, "-").replace(APOSTROPHES, "'");

/** `1 12` and `11 2` are two ids: a blank between digits tells them apart. */
const withoutBlanks = (text: string): string =>
  text.trim().replace(BLANKS, (_, at: number, all: string) => {
    const after = all.slice(at).search(/\S/u);
    return /\d/u.test(all[at - 1]!) && /\d/u.test(all[at + after]!) ? " " : "";
  });

/** Whole numbers in plain notation without leading zeros; elsewhere leading zeros alone go. */
function plainNumber(text: string): string {
  const grouped = GROUPED.exec(text);
  if (grouped !== null) return signed(grouped[1]!, grouped[2]!.replace(/[^\d]/gu, ""));
  const whole = WHOLE.exec(text);
  if (whole !== null) return signed(whole[1]!, whole[2]!);
  const exponent = EXPONENT.exec(text);
  if (exponent !== null) {
    const [, sign, digits, fraction = "", power] = exponent;
    if (fraction.replace(/0+$/u, "").length <= Number(power)) {
      return signed(sign!, `${digits}${fraction.padEnd(Number(power), "0").slice(0, Number(power))}`);
    }
  }
  return text.replace(LEADING_ZEROS, "$1");
}

function signed(sign: string, digits: string): string {
  const plain = digits.replace(/^0+(?=\d)/u, "");
  return sign === "-" && plain !== "0" ? `-${plain}` : plain;
}

/** Every difference that could be taken for none. */
const ALL: Required<IdFolding> = { trim: "all", case: "lower", form: "number" };

/** Ids with the same key differ in nothing that the options left open. */
export const nearKey = (id: string, decided: IdFolding = {}): string =>
  foldId(id, {
    trim: decided.trim === undefined ? ALL.trim : decided.trim,
    case: decided.case === undefined ? ALL.case : decided.case,
    form: decided.form === undefined ? ALL.form : decided.form,
  });

/** Texts that are the same but for what `decided` leaves open, two or more a group; groups and texts are sorted. */
export function nearGroups(texts: Iterable<string>, decided: IdFolding = {}): string[][] {
  const groups = new Map<string, string[]>();
  for (const text of texts) {
    const key = nearKey(text, decided);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [text]);
    else group.push(text);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort())
    .sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}

const TRIMS = [undefined, true, "all"] as const;
const CASES = [undefined, "lower"] as const;
const FORMS = [undefined, "NFC", "NFKC", "number"] as const;

/** The weakest options under which all of the texts are one, beside those that are decided; null when none does it. */
export function foldingFor(texts: readonly string[], decided: IdFolding = {}): IdFolding | null {
  let best: { folding: IdFolding; cost: number } | null = null;
  for (const [t, trim] of TRIMS.entries()) {
    for (const [c, letters] of CASES.entries()) {
      for (const [f, form] of FORMS.entries()) {
        const folding = { trim, case: letters, form, ...given(decided) };
        const cost = 10 * [t, c, f].filter((at) => at > 0).length + t + c + f;
        if (best !== null && best.cost <= cost) continue;
        if (new Set(texts.map((text) => foldId(text, folding))).size === 1) best = { folding, cost };
      }
    }
  }
  return best === null ? null : given(best.folding);
}

/** The strongest option of each kind. */
export const joinFoldings = (foldings: readonly IdFolding[]): IdFolding =>
  given({
    trim: strongest(
      TRIMS,
      foldings.map(({ trim }) => trim),
    ),
    case: strongest(
      CASES,
      foldings.map((each) => each.case),
    ),
    form: strongest(
      FORMS,
      foldings.map(({ form }) => form),
    ),
  });

function strongest<T>(order: readonly T[], found: readonly unknown[]): T | undefined {
  return order[Math.max(0, ...found.map((each) => order.indexOf(each as T)))];
}

const given = (folding: IdFolding): IdFolding =>
  Object.fromEntries(Object.entries(folding).filter(([, value]) => value !== undefined));

/** In what the texts differ, by the options that it takes. */
export function differencesOf(texts: readonly string[]): IdDifference[] {
  const folding = foldingFor(texts) ?? {};
  return [
    ...(folding.form === "number" ? (["number"] as const) : []),
    ...(folding.trim === undefined ? [] : (["blanks"] as const)),
    ...(folding.case === undefined ? [] : (["case"] as const)),
    ...(folding.form === "NFC" || folding.form === "NFKC" ? (["unicode"] as const) : []),
  ];
}

/** `{ trim: true, case: lower }`, as it stands in a runbook. */
export const foldingText = (folding: IdFolding): string =>
  `{ ${Object.entries(given(folding))
    .map(([key, value]) => `${key}: ${value}`)
    .join(", ")} }`;

/** A text with what nobody sees made visible, beside others that look like it: blanks where they matter, code points. */
export function visibleText(text: string, others: readonly string[]): string {
  const shared =
    others.length > 0 ? new Set([...others[0]!].filter((c) => others.every((o) => o.includes(c)))) : null;
  const edges = /^ +| +$| {2,}/gu;
  return [...text.replace(edges, (blanks) => "␠".repeat(blanks.length))]
    .map((character) => {
      const isPlain = /[\u0020-\u007E␠]/u.test(character);
      const isSeen = !/[\p{Default_Ignorable_Code_Point}\s\p{C}\p{M}]/u.test(character);
      return isPlain || (isSeen && (shared === null || shared.has(character)))
        ? character
        : codePoint(character);
    })
    .join("");
}

const codePoint = (character: string): string =>
  `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`;
