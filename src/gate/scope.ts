import { Segments } from "../kit/artifacts/segments.js";
import { ownValue } from "../kit/own-value.js";
import { calendarOf, lastPeriodOf } from "../panel/calendar.js";
import type { GateContext } from "./inputs.js";

/** Group of a series that the segments do not know. */
const UNASSIGNED = "unassigned";

/** First period of the quarter that is judged. */
export const quarterStart = (ctx: GateContext): number =>
  lastPeriodOf(ctx.quarter.previous.cutoff, calendarOf(ctx.data, ctx.fiscalYearStart)) + 1;

/** Segment of a series as of now. */
export async function segmentsOf(ctx: GateContext): Promise<(series: string) => string> {
  const segments = await ctx.inputs.segments?.readJson("segments.json", Segments);
  return (series) => (segments && ownValue(segments.assignment, series)) ?? UNASSIGNED;
}
