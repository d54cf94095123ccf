/** Observed figures that are closer than this share of the largest figure are one: no limit between them means anything. */
const RESOLUTION = 1e-3;

/**
 * The limits of a rule that differ in what they let pass: the shortest decimal of each stretch between two observed figures, or the
 * runbook's own limit where that lies in the stretch.
 * @param observed not empty
 * @returns tightest first: at the first one the rule fires in every quarter, at the last one in none
 */
export function limitsBetween(observed: readonly number[], own: number, direction: "max" | "min"): number[] {
  if (direction === "min") {
    const mirrored = observed.map((value) => -value);
    return limitsBetween(mirrored, -own, "max").map((limit) => 0 - limit);
  }
  const size = Math.max(Math.abs(own), ...observed.map(Math.abs));
  const resolution = size * RESOLUTION || 1e-6;
  const groups: { least: number; most: number }[] = [];
  for (const value of [...observed].sort((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last !== undefined && value - last.most <= resolution) last.most = value;
    else groups.push({ least: value, most: value });
  }
  const [least, most] = [groups[0]!.least, groups.at(-1)!.most];
  const margin = Math.max((most - least) / 10, 20 * resolution);
  const stretches = [
    { from: least - margin, to: least },
    ...groups.map(({ most: from }, index) => ({ from, to: groups[index + 1]?.least ?? from + margin })),
  ];
  const holdsOwn = ({ from, to }: { from: number; to: number }, index: number) =>
    (index === 0 || from <= own) && (index === stretches.length - 1 || own < to);
  const limits = stretches.map((stretch, index) =>
    holdsOwn(stretch, index) ? own : shortestDecimal(stretch.from, stretch.to),
  );
  return [...new Set([...limits, own])].sort((a, b) => a - b);
}

/** A number in [from, to) with as few digits behind the point as there can be. */
export function shortestDecimal(from: number, to: number): number {
  for (let digits = 0; digits <= 12; digits++) {
    const scale = 10 ** digits;
    // Through text, so that it is the double that a runbook with these digits holds.
    const rounded = Number((Math.ceil(from * scale) / scale).toFixed(digits));
    if (rounded >= from && rounded < to) return rounded === 0 ? 0 : rounded;
  }
  return from;
}
