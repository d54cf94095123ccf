import { type AttemptPolicy, ONE_ATTEMPT } from "../../../src/kit/attempts.js";
import { canonicalJson, type Json } from "../../../src/kit/json.js";
import type { AnyStepType } from "../../../src/kit/step.js";
import type { Runbook } from "../../../src/runbook/runbook.js";

export interface StepOf {
  readonly id: string;
  readonly type: AnyStepType;
  readonly params?: Json;
  readonly needs?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly optional?: boolean;
  readonly policy?: AttemptPolicy;
}

/** A checked runbook of these steps, as the parser would have made it. A place is its path, e.g. `steps.train.with.folds`. */
export function runbookOf(steps: readonly StepOf[], model = "demand"): Runbook {
  const path = (index: number, keys: readonly (string | number)[]) =>
    ["steps", steps[index]!.id, ...keys].join(".");
  return {
    file: "runbook.yaml",
    folder: "/nowhere",
    name: "test",
    csvFormulas: "text",
    data: {
      sources: [],
      frequency: "month",
      columns: { series: "id", time: "month", target: "y", attributes: [], known: [], observed: [] },
      delimiter: null,
    },
    fiscalYearStart: 1,
    model: { name: model, alias: "best", horizon: 6, firstRelease: "promote" },
    registryUri: "state:registry",
    steps: steps.map(({ id, type, params, needs, inputs, optional, policy }) => ({
      id,
      type,
      params: params ?? {},
      recordedParams: params ?? {},
      needs: needs ?? [],
      inputs: inputs ?? {},
      optional: optional ?? false,
      policy: policy ?? ONE_ATTEMPT,
    })),
    escalation: { owner: null, deadline: null, notify: [], approvals: { approvers: [], required: 1 } },
    digest: `sha256:${canonicalJson(steps.map(({ id, params }) => ({ id, params })))}`,
    secrets: [],
    place: (path) => ({ path: path.join("."), span: null }),
    keyPlace: (path, key) => ({ path: [...path, key].join("."), span: null }),
    stepPlace: (index, keys) => ({ path: path(index, keys), span: null }),
    stepKeyPlace: (index, keys, key) => ({ path: path(index, [...keys, key]), span: null }),
  };
}
