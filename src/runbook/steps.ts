import { ONE_ATTEMPT } from "../kit/attempts.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import { type AnyStepType, withPorts } from "../kit/step.js";
import { nearest } from "../kit/suggest.js";
import { attemptPolicy } from "./attempts.js";
import type { EnvironmentValue, Interpolated } from "./environment.js";
import { diagnose } from "./issues.js";
import { resolvePaths } from "./paths.js";
import { withoutSecrets } from "./recorded.js";
import type { RunbookStep } from "./runbook.js";
import { type Salvaged, salvage } from "./salvage.js";
import { writtenSecrets } from "./secrets.js";
import type { RunbookPath, RunbookSource } from "./source.js";
import type { LoadedModules } from "./step-module.js";

export interface StepTypes {
  readonly stepTypes: readonly AnyStepType[];
  readonly modules: LoadedModules;
}

export interface CheckedSteps {
  /** One for each item of the list, at its place. Those that are not valid have `unclear`. */
  readonly steps: readonly RunbookStep[];
  /** Where a part of the parameters was left out: places of what is left, by the index of the step. */
  readonly salvaged: ReadonlyMap<number, Salvaged>;
}

/** Stands for a step of which nobody knows what it takes, makes and reports. */
const ANY_TYPE: AnyStepType = {
  type: "",
  version: 1,
  summary: "",
  params: null as never,
  inputs: {},
  outputs: {},
  metrics: {},
  effect: "pure",
  run: () => Promise.reject(new Error("this step is not valid")),
};

/** Checks every step by itself. What is wrong with one hides nothing of the others, nor of its own other parameters. */
export function checkSteps(
  raw: unknown,
  source: RunbookSource,
  folder: string,
  { values: environment, unresolved }: Pick<Interpolated, "values" | "unresolved">,
  types: StepTypes,
  diagnostics: Diagnostic[],
): CheckedSteps {
  const listed = (raw as { steps?: unknown } | null)?.steps;
  const salvaged = new Map<number, Salvaged>();
  if (!Array.isArray(listed)) return { steps: [], salvaged };
  const seen = new Set<string>();
  const isReference = (path: RunbookPath) => environment.some((one) => String(one.path) === String(path));
  // A secret that is written out is recorded as one that came from the environment is.
  const written: EnvironmentValue[] = writtenSecrets(raw)
    .filter(({ path }) => !isReference(path))
    .map(({ path }) => ({ path, written: "a secret" }));

  const steps = listed.map((item: unknown, index): RunbookStep => {
    const step = (item !== null && typeof item === "object" && !Array.isArray(item) ? item : {}) as {
      id?: unknown;
      uses?: unknown;
      with?: unknown;
      needs?: unknown;
      inputs?: unknown;
      optional?: unknown;
    };
    const at = (keys: readonly (string | number)[]) => source.at(["steps", index, ...keys]);
    if (typeof step.id === "string" && seen.has(step.id)) {
      diagnostics.push({
        code: "runbook.duplicate-step",
        message: `two steps have the id "${step.id}"`,
        ...at(["id"]),
        suggestion: null,
      });
    }
    if (typeof step.id === "string") seen.add(step.id);
    const policy = attemptPolicy(step);
    const frame = {
      id: String(step.id),
      needs: Array.isArray(step.needs) ? step.needs.filter((need) => typeof need === "string") : [],
      inputs: inputsOf(step.inputs),
      optional: step.optional === true,
      policy: policy ?? ONE_ATTEMPT,
    };
    const unknown = { ...frame, type: ANY_TYPE, params: {}, recordedParams: {}, unclear: "type" } as const;
    if (typeof step.uses !== "string") return unknown;
    const found = stepType(step.uses, types);
    if ("code" in found) {
      diagnostics.push({ ...found, ...at(["uses"]) });
      return unknown;
    }
    const { type } = found;
    const base = ["steps", index, "with"] as const;
    const params = type.params.safeParse(step.with ?? {});
    const unset = below(unresolved, base);
    if (!params.success || unset.length > 0) {
      if (!params.success) diagnostics.push(...diagnose(params.error, type.params, source, base));
      // What a step takes and makes may be among its parameters.
      if (type.ports !== undefined) return unknown;
      const rest = salvage(type.params, step.with ?? {}, unset);
      if (rest === null) return { ...unknown, type, unclear: "parameters" };
      salvaged.set(index, rest);
      const left = resolvePaths(type.params, rest.value, folder);
      return {
        ...frame,
        type,
        params: left,
        recordedParams: {},
        unclear: "some parameters",
        leftOut: rest.leftOut,
      };
    }
    const hidden = [...environment, ...written].filter(
      ({ path }) => path[0] === "steps" && path[1] === index && path[2] === "with",
    );
    return {
      ...frame,
      type: withPorts(type, params.data),
      params: resolvePaths(type.params, params.data, folder),
      recordedParams: withoutSecrets(params.data, hidden, 3),
    };
  });
  return { steps, salvaged };
}

/** What of the paths goes on from a base. */
export const below = (paths: readonly RunbookPath[], base: RunbookPath): RunbookPath[] =>
  paths
    .filter((path) => base.every((part, depth) => path[depth] === part))
    .map((path) => path.slice(base.length));

const inputsOf = (inputs: unknown): Record<string, string> =>
  typeof inputs === "object" && inputs !== null && !Array.isArray(inputs)
    ? Object.fromEntries(
        Object.entries(inputs).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : {};

/** The step type that `uses:` names, or what is wrong with the name. */
function stepType(
  uses: string,
  { stepTypes, modules }: StepTypes,
): { readonly type: AnyStepType } | Pick<Diagnostic, "code" | "message" | "suggestion"> {
  const module = modules.get(uses);
  if (module?.ok) return module;
  if (module !== undefined)
    return { code: "runbook.step-module", message: module.message, suggestion: module.suggestion };
  const type = stepTypes.find((candidate) => candidate.type === uses);
  if (type !== undefined) return { type };
  const names = stepTypes.map((candidate) => candidate.type);
  const near = nearest(uses, names);
  return {
    code: "runbook.unknown-step-type",
    message: `no step type is called "${uses}"`,
    suggestion: near === null ? `step types: ${names.join(", ")}` : `did you mean "${near}"?`,
  };
}
