import type { Grouping } from "./grouping.js";
import type { SeriesProfile } from "./profiles.js";

export interface AbcXyzLimits {
  /** Cumulative volume shares at which A and B end, e.g. 0.8 and 0.95. */
  readonly volume: readonly [number, number];
  /** Largest coefficient of variation of X and of Y, e.g. 0.5 and 1. */
  readonly variation: readonly [number, number];
}

const VOLUME_LABELS = { A: "high volume", B: "middle volume", C: "low volume" } as const;
const VARIATION_LABELS = { X: "steady", Y: "variable", Z: "erratic" } as const;

/**
 * ABC by volume and XYZ by variation, e.g. `AX`. Series are ranked by falling volume, ties in panel order; a series is in A when those before it make up
 * less than the first share, so that the largest series is always in A. A series without volume is in C.
 */
export function groupByAbcXyz(profiles: readonly SeriesProfile[], limits: AbcXyzLimits): Grouping {
  const volumeClasses = abc(
    profiles.map(({ volume }) => volume),
    limits.volume,
  );
  const assignment = profiles.map(
    ({ variation }, s) => `${volumeClasses[s]!}${xyz(variation, limits.variation)}`,
  );
  const groups = volumeIds.flatMap((volume) =>
    variationIds
      .map((variation) => ({
        id: `${volume}${variation}`,
        label: `${VOLUME_LABELS[volume]}, ${VARIATION_LABELS[variation]}`,
        centre: [],
      }))
      .filter(({ id }) => assignment.includes(id)),
  );
  return { groups, assignment };
}

const volumeIds = ["A", "B", "C"] as const;
const variationIds = ["X", "Y", "Z"] as const;

function abc(volumes: readonly number[], [endOfA, endOfB]: readonly [number, number]): string[] {
  const total = volumes.reduce((sum, volume) => sum + volume, 0);
  const ranked = volumes.map((_, s) => s).sort((a, b) => volumes[b]! - volumes[a]! || a - b);
  const classes = new Array<string>(volumes.length);
  let before = 0;
  for (const s of ranked) {
    const share = total > 0 ? before / total : 1;
    classes[s] = volumes[s] === 0 ? "C" : share < endOfA ? "A" : share < endOfB ? "B" : "C";
    before += volumes[s]!;
  }
  return classes;
}

const xyz = (variation: number, [endOfX, endOfY]: readonly [number, number]): string =>
  variation <= endOfX ? "X" : variation <= endOfY ? "Y" : "Z";
