import { at, type Grid } from "./grid.js";

const FEWEST = 2;

/**
 * Shares of the members' values that a whole number divides, from a column on and in the year before the quarter, in units of the last decimal
 * place that values of the panel have. Counts that were added up twice are all even.
 * @returns null where values are no counts of anything, or before there were hardly any that it does not divide
 */
export function divisibility(
  grid: Grid,
  members: readonly number[],
  divisor: number,
  from: number,
): { readonly share: number; readonly shareBefore: number; readonly n: number } | null {
  const place = decimalPlace(grid);
  if (place === null) return null;
  const shareOf = (first: number, end: number, who: readonly number[]) => {
    let [divided, n] = [0, 0];
    for (const s of who) {
      for (let column = first; column < end; column++) {
        const value = at(grid, s, column);
        if (Number.isNaN(value) || value === 0) continue;
        n++;
        if (Math.round(value * place) % divisor === 0) divided++;
      }
    }
    return { share: n === 0 ? Number.NaN : divided / n, n };
  };
  const everyone = grid.panel.series.map((_, s) => s);
  const before = shareOf(grid.start - grid.season, grid.start, everyone);
  const now = shareOf(from, grid.columns, members);
  if (before.n === 0 || now.n < FEWEST || before.share > 0.8) return null;
  return { share: now.share, shareBefore: before.share, n: now.n };
}

/** 1, 10 … 10⁹: what makes nearly all values of the year before the quarter whole. */
function decimalPlace(grid: Grid): number | null {
  const values: number[] = [];
  for (let s = 0; s < grid.panel.series.length; s++) {
    for (let column = grid.start - grid.season; column < grid.start; column++) {
      const value = at(grid, s, column);
      if (!Number.isNaN(value)) values.push(value);
    }
  }
  const isWhole = (place: number) => (value: number) =>
    // A decimal number is the nearest double to it, and the product is rounded once more. Beyond 2⁵⁰ every double is nearly whole.
    Math.abs(value * place) < 2 ** 50 &&
    Math.abs(value * place - Math.round(value * place)) <= Math.max(1e-9, Math.abs(value * place) * 2 ** -51);
  const found = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9].find(
    (place) => values.filter(isWhole(place)).length >= 0.99 * values.length,
  );
  return values.length === 0 ? null : (found ?? null);
}
