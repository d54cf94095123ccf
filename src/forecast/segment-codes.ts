import type { Segments } from "../kit/artifacts/segments.js";

/** Which segment every series is in, as numbers. */
export interface SegmentCodes {
  /** `segments` of the model: ids in the order of their codes. */
  readonly ids: readonly string[];
  /** One index into `ids` a series, −1 where the segment is unknown. */
  readonly codes: Int32Array;
}

/** Group of a segment code; unknown segments share the last one. */
export const groupOf = (code: number, groups: number): number => (code < 0 ? groups - 1 : code);

/** Series of one segment. */
export const countOf = (codes: Int32Array, segment: number): number =>
  codes.reduce((count, code) => (code === segment ? count + 1 : count), 0);

/** The only segment of a runbook without segments. */
export const ALL_SEGMENT = "all";

/**
 * @param series ids in the panel's order
 * @param segments null or empty when there are none: then every series is in `all`
 */
export function encodeSegments(series: readonly string[], segments: Segments | null): SegmentCodes {
  if (segments === null || segments.segments.length === 0) {
    return { ids: [ALL_SEGMENT], codes: new Int32Array(series.length) };
  }
  const ids = segments.segments.map((segment) => segment.id).sort((a, b) => (a < b ? -1 : 1));
  const codeOf = new Map(ids.map((id, code) => [id, code]));
  const assigned = new Map(Object.entries(segments.assignment));
  return {
    ids,
    codes: Int32Array.from(series, (id) => codeOf.get(assigned.get(id) ?? "") ?? -1),
  };
}
