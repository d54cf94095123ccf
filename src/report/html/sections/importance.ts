import type { FeatureImportance, TrainingReport } from "../../../kit/artifacts/training.js";
import { count, percent } from "../../format.js";
import { type Html, NOTHING } from "../markup.js";
import { barCell, numberColumn, table, textColumn } from "../parts.js";

const SHOWN = 10;

/** What boosted trees look at most. */
export const importance = ({ importance: learners }: TrainingReport): Html[] =>
  (learners ?? []).map(ofLearner);

function ofLearner({ learner, features }: FeatureImportance): Html {
  const largest = features[0]?.share ?? 0;
  if (largest === 0) return NOTHING;
  const shown = features.slice(0, SHOWN);
  const which =
    features.length > SHOWN ? `the ${SHOWN} features that tell most, of ${features.length}` : "features";
  return table(
    `What ${learner} looks at: ${which}, by how much splits on them lowered the training loss`,
    [textColumn("Feature"), numberColumn("Share"), textColumn(""), numberColumn("Splits")],
    shown.map(({ feature, share, splits }) => [
      feature,
      percent(share),
      barCell("plain", share / largest),
      count(splits),
    ]),
  );
}
