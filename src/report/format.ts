/** Numbers for people, the same on every machine: no locale is ever asked. A figure that is not there is a dash. */

export const DASH = "–";
const MINUS = "−";

type Figure = number | null | undefined;

const isNumber = (value: Figure): value is number => typeof value === "number" && Number.isFinite(value);

/** Fixed digits with thousands grouped by commas and a true minus sign; `-0.0` is `0.0`. */
function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const negative = value < 0 && /[1-9]/.test(text);
  return `${negative ? MINUS : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** 12345.6 → `12,345.60` */
export const decimal = (value: Figure, digits: number): string =>
  isNumber(value) ? fixed(value, digits) : DASH;

/** A difference: 0.0312 → `+0.031` */
export const signedDecimal = (value: Figure, digits: number): string =>
  isNumber(value) ? signed(value, digits) : DASH;

/** 12345 → `12,345` */
export const count = (value: Figure): string => decimal(value, 0);

/** In hundredths; not a number where the value is none, or too large to be multiplied. */
const hundredths = (value: Figure): number => (isNumber(value) ? value * 100 : Number.NaN);

/** A share: 0.1124 → `11.2%` */
export const percent = (value: Figure, digits = 1): string =>
  isNumber(hundredths(value)) ? `${fixed(hundredths(value), digits)}%` : DASH;

/** A nominal level as it was asked for: 0.8 → `80%`, 0.975 → `97.5%` */
export const levelText = (level: number): string => `${figure(Number((level * 100).toPrecision(10)))}%`;

/** A relative change: 0.04 → `+4.0%` */
export const signedPercent = (value: Figure, digits = 1): string =>
  isNumber(hundredths(value)) ? `${signed(hundredths(value), digits)}%` : DASH;

/** A difference of two shares: 0.018 → `+1.8 points` */
export const points = (value: Figure, digits = 1): string =>
  isNumber(hundredths(value)) ? `${signed(hundredths(value), digits)} points` : DASH;

/** A p-value: 0.0312 → `0.0312`, 2e-9 → `< 0.0001` */
export const pValue = (value: Figure, digits = 4): string => {
  const least = 10 ** -digits;
  return isNumber(value) && value < least ? `< ${fixed(least, digits)}` : decimal(value, digits);
};

/** 0.42 → `0.4 s`, 125 → `2 m 05 s`, 3720 → `1 h 02 m` */
export function seconds(value: Figure): string {
  if (!isNumber(value)) return DASH;
  if (Number(value.toFixed(1)) < 60) return `${fixed(value, 1)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  const minutes = Math.round(value / 60);
  return `${count(Math.floor(minutes / 60))} h ${two(minutes % 60)} m`;
}

const two = (value: number): string => String(value).padStart(2, "0");

const SUFFIXES = ["", "k", "M", "G", "T", "P"] as const;

/** Three significant figures from a thousand on, so that a column lines up: 999 → `999`, 12000 → `12.0k`, 4560000 → `4.56M` */
export function compact(value: Figure): string {
  if (!isNumber(value)) return DASH;
  let power = 0;
  let scaled = Math.abs(value);
  // Rounding to three figures can reach 1000, which belongs to the next suffix.
  while (power < SUFFIXES.length - 1 && Number(scaled.toPrecision(3)) >= 1000) {
    scaled /= 1000;
    power++;
  }
  if (power === 0) return figure(Number(value.toPrecision(3)));
  const digits = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return fixed(Math.sign(value) * scaled, digits) + SUFFIXES[power]!;
}

/** As many digits as a reader needs: four significant ones, whole numbers in full. 0.123456 → `0.1235` */
export function figure(value: Figure): string {
  if (!isNumber(value)) return DASH;
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return fixed(value, 0);
  if (size < 0.0001) return value.toExponential(2).replaceAll("-", MINUS);
  const digits = 3 - Math.floor(Math.log10(size));
  return fixed(value, digits).replace(/\.?0+$/, "");
}

/** `1 series`, `3 series`; `1 rule`, `3 rules` */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** Words of a program with our minus sign before numbers. */
export const minus = (text: string): string => text.replace(/(?<=^|[\s(])-(?=\d)/g, MINUS);

/** As the beginning of a sentence. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** `a`, `a and b`, `a, b and c` */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `sha256:9f86d081884c7d65…` → `9f86d081884c` */
export const shortHash = (hash: string): string => hash.replace(/^sha256:/, "").slice(0, 12);
