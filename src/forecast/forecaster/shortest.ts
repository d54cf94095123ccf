/**
 * The number with the fewest significant digits that rounds to the same float32, so that 0.1f prints as 0.1
 * and not as 0.10000000149011612. Nine digits always do (IEEE 754, 24-bit significand). A negative zero
 * becomes zero.
 * @param value a float32
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value)) return value;
  // More digits are never farther off, so the search can go down or up from the usual length.
  let digits = 7;
  if (roundTrips(value, digits)) while (digits > 1 && roundTrips(value, digits - 1)) digits--;
  else while (!roundTrips(value, digits)) digits++;
  return Number(value.toPrecision(digits)) + 0;
}

const roundTrips = (value: number, digits: number): boolean =>
  Math.fround(Number(value.toPrecision(digits))) === value;
