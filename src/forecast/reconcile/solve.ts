import { solveSemidefinite } from "./cholesky.js";
import type { Errors } from "./errors.js";

export interface Incoherent {
  readonly horizon: number;
  /** [series × H]: forecasts of the series. */
  readonly series: Float64Array;
  /** [groups × H]: forecasts of the sums. */
  readonly sums: Float64Array;
  /** Members of each group that is to agree with the series; null leaves it out. */
  readonly members: readonly (Int32Array | null)[];
  /** Nodes are the series, then the groups; no deviation is NaN. */
  readonly errors: Errors;
}

/**
 * Minimum trace reconciliation (Wickramasuriya, Athanasopoulos & Hyndman 2019) in the form that needs one equation a
 * sum: ỹ = ŷ − W C'(C W C')⁻¹ C ŷ, where a row of C is a sum minus its members. It is S(S'W⁻¹S)⁻¹S'W⁻¹ŷ.
 * @returns [series × H]: the series of ỹ, whose sums are the others
 */
export function reconcileSeries({ horizon, series, sums, members, errors }: Incoherent): Float64Array {
  const count = series.length / horizon;
  const isNumeric = (values: Float64Array, row: number) =>
    values.subarray(row * horizon, (row + 1) * horizon).every(Number.isFinite);
  const groups = members.flatMap((own, g) =>
    own !== null && isNumeric(sums, g) && own.every((s) => isNumeric(series, s))
      ? [{ node: count + g, g, own }]
      : [],
  );
  const { rows, deviation, scaled } = errors;
  const kept = 1 - errors.shrinkage;
  /** Deviations in units of the largest, so that their squares stay finite. */
  const unit = deviation.reduce((most, value) => Math.max(most, value), 0) || 1;
  const diagonal = deviation.map((value, i) => {
    const own = scaled.subarray(i * rows, (i + 1) * rows).reduce((sum, x) => sum + x * x, 0);
    return (value / unit) ** 2 * (1 - (rows === 0 ? 0 : (kept * own) / rows));
  });
  const common = (node: number, k: number) => (deviation[node]! / unit) * scaled[node * rows + k]!;

  /** Errors of C ŷ: [groups × T]. */
  const gaps = new Float64Array(groups.length * rows);
  const off = new Float64Array(groups.length * horizon);
  const system = new Float64Array(groups.length ** 2);
  const groupsOf = Array.from({ length: count }, (): number[] => []);
  groups.forEach(({ node, g, own }, i) => {
    for (const s of own) groupsOf[s]!.push(i);
    for (let k = 0; k < rows; k++) {
      let gap = common(node, k);
      for (const s of own) gap -= common(s, k);
      gaps[i * rows + k] = gap;
    }
    for (let h = 0; h < horizon; h++) {
      let gap = sums[g * horizon + h]!;
      for (const s of own) gap -= series[s * horizon + h]!;
      off[i * horizon + h] = gap;
    }
    system[i * groups.length + i] = diagonal[node]!;
  });
  groupsOf.forEach((own, s) => {
    for (const i of own) for (const j of own) system[i * groups.length + j]! += diagonal[s]!;
  });
  for (let i = 0; i < groups.length; i++) {
    for (let j = 0; j < groups.length; j++) {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += gaps[i * rows + k]! * gaps[j * rows + k]!;
      if (rows > 0) system[i * groups.length + j]! += (kept / rows) * sum;
    }
  }
  solveSemidefinite(system, off, groups.length);

  const reconciled = series.slice();
  const shared = new Float64Array(rows);
  for (let h = 0; h < horizon; h++) {
    shared.fill(0);
    groups.forEach((_, i) => {
      for (let k = 0; k < rows; k++) shared[k]! += gaps[i * rows + k]! * off[i * horizon + h]!;
    });
    groupsOf.forEach((own, s) => {
      let move = 0;
      for (const i of own) move += diagonal[s]! * off[i * horizon + h]!;
      for (let k = 0; k < rows; k++) move -= (kept / rows) * common(s, k) * shared[k]!;
      if (move !== 0) reconciled[s * horizon + h]! += move;
    });
  }
  return reconciled;
}
