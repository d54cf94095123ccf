import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSpace, type SpaceFile, type TunableStep } from "../../../../src/cli/tune/space-file.js";
import { applyPoint } from "../../../../src/forecast/tune/parameters.js";
import { gridPoints, randomPoints } from "../../../../src/forecast/tune/space.js";
import { trainPooledCv } from "../../../../steps/train-pooled-cv.js";

const step = (id: string, given: unknown): TunableStep => ({ id, params: trainPooledCv.params.parse(given) });
const TRAIN = [step("train", { ensemble: "full" })];

function read(text: string, steps = TRAIN): SpaceFile {
  const parsed = parseSpace(text, "tune.yaml", steps);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.value;
}

const errors = (text: string, steps = TRAIN): string[] => {
  const parsed = parseSpace(text, "tune.yaml", steps);
  if (parsed.ok) return [];
  return parsed.diagnostics.map(
    ({ span, message, suggestion }) =>
      `${span?.line}:${span?.column} ${message}${suggestion === null ? "" : ` | ${suggestion}`}`,
  );
};

test("lists and ranges, whole numbers where the parameter is one", () => {
  const { space, objective, strategy, seed, budget } = read(`
space:
  ensemble: [four, full]
  learners.boosted-trees.leaves: { min: 7, max: 63, scale: log }
  learners.pooled-ridge.lambda: { min: 1e-6, max: 1e-2, scale: log, points: 5 }
objective: mase
seed: 7
budget: { trials: 9, time: 2m }
`);
  expect(space).toEqual([
    { path: "ensemble", domain: { kind: "choice", values: ["four", "full"] } },
    {
      path: "learners.boosted-trees.leaves",
      domain: { kind: "range", min: 7, max: 63, scale: "log", integer: true, points: 4 },
    },
    {
      path: "learners.pooled-ridge.lambda",
      domain: { kind: "range", min: 1e-6, max: 1e-2, scale: "log", integer: false, points: 5 },
    },
  ]);
  expect({ objective, strategy, seed, budget }).toEqual({
    objective: "mase",
    strategy: null,
    seed: 7,
    budget: { trials: 9, seconds: 120 },
  });
});

