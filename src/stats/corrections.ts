/** Adjusted p values for a family of tests, in the order of the input; reject where the adjusted p ≤ α. */

/** Controls the false discovery rate: Benjamini & Hochberg (1995). */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let smallest = 1;
  for (const [rank, index] of [...rising(p).entries()].reverse()) {
    smallest = Math.min(smallest, p[index]! * (p.length / (rank + 1)));
    adjusted[index] = smallest;
  }
  return adjusted;
}

/** Controls the chance of any false rejection; the strictest. */
export function bonferroni(p: readonly number[]): number[] {
  checked(p);
  return p.map((value) => Math.min(1, value * p.length));
}

/** Controls the chance of any false rejection, step-down, never weaker than Bonferroni: Holm (1979). */
export function holm(p: readonly number[]): number[] {
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  for (const [rank, index] of rising(p).entries()) {
    largest = Math.max(largest, Math.min(1, p[index]! * (p.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

const rising = (p: readonly number[]): number[] => {
  checked(p);
  return p.map((_, index) => index).sort((a, b) => p[a]! - p[b]! || a - b);
};

function checked(p: readonly number[]): void {
  const wrong = p.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new RangeError(`${wrong} is not a probability`);
}

export type Correction = "bh" | "bonferroni" | "none";

/** The adjusted p values by the name of the correction. */
export function correct(correction: Correction, p: readonly number[]): readonly number[] {
  if (correction === "bh") return benjaminiHochberg(p);
  return correction === "bonferroni" ? bonferroni(p) : p;
}
