import type { FeatureImportance, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, percent } from "../../format.js";
import { bar, numberColumn, PICTURES, table, textColumn } from "../../page/make.js";
import type { Block } from "../../page/model.js";

const SHOWN = 10;

/** What boosted trees look at most. */
export const importance = ({ importance: learners }: TrainingReport): Block[] =>
  (learners ?? []).flatMap(ofLearner);

function ofLearner({ learner, features }: FeatureImportance): Block[] {
  const largest = features[0]?.share ?? 0;
  if (largest === 0) return [];
  const shown = features.slice(0, SHOWN);
  const which =
    features.length > SHOWN ? `the ${SHOWN} features that tell most, of ${features.length}` : "features";
  return [
    table(
      `What ${learner} looks at: ${which}, by how much splits on them lowered the training loss`,
      [textColumn("Feature"), numberColumn("Share"), PICTURES, numberColumn("Splits")],
      shown.map(({ feature, share, splits }) => [
        feature,
        percent(share),
        bar("plain", share / largest),
        count(splits),
      ]),
    ),
  ];
}
