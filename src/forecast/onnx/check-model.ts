import type { LinearExpert } from "../experts/linear/model.js";
import type { ForecastModel } from "../model.js";
import { hasCodes } from "./rows.js";

/** @throws RangeError when the model breaks a rule of its doc comment */
export function checkModel(model: ForecastModel): void {
  const { context, season, horizon, segments, experts, combination, conformal } = model;
  require(context % season === 0, `context ${context} is not a multiple of season ${season}`);
  const groups = segments.length + 1;
  require(combination.weights.length === groups &&
    combination.weights.every(
      (row) => row.length === experts.length,
    ), "weights needs one row a segment and one more, one column an expert");
  require(hasCodes(model) ||
    combination.weights.every((row) =>
      row.every((weight, k) => weight === combination.weights[0]![k]),
    ), "weights needs equal rows where the graph is not told the segment");
  require((hasCodes(model) ? [1, groups] : [1]).includes(
    conformal.halfWidths.length,
  ), "halfWidths needs one group, or one a segment and one more");
  for (const byLevel of conformal.halfWidths) {
    require(byLevel.length === conformal.levels.length, "halfWidths needs one row a level");
    require(byLevel.every((byLead) => byLead.length === horizon), "halfWidths needs one column a lead");
  }
  for (const expert of experts) if (expert.kind === "linear") checkMaps(expert);
}

function checkMaps({ id, maps }: LinearExpert): void {
  require(maps.at(-1)!.minLength === 1, `the last map of ${id} needs minLength 1`);
  for (const { lags, weights } of maps) {
    require(weights.length === lags, `a map of ${id} needs ${lags} rows of weights`);
  }
}

function require(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new RangeError(`model.json: ${rule}`);
}
