import { describe, expect, it } from "vitest";
import { ThetaExpert } from "../../../../src/forecast/experts/theta/model.js";
import { membersOf } from "../../../../src/forecast/experts/theta/smoothing.js";
import { dampedTrend } from "../../../../src/forecast/learners/damped-trend.js";
import { ses } from "../../../../src/forecast/learners/ses.js";
import { theta } from "../../../../src/forecast/learners/theta.js";
import type { TrainingView } from "../../../../src/forecast/training-view.js";

describe.each([
  { learner: theta(), id: "theta", method: "theta", members: 5 },
  { learner: ses(), id: "ses", method: "ses", members: 5 },
  { learner: dampedTrend(), id: "damped-trend", method: "damped", members: 30 },
])("$id", ({ learner, id, method, members }) => {
  it("makes an expert that model.json can hold, from no data", () => {
    const expert = ThetaExpert.parse(JSON.parse(JSON.stringify(learner.fit({} as TrainingView))));
    expect(expert).toMatchObject({ id, method });
    expect(membersOf(expert)).toHaveLength(members);
    expect(learner.id).toBe(id);
  });

  it("says how many sets of parameters it tries", () => {
    expect(learner.describe(12)).toContain(`over ${members} `);
  });
});
