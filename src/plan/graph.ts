import { type ArtifactKind, kindMeaning, RELEASE_KINDS } from "../kit/artifact.js";
import type { Diagnostic } from "../kit/diagnostic.js";
import { ownValue } from "../kit/own-value.js";
import { type AnyStepType, inputKind, isOptional } from "../kit/step.js";
import { nearest } from "../kit/suggest.js";
import type { LegibleRunbook, Runbook, RunbookStep } from "../runbook/runbook.js";

/** Where an input comes from. */
export interface Wire {
  readonly step: string;
  readonly port: string;
}

export interface GraphNode {
  readonly id: string;
  readonly type: AnyStepType;
  readonly step: RunbookStep;
  /** Input port → its source; null for an optional port that nobody feeds. */
  readonly wires: Readonly<Record<string, Wire | null>>;
  /** Ids of the nodes that must be done before, sorted in runbook order. */
  readonly after: readonly string[];
  /** Those of them that may fail: optional steps that feed none of its required inputs and that it does not `need`. */
  readonly tolerates: readonly string[];
}

/** The steps in runbook order, wired. An edge always points to an earlier step, so runbook order is a dependency order. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
}

export type GraphResult =
  | { readonly ok: true; readonly graph: Graph }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Wires every input port to the one earlier step that makes its kind, and checks what only the whole runbook can tell. */
export function wireGraph(runbook: Runbook, types: readonly AnyStepType[]): GraphResult {
  const diagnostics: Diagnostic[] = [];
  const nodes = runbook.steps.map((step, index) =>
    wireNode({ ...runbook, lacksSteps: false, hasColumns: true }, step, index, types, diagnostics),
  );
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, graph: { nodes } };
}