describe("every mistake at once, with its place", () => {
  test("parameters", () => {
    expect(
      errors(`space:
  ensembel: [four]
  folds: [3, 4]
  levels: [[0.8]]
  learners.boosted-trees.leave: [31]
  learners.pooled-rigde.lambda: [1]
  nothing.like.it: [1]
`),
    ).toEqual([
      '2:3 no parameter is called "ensembel" | did you mean "ensemble"?',
      "3:3 folds cannot be tuned: it decides what is scored, so trials could not be compared",
      "4:3 levels cannot be tuned: it changes no point forecast, so the scores are the same",
      '5:3 no parameter is called "learners.boosted-trees.leave" | did you mean "learners.boosted-trees.leaves"?',
      '6:3 no parameter is called "learners.pooled-rigde.lambda" | did you mean "learners.pooled-ridge.lambda"?',
      expect.stringMatching(/^7:3 no parameter is called "nothing\.like\.it" \| parameters: ensemble, /),
    ]);
  });

  test("values", () => {
    expect(
      errors(`space:
  ensemble: [four, ful]
  context: [96, 0, 96]
  window: { min: 60, max: 24 }
  learners.boosted-trees.leaves: { min: 2.5, max: 5000 }
  learners.boosted-trees.rate: { min: 0.1, max: 1, integer: true }
  learners.boosted-trees.l2: { min: 0, max: 1, scale: log }
  learners.boosted-trees.trees: { min: 50, max: 99, integer: false }
`),
    ).toEqual([
      '2:20 expected one of four, full, single, auto, got "ful" | did you mean "full"?',
      "3:17 expected at least 1, got 0",
      "3:20 this value stands twice",
      "4:27 expected more than min, 60, got 24",
      "5:41 expected a whole number, got 2.5",
      "5:51 expected at most 1024, got 5000",
      "6:39 expected a whole number, got 0.1",
      "7:37 a log scale starts above 0, got 0",
      "8:62 this parameter takes whole numbers only",
    ]);
  });

  test("the file", () => {
    expect(errors("")).toEqual(["1:1 the file is empty: expected a mapping with `space`"]);
    expect(errors("space: {}\n")).toEqual(["1:8 the space has no parameter"]);
    expect(errors("spaces: { context: [96] }\n")).toEqual([
      '1:1 unknown key "spaces" | did you mean "space"?',
    ]);
    expect(errors("step: trian\nspace: { context: [96] }\nobjective: rmse\nbudget: { time: 5 }\n")).toEqual([
      '1:7 no train-pooled-cv step is called "trian" | did you mean "train"?',
      '3:12 expected one of relative, wmape, mase, got "rmse"',
      '4:17 expected text, got 5 | write "5" for text',
    ]);
  });

  test("learners that no trial has, or that stand twice", () => {
    const leaves = "space:\n  learners.boosted-trees.leaves: [15]\n";
    expect(errors(leaves, [step("train", {})])).toEqual([
      "2:3 no trial has the learner boosted-trees: it is not in the runbook's ensemble",
    ]);
    expect(errors(`${leaves}  ensemble: [four, full]\n`, [step("train", {})])).toEqual([]);
    const twice = step("train", { learners: ["pooled-ridge", { use: "pooled-ridge", lambda: 1 }] });
    expect(errors("space:\n  learners.pooled-ridge.lags: [13]\n", [twice])).toEqual([
      "2:3 the learner pooled-ridge stands twice in one list: which is meant? Tune `learners` instead",
    ]);
  });

  test("programs", () => {
    const program = { command: ["python3", "train.py"], options: { trees: 200 } };
    const own = [step("train", { learners: ["theta", program] })];
    expect(
      read("space:\n  learners.train.options.trees: { min: 10, max: 20, integer: true }\n", own).space,
    ).toEqual([
      {
        path: "learners.train.options.trees",
        domain: { kind: "range", min: 10, max: 20, scale: "linear", integer: true, points: 4 },
      },
    ]);
    expect(
      errors(
        `space:
  learners.train.option.trees: [1]
  learners.absent.options.trees: [1]
  learners.train.options.trees: [[1]]
  learners: [[theta], [{ command: [other] }]]
`,
        own,
      ),
    ).toEqual([
      '2:3 no parameter is called "learners.train.option.trees" | did you mean "learners.train.options.trees"?',
      "3:3 no trial has the learner absent: it is not in the runbook's ensemble",
      "4:34 expected text or a number or true or false, got a list",
      "5:3 a list of a space cannot hold programs: leave them in the runbook and tune `learners.ID.options.OPTION`",
    ]);
  });

  test("two steps to choose from", () => {
    const two = [...TRAIN, step("second", {})];
    expect(errors("space: { context: [96] }\n", two)).toEqual([
      "1:1 the runbook has 2 train-pooled-cv steps: train, second | add `step: train`",
    ]);
    expect(read("step: second\nspace: { context: [96] }\n", two).step).toBe("second");
  });
});

test("every point of a space that was accepted is a valid set of parameters", () => {
  const numbers: readonly [path: string, min: number, max: number][] = [
    ["context", 1, 1200],
    ["window", 2, 10_000],
    ["minSegmentSeries", 1, 50],
    ["learners.boosted-trees.leaves", 2, 1024],
    ["learners.boosted-trees.rate", 0.001, 1],
    ["learners.boosted-trees.minLeaf", 1, 1e6],
    ["learners.pooled-ridge.lambda", 1e-12, 1e6],
    ["learners.ets-bank.temper", 0.001, 10],
  ];
  const range = fc
    .record({
      parameter: fc.constantFrom(...numbers),
      ends: fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })),
      scale: fc.constantFrom("linear", "log"),
    })
    .map(({ parameter: [path, low, high], ends, scale }) => {
      const at = (share: number) => Math.round((low + ((high - low) * share) / 100) * 1e12) / 1e12;
      return [path, { min: at(Math.min(...ends)), max: at(Math.max(...ends)), scale }] as const;
    });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.nat(), (ranges, seed) => {
      const space = { ensemble: ["four", "full", "single"], ...Object.fromEntries(ranges) };
      const parsed = parseSpace(JSON.stringify({ space }), "tune.yaml", TRAIN);
      if (!parsed.ok) return;
      accepted++;
      const own = TRAIN[0]!.params;
      const points = [randomPoints(parsed.value.space, seed), gridPoints(parsed.value.space)];
      for (const generator of points) {
        for (let i = 0; i < 5; i++) {
          const { value, done } = generator.next();
          if (done) break;
          expect(trainPooledCv.params.safeParse(applyPoint(own, value)).error).toBeUndefined();
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(accepted).toBeGreaterThan(30);
});
