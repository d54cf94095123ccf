import { z } from "zod";
import { learnerId } from "../../forecast/learners/index.js";
import { isCommand, type LearnerSpec } from "../../forecast/learners/spec.js";
import { learnersOf } from "../../forecast/training-plan.js";
import { isOf, learnerOption, type TunedParams } from "../../forecast/tune/parameters.js";
import { OBJECTIVES, type Objective } from "../../forecast/tune/rank.js";
import type { Space } from "../../forecast/tune/space.js";
import type { Diagnostic } from "../../kit/diagnostic.js";
import { nearest } from "../../kit/suggest.js";
import { wholeRecord } from "../../kit/whole-record.js";
import { diagnose } from "../../runbook/issues.js";
import { parseSource } from "../../runbook/source.js";
import { type Budget, secondsOf, TIME } from "./budget.js";
import { DomainText, readDomain } from "./domain.js";
import { parameterSchema, TUNABLE, untunable } from "./tunable.js";

export const STRATEGIES = ["grid", "random"] as const;
export type Strategy = (typeof STRATEGIES)[number];

const SpaceText = z.strictObject({
  step: z.string().min(1).optional(),
  space: wholeRecord(z.string(), DomainText).refine((space) => Object.keys(space).length > 0, {
    message: "the space has no parameter",
  }),
  objective: z.enum(OBJECTIVES).default("relative"),
  strategy: z.enum(STRATEGIES).optional(),
  seed: z.int().min(0).max(4_294_967_295).default(1),
  budget: z
    .strictObject({
      trials: z.int().min(1).max(999_999).optional(),
      time: z.string().regex(TIME, { message: "expected a time such as 90s, 30m or 2h" }).optional(),
    })
    .optional(),
});

export interface SpaceFile {
  /** Id of the step that is tuned. */
  readonly step: string;
  readonly space: Space;
  readonly objective: Objective;
  /** Null where the file leaves it open. */
  readonly strategy: Strategy | null;
  readonly seed: number;
  readonly budget: Budget | null;
}

/** A step of the runbook that can be tuned, with its checked parameters. */
export interface TunableStep {
  readonly id: string;
  readonly params: TunedParams;
}

export type SpaceResult =
  | { readonly ok: true; readonly value: SpaceFile }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** YAML text → a search space in which every point is a valid set of parameters, or every diagnostic at once. */
export function parseSpace(text: string, file: string, steps: readonly TunableStep[]): SpaceResult {
  const { source, diagnostics, isUsable } = parseSource(text, file);
  if (!isUsable) return { ok: false, diagnostics };
  const raw: unknown = source.document.toJS();
  if (raw === null || raw === undefined) {
    const message = "the file is empty: expected a mapping with `space`";
    return { ok: false, diagnostics: [{ code: "space.empty", message, ...source.at([]), suggestion: null }] };
  }
  const parsed = SpaceText.safeParse(raw);
  if (!parsed.success) diagnostics.push(...diagnose(parsed.error, SpaceText, source, []));

  const written = (raw as { readonly step?: unknown }).step;
  const step = steps.find(({ id }) => id === written) ?? (written === undefined ? steps[0] : undefined);
  if (typeof written === "string" && step === undefined) {
    const ids = steps.map(({ id }) => id);
    const near = nearest(written, ids);
    diagnostics.push({
      code: "space.unknown-step",
      message: `no train-pooled-cv step is called "${written}"`,
      ...source.at(["step"]),
      suggestion: near === null ? `these are there: ${ids.join(", ")}` : `did you mean "${near}"?`,
    });
  } else if (written === undefined && steps.length > 1) {
    diagnostics.push({
      code: "space.ambiguous-step",
      message: `the runbook has ${steps.length} train-pooled-cv steps: ${steps.map(({ id }) => id).join(", ")}`,
      ...source.at([]),
      suggestion: `add \`step: ${steps[0]!.id}\``,
    });
  }

  const space: Space[number][] = [];
  for (const [path, domain] of Object.entries(spaceOf(raw))) {
    const schema = parameterSchema(path);
    if (schema === null) {
      diagnostics.push({
        ...unknownParameter(path, step?.params.learners),
        ...source.atKey(["space"], path),
      });
      continue;
    }
    const read = readDomain(domain, schema, source, ["space", path]);
    diagnostics.push(...read.diagnostics);
    if (read.domain !== null) space.push({ path, domain: read.domain });
  }
  if (step !== undefined) {
    for (const { path, message } of learnerProblems(space, step.params))
      diagnostics.push({
        code: "space.learner",
        message,
        ...source.atKey(["space"], path),
        suggestion: null,
      });
  }
  if (!parsed.success || diagnostics.length > 0 || step === undefined)
    return { ok: false, diagnostics: inFileOrder(diagnostics) };
  const { objective, strategy, seed, budget } = parsed.data;
  return {
    ok: true,
    value: {
      step: step.id,
      space,
      objective,
      strategy: strategy ?? null,
      seed,
      budget:
        budget === undefined
          ? null
          : {
              trials: budget.trials ?? null,
              seconds: budget.time === undefined ? null : secondsOf(budget.time),
            },
    },
  };
}

