/** Cores that work in this thread may use. What comes out does not depend on them. */
export interface Cores {
  /** Never more. */
  readonly most: number;
  /** Right now, itself included. */
  now(): number;
}

export const coresOf = (count: number): Cores => ({ most: count, now: () => count });

let lent = coresOf(1);

/** Cores that whoever divides the machine's among threads has lent to this one; 1 unless told otherwise. */
export const lentCores = (): Cores => lent;

export function lendCores(cores: Cores): void {
  lent = cores;
}
