/** A value that JSON can carry. NaN and infinities are not JSON: callers turn them into `null` and say why. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Canonical JSON: keys sorted by code unit, no whitespace, `undefined` members dropped.
 * Equal values give equal text, so its hash can stand for the value (the idea of RFC 8785).
 * @throws TypeError on NaN, infinities, functions, symbols, bigints and objects that are not plain (a Date, a Map): a silent `null` or `{}`
 * would make unequal values equal.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} has no JSON form`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && isPlain(value)) {
    const members = Object.entries(value as Record<string, unknown>)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  const kind = typeof value === "object" ? value.constructor.name : typeof value;
  throw new TypeError(`canonicalJson: a ${kind} has no JSON form`);
}

/** A JSON object that a text is; null for any other text. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** The same value with every string inside it changed; keys stay. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, change)) as T;
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, mapStrings(member, change)]);
  return Object.fromEntries(members) as T;
}

/** As `mapStrings`, but the texts of a list are changed as one, with NUL between them, and may become fewer. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return change(value.join("\0")).split("\0") as T;
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, change)) as T;
  if (typeof value !== "object" || value === null || !isPlain(value)) return mapStrings(value, change);
  const members = Object.entries(value).map(([key, member]) => [key, mapTexts(member, change)]);
  return Object.fromEntries(members) as T;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