function spaceOf(raw: unknown): Readonly<Record<string, unknown>> {
  const space = (raw as { readonly space?: unknown }).space;
  return space !== null && typeof space === "object" && !Array.isArray(space)
    ? (space as Record<string, unknown>)
    : {};
}

function unknownParameter(
  path: string,
  learners: readonly LearnerSpec[] = [],
): Pick<Diagnostic, "code" | "message" | "suggestion"> {
  const why = untunable(path);
  if (why !== null)
    return { code: "space.untunable", message: `${path} cannot be tuned: ${why}`, suggestion: null };
  const passed = learners
    .filter(isCommand)
    .flatMap((spec) =>
      Object.keys(spec.options ?? {}).map((option) => `learners.${learnerId(spec)}.options.${option}`),
    );
  const all = [...TUNABLE, ...passed];
  const near = nearest(path, all);
  return {
    code: "space.unknown-parameter",
    message: `no parameter is called "${path}"`,
    suggestion: near === null ? `parameters: ${all.join(", ")}` : `did you mean "${near}"?`,
  };
}

/** Options of learners that no trial would have, or that a trial would have twice. */
function learnerProblems(space: Space, params: TunedParams): { path: string; message: string }[] {
  const lists = learnerLists(space, params);
  return space.flatMap(({ path, domain }) => {
    if (path === "learners" && domain.kind === "choice") return programsIn(domain.values);
    const at = learnerOption(path);
    if (at === null) return [];
    const name = at.learner;
    const counts = lists.map((list) => list.filter((spec) => isOf(at, spec)).length);
    if (counts.some((count) => count > 1))
      return [
        {
          path,
          message: `the learner ${name} stands twice in one list: which is meant? Tune \`learners\` instead`,
        },
      ];
    if (counts.every((count) => count === 0))
      return [{ path, message: `no trial has the learner ${name}: it is not in the runbook's ensemble` }];
    return [];
  });
}

/** A program's folder and files are looked up from the runbook's folder, which a space file says nothing about. */
const programsIn = (values: readonly unknown[]): { path: string; message: string }[] =>
  (values as readonly (readonly LearnerSpec[])[]).flat().some(isCommand)
    ? [
        {
          path: "learners",
          message:
            "a list of a space cannot hold programs: leave them in the runbook and tune `learners.ID.options.OPTION`",
        },
      ]
    : [];

/** The learners of every trial that there can be. */
function learnerLists(space: Space, params: TunedParams): (readonly LearnerSpec[])[] {
  const valuesOf = (path: string, own: unknown): readonly unknown[] => {
    const domain = space.find((parameter) => parameter.path === path)?.domain;
    return domain?.kind === "choice" ? domain.values : [own];
  };
  return valuesOf("learners", params.learners ?? null).flatMap((learners) =>
    valuesOf("ensemble", params.ensemble).map((ensemble) =>
      learnersOf({ learners, ensemble } as Parameters<typeof learnersOf>[0]),
    ),
  );
}

const inFileOrder = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  [...diagnostics].sort(
    (a, b) => (a.span?.line ?? 0) - (b.span?.line ?? 0) || (a.span?.column ?? 0) - (b.span?.column ?? 0),
  );
