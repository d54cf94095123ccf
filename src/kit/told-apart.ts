/** Digits behind the point beyond which nothing is shown: a difference below is one of arithmetic. */
const MOST_DIGITS = 12;

/**
 * How many digits behind the point tell numbers apart that are shown side by side, such as what was observed and its limit: two that differ look
 * different.
 * @param usual digits that are shown where that is enough
 * @param write how a number is shown with so many digits
 */
export function digitsToTell(
  numbers: readonly number[],
  usual: number,
  write: (number: number, digits: number) => string,
): number {
  const distinct = [...new Set(numbers)];
  for (let digits = usual; digits < MOST_DIGITS; digits++)
    if (new Set(distinct.map((number) => write(number, digits))).size === distinct.length) return digits;
  return MOST_DIGITS;
}

/** Digits behind the point that a person typed: 0.25 has 2, 1e-3 has 3. What arithmetic left behind is no digit. */
export function digitsOf(number: number): number {
  if (!Number.isFinite(number)) return 0;
  const [mantissa = "", exponent = "0"] = String(Number(number.toPrecision(MOST_DIGITS))).split("e");
  const fraction = mantissa.split(".")[1]?.length ?? 0;
  return Math.min(MOST_DIGITS, Math.max(0, fraction - Number(exponent)));
}