/** What wiring says of the steps of a runbook that is not valid, but for what follows from its mistakes. */
export function wiringProblems(runbook: LegibleRunbook, types: readonly AnyStepType[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const hasColumns =
    runbook.data !== null && !runbook.dataLeftOut.some(([key]) => key === "columns" || key === undefined);
  runbook.steps.forEach((step, index) => {
    if (step.unclear !== "type") wireNode({ ...runbook, hasColumns }, step, index, types, diagnostics);
  });
  return diagnostics;
}

interface Wirable
  extends Pick<LegibleRunbook, "steps" | "data" | "model" | "lacksSteps" | "stepPlace" | "stepKeyPlace"> {
  readonly hasColumns: boolean;
}

function wireNode(
  runbook: Wirable,
  step: RunbookStep,
  index: number,
  types: readonly AnyStepType[],
  diagnostics: Diagnostic[],
): GraphNode {
  const earlier = runbook.steps.slice(0, index);
  const isUnclear = ({ unclear }: RunbookStep) => unclear === "type";
  /** Whether a step that makes what is missing may be one of those that could not be read. */
  const mayBeThere = runbook.lacksSteps || earlier.some(isUnclear);
  const report = (
    code: string,
    keys: readonly (string | number)[],
    message: string,
    suggestion: string | null,
  ) => diagnostics.push({ code, message, ...runbook.stepPlace(index, keys), suggestion });

  const fed = new Map<string, Wire | null>();
  for (const [port, spec] of Object.entries(step.type.inputs)) {
    const kind = inputKind(spec);
    const named = ownValue(step.inputs, port);
    const sources = producers(named === undefined ? earlier : earlier.filter(({ id }) => id === named), kind);
    if (sources.length === 1) fed.set(port, sources[0]!);
    else if (sources.length > 1) {
      const ids = sources.map((source) => source.step);
      report(
        "runbook.ambiguous-input",
        [],
        `step "${step.id}" takes ${phrase(kind)}, and more than one earlier step makes it: ${ids.join(", ")}`,
        `add \`inputs: { ${port}: ${ids.at(-1)} }\``,
      );
    } else if (mayBeThere) fed.set(port, null);
    else if (named !== undefined) {
      const known = producers(earlier, kind).map((source) => source.step);
      report(
        "runbook.unknown-input",
        ["inputs", port],
        `no step before "${step.id}" is called "${named}" and makes ${phrase(kind)}`,
        known.length > 0 ? `these do: ${known.join(", ")}` : null,
      );
    } else if (isOptional(spec)) fed.set(port, null);
    else {
      const makers = types
        .filter((type) => Object.values(type.outputs).includes(kind))
        .map((type) => type.type);
      const later = producers(runbook.steps.slice(index + 1), kind).map((source) => source.step);
      report(
        "runbook.missing-input",
        ["uses"],
        `step "${step.id}" needs ${phrase(kind)}, and no earlier step makes it`,
        later.length > 0
          ? `move "${later[0]}" before "${step.id}"`
          : makers.length > 0
            ? `add a step with \`uses: ${makers.join("` or `")}\` before it`
            : `add a step before it that has \`${kind}\` among its outputs`,
      );
    }
  }

  for (const port of Object.keys(step.inputs)) {
    if (Object.hasOwn(step.type.inputs, port)) continue;
    const near = nearest(port, Object.keys(step.type.inputs));
    diagnostics.push({
      code: "runbook.unknown-port",
      message: `${step.type.type} has no input "${port}"`,
      ...runbook.stepKeyPlace(index, ["inputs"], port),
      suggestion:
        near === null
          ? `its inputs: ${Object.keys(step.type.inputs).join(", ") || "none"}`
          : `did you mean "${near}"?`,
    });
  }
  step.needs.forEach((need, i) => {
    if (runbook.lacksSteps || earlier.some(({ id }) => id === need)) return;
    const isLater = runbook.steps.slice(index + 1).some(({ id }) => id === need);
    const near = nearest(
      need,
      earlier.map(({ id }) => id),
    );
    report(
      "runbook.unknown-need",
      ["needs", i],
      `no earlier step has the id "${need}"`,
      isLater ? `move "${need}" before "${step.id}"` : near === null ? null : `did you mean "${near}"?`,
    );
  });
  const upstream = {
    metrics: runbook.lacksSteps ? ["*"] : earlier.flatMap(metricPaths),
    // Nobody knows it where the model's section cannot be read.
    alias: runbook.model?.alias ?? "",
    steps: earlier
      .filter(({ unclear }) => unclear === undefined)
      .map(({ id, type, params }) => ({ id, type: type.type, params })),
    ...(runbook.data !== null && runbook.hasColumns ? { columns: columnsOf(runbook.data) } : {}),
  };
  const problems = step.unclear === "parameters" ? [] : (step.type.check?.(step.params, upstream) ?? []);
  for (const { path, isKey, message, suggestion } of problems) {
    if (runbook.model === null && path[0] === "alias") continue;
    const keys = ["with", ...path];
    const place =
      isKey === true
        ? runbook.stepKeyPlace(index, keys.slice(0, -1), String(keys.at(-1)))
        : runbook.stepPlace(index, keys);
    diagnostics.push({ code: "runbook.invalid-value", message, ...place, suggestion });
  }

  const required = new Set([
    ...[...fed].flatMap(([port, wire]) =>
      wire === null || isOptional(step.type.inputs[port]!) ? [] : [wire.step],
    ),
    ...step.needs,
  ]);
  const mayFail = earlier.filter(({ optional }) => optional).map(({ id }) => id);
  checkOptional(
    step,
    mayFail.filter((id) => required.has(id)),
    report,
  );

  const direct = new Set([...[...fed.values()].flatMap((wire) => (wire ? [wire.step] : [])), ...step.needs]);
  // Metrics of any earlier step may be read, so a reader comes after all of them.
  if (step.type.readsMetrics || step.type.afterAll) for (const { id } of earlier) direct.add(id);
  return {
    id: step.id,
    type: step.type,
    step,
    wires: Object.fromEntries(fed),
    after: earlier.map(({ id }) => id).filter((id) => direct.has(id)),
    tolerates: mayFail.filter((id) => direct.has(id) && !required.has(id)),
  };
}

/** A run that goes on without a step must be able to: nothing that it needs may come from there, and no release rests on it. */
function checkOptional(
  step: RunbookStep,
  optionalSources: readonly string[],
  report: (
    code: string,
    keys: readonly (string | number)[],
    message: string,
    suggestion: string | null,
  ) => void,
): void {
  if (!step.optional) {
    for (const id of optionalSources)
      report(
        "runbook.optional-step",
        ["uses"],
        `step "${step.id}" needs the result of "${id}", which is optional`,
        `add \`optional: true\` to "${step.id}" too, or remove it from "${id}"`,
      );
    return;
  }
  const made = Object.values(step.type.outputs).find((kind) => RELEASE_KINDS.includes(kind));
  if (made === undefined) return;
  report(
    "runbook.optional-step",
    ["optional"],
    `step "${step.id}" cannot be optional: a release rests on ${phrase(made)}`,
    "remove `optional`",
  );
}

function columnsOf({
  columns: { target, attributes, known, observed },
}: NonNullable<LegibleRunbook["data"]>) {
  return { target, attributes, known, observed };
}

const metricPaths = (step: RunbookStep): string[] => reportedBy(step).map((name) => `${step.id}.${name}`);

/** Of a step that is not valid nobody knows more than its type, if that. */
function reportedBy({ type, params, unclear }: RunbookStep): readonly string[] {
  if (unclear === "type") return ["*"];
  return (unclear === undefined ? type.reports?.(params) : undefined) ?? Object.keys(type.metrics);
}

function producers(steps: readonly RunbookStep[], kind: ArtifactKind): Wire[] {
  return steps.flatMap(({ id, type }) =>
    Object.entries(type.outputs)
      .filter(([, made]) => made === kind)
      .map(([port]) => ({ step: id, port })),
  );
}

const phrase = (kind: ArtifactKind): string =>
  `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind} (${kindMeaning(kind)})`;
