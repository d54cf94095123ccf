import type { Panel } from "../../panel/panel.js";
import type { ForecastAnswer } from "../forecaster/session.js";
import type { Batch } from "../rows.js";
import { coherentSeries, errorScales, withDeviations } from "./coherent.js";
import type { Errors } from "./errors.js";
import { allGroups, buildHierarchy, type Group, groupKey, type Hierarchy } from "./hierarchy.js";
import type { Reconciliation } from "./model.js";
import { sumBatch } from "./sums.js";

export interface OutlookBase {
  readonly panel: Panel;
  readonly season: number;
  readonly horizon: number;
  /** Every series of the panel, as the forecaster is given it. */
  readonly batch: Batch;
  /** [series]: 1 where the outlook has it. */
  readonly living: Uint8Array;
  /** [series × H]; only the living ones are read. */
  readonly forecast: Float64Array;
  readonly run: (batch: Batch) => Promise<ForecastAnswer>;
}

export interface ReconciledOutlook {
  readonly hierarchy: Hierarchy;
  /** [series × H] */
  readonly forecast: Float64Array;
}

/**
 * Forecasts of series that agree with the forecasts of their sums, which the same forecaster makes from the summed
 * histories. For `bottom-up` the series stay as they are.
 * @throws FailureError `data.name-unknown` for an attribute that the panel does not have
 */
export async function reconcileOutlook(
  base: OutlookBase,
  reconciliation: Reconciliation,
): Promise<ReconciledOutlook> {
  const { panel, season, horizon, batch, living, run } = base;
  const hierarchy = buildHierarchy(panel, reconciliation);
  if (reconciliation.method === "bottom-up") return { hierarchy, forecast: base.forecast };
  const groups = allGroups(hierarchy);
  const summed = sumBatch(batch, living, groups, season);
  const { forecast: sums } = await run(summed);
  const scale = Float64Array.from([
    ...errorScales(batch.history, batch.count, season),
    ...errorScales(summed.history, summed.count, season),
  ]);
  const errors = withDeviations(errorsFor(reconciliation, panel, groups), scale, reconciliation.typical);
  const incoherent = { horizon, living, series: base.forecast, groups, sums: Float64Array.from(sums) };
  return { hierarchy, forecast: coherentSeries(incoherent, errors, reconciliation.nonNegative) };
}

/** The learned errors in the order of this panel's nodes. */
function errorsFor(
  { shrinkage, rows, series, groups: learned }: Reconciliation,
  panel: Panel,
  groups: readonly Group[],
): Errors {
  const bySeries = new Map(series.map((node) => [node.id, node]));
  const byGroup = new Map(learned.map((node) => [groupKey(node), node]));
  const nodes = [
    ...panel.series.map((id) => bySeries.get(id)),
    ...groups.map((group) => byGroup.get(groupKey(group))),
  ];
  const scaled = new Float64Array(nodes.length * rows);
  nodes.forEach((node, i) => {
    if (node !== undefined) scaled.set(node.scaled, i * rows);
  });
  return {
    shrinkage,
    rows,
    scaled,
    deviation: Float64Array.from(nodes, (node) => node?.deviation ?? Number.NaN),
  };
}
