/** A two-sample KS test of one feature, of a segment where it is made by segment. */
export interface KsObservation {
  readonly feature: string;
  readonly segment: string | null;
  readonly statistic: number | null;
  readonly pAdjusted: number | null;
  readonly n: number;
  readonly nReference: number;
  /** Past quarters behind p, and how many had a D at least as large; null where p does not come from them. */
  readonly past: { readonly quarters: number; readonly asLarge: number } | null;
  /** WARN: D reaches its limit and p does not. */
  readonly verdict: "PASS" | "WARN" | "FAIL" | "UNKNOWN";
  readonly why: string | null;
}

/** What a comparison of candidate and champion found. */
export interface ChampionObservation {
  /**
   * candidate − champion in units of the metric, for bias |candidate| − |champion|; divided by the champion's where it is relative. Null where
   * either side is null, or the divisor is zero.
   */
  readonly observed: number | null;
  readonly candidate: number | null;
  readonly champion: number | null;
  /** Pairs and series on both sides with three finite numbers: what both are scored on. */
  readonly n: number;
  readonly series: number;
  /**
   * Bootstrap interval of `observed` over series. Null where `observed` is, with too few series, and for bias: its size is no sum over series.
   */
  readonly interval: { readonly level: number; readonly lo: number; readonly hi: number } | null;
  /** One-sided p of "not above the limit" and of "not below it"; null where `interval` is. */
  readonly pAbove: number | null;
  readonly pBelow: number | null;
  /** Machine word for why `observed` is null. */
  readonly why: string | null;
}
