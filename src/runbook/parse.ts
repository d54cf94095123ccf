import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../kit/diagnostic.js";
import { canonicalJson, type Json } from "../kit/json.js";
import { registryAddress } from "../kit/registry-address.js";
import { type AnyStepType, withPorts } from "../kit/step.js";
import { nearest } from "../kit/suggest.js";
import { attemptPolicy, withoutAttempts } from "./attempts.js";
import { dataColumns } from "./data-columns.js";
import { type EnvironmentValue, interpolate } from "./environment.js";
import { diagnose } from "./issues.js";
import { checkNames } from "./names.js";
import { channelSpec } from "./notify.js";
import { applyOverrides } from "./overrides.js";
import { resolvePaths } from "./paths.js";
import type { Runbook, RunbookResult, RunbookStep } from "./runbook.js";
import { RunbookFile } from "./schema.js";
import { hideSecrets, secretsOfAddress, secretsOfChannels, writtenSecrets } from "./secrets.js";
import { parseSource, type RunbookPath, type RunbookSource } from "./source.js";
import { type LoadedModules, usedModules } from "./step-module.js";

export interface ParseOptions {
  readonly stepTypes: readonly AnyStepType[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--set` values, `path=value`. */
  readonly overrides: readonly string[];
}

/** A runbook whose values are known and whose schema is still to be checked. */
export interface ReadRunbook {
  /** Modules that its steps use, as they are named: to be loaded before it is checked. */
  readonly modules: readonly string[];
  /** The Runbook, or every diagnostic at once, in the order of the file. */
  check(modules: LoadedModules): RunbookResult;
}

/** YAML text → Runbook, where no step comes from a module. */
export const parseRunbook = (text: string, file: string, options: ParseOptions): RunbookResult =>
  readRunbook(text, file, options).check(new Map());

export function readRunbook(text: string, file: string, options: ParseOptions): ReadRunbook {
  const { source, diagnostics, isUsable } = parseSource(text, file);
  if (!isUsable) return { modules: [], check: () => ({ ok: false, diagnostics }) };

  diagnostics.push(...applyOverrides(source, options.overrides));
  const environment = interpolate(source, options.env);
  diagnostics.push(...environment.diagnostics);

  const raw: unknown = source.document.toJS();
  return {
    modules: usedModules(raw),
    check: (modules) =>
      checkRunbook(raw, file, { ...options, modules }, source, environment, [...diagnostics]),
  };
}

type StepTypes = Pick<ParseOptions, "stepTypes"> & { readonly modules: LoadedModules };

function checkRunbook(
  raw: unknown,
  file: string,
  types: StepTypes,
  source: RunbookSource,
  environment: ReturnType<typeof interpolate>,
  diagnostics: Diagnostic[],
): RunbookResult {
  const parsed = RunbookFile.safeParse(raw);
  if (!parsed.success) diagnostics.push(...diagnose(parsed.error, RunbookFile, source, []));

  diagnostics.push(...checkNames(raw, source));
  for (const path of nulPaths(raw, [])) {
    const place = source.at(path);
    // A name has rules of its own, which say it too.
    if (diagnostics.some((one) => one.path === place.path)) continue;
    const message = "there is a NUL character in it, which no name and no path may have";
    diagnostics.push({ code: "runbook.invalid-value", message, ...place, suggestion: null });
  }
  const folder = dirname(resolve(file));
  const steps = checkSteps(raw, source, folder, environment.values, types, diagnostics);
  if (!parsed.success || diagnostics.length > 0) {
    const told = withoutUnset(diagnostics, environment.diagnostics);
    return {
      ok: false,
      diagnostics: inFileOrder(hideSecrets(told, [...environment.secrets, ...textsOf(writtenSecrets(raw))])),
    };
  }
  return { ok: true, runbook: assemble(parsed.data, raw, source, file, folder, steps, environment) };
}

function checkSteps(
  raw: unknown,
  source: RunbookSource,
  folder: string,
  environment: readonly EnvironmentValue[],
  types: StepTypes,
  diagnostics: Diagnostic[],
): RunbookStep[] {
  const listed = (raw as { steps?: unknown } | null)?.steps;
  if (!Array.isArray(listed)) return [];
  const steps: RunbookStep[] = [];
  const seen = new Set<string>();
  const isReference = (path: RunbookPath) => environment.some((one) => String(one.path) === String(path));
  // A secret that is written out is recorded as one that came from the environment is.
  const written: EnvironmentValue[] = writtenSecrets(raw)
    .filter(({ path }) => !isReference(path))
    .map(({ path }) => ({ path, written: "a secret" }));
  listed.forEach((item: unknown, index) => {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return;
    const step = item as {
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
    seen.add(String(step.id));
    if (typeof step.uses !== "string") return;
    const found = stepType(step.uses, types);
    if ("code" in found) {
      diagnostics.push({ ...found, ...at(["uses"]) });
      return;
    }
    const { type } = found;
    const params = type.params.safeParse(step.with ?? {});
    if (!params.success) {
      diagnostics.push(...diagnose(params.error, type.params, source, ["steps", index, "with"]));
      return;
    }
    const hidden = [...environment, ...written].filter(
      ({ path }) => path[0] === "steps" && path[1] === index && path[2] === "with",
    );
    const policy = attemptPolicy(step);
    if (policy === null) return;
    steps.push({
      id: String(step.id),
      type: withPorts(type, params.data),
      params: resolvePaths(type.params, params.data, folder),
      recordedParams: withoutSecrets(params.data, hidden, 3),
      needs: Array.isArray(step.needs) ? (step.needs as string[]) : [],
      inputs: (step.inputs ?? {}) as Record<string, string>,
      optional: step.optional === true,
      policy,
    });
  });
  return steps;
}

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

function assemble(
  file: RunbookFile,
  raw: unknown,
  source: RunbookSource,
  name: string,
  folder: string,
  steps: readonly RunbookStep[],
  environment: { values: readonly EnvironmentValue[]; secrets: readonly string[] },
): Runbook {
  const sources = Array.isArray(file.data.source) ? file.data.source : [file.data.source];
  const channels = (file.escalation?.notify ?? []).map((item) => channelSpec(item, folder));
  return {
    file: name,
    folder,
    name: file.name,
    data: {
      sources: sources.map((path) => resolve(folder, path)),
      frequency: file.data.frequency,
      ...dataColumns(file.data),
      delimiter: file.data.delimiter ?? null,
      ...(file.data.ids === undefined ? {} : { ids: file.data.ids }),
      // Absent and not null: what was fingerprinted before these were there stays as it is.
      ...(file.data.encoding === undefined ? {} : { encoding: file.data.encoding }),
      ...(file.data.sheet === undefined ? {} : { sheet: file.data.sheet }),
      ...(file.data.timeFormat === undefined ? {} : { timeFormats: [file.data.timeFormat].flat() }),
      ...(file.data.timeZone === undefined ? {} : { timeZone: file.data.timeZone }),
      ...(file.data.timeFlags === undefined ? {} : { timeFlags: file.data.timeFlags }),
    },
    fiscalYearStart: file.calendar?.fiscalYearStart ?? 1,
    model: file.model,
    csvFormulas: file.csv?.formulas ?? "text",
    registryUri: file.registry === undefined ? "state:registry" : registryUri(file.registry.uri, folder),
    steps,
    escalation: {
      owner: file.escalation?.owner ?? null,
      deadline: file.escalation?.deadline ?? null,
      notify: channels,
      approvals: file.escalation?.approvals ?? { approvers: [], required: 1 },
    },
    digest: `sha256:${sha256(canonicalJson(withoutAttempts(withoutSecrets(raw, environment.values, 0))))}`,
    secrets: [
      ...new Set([
        ...environment.secrets,
        ...secretsOfChannels(channels),
        ...secretsOfAddress(file.registry?.uri ?? ""),
        ...textsOf(writtenSecrets(raw)),
      ]),
    ],
    stepPlace: (index, keys) => source.at(["steps", index, ...keys]),
    stepKeyPlace: (index, keys, key) => source.atKey(["steps", index, ...keys], key),
  };
}

/**
 * `file:` URIs and plain paths are relative to the runbook, wherever the command is typed; `.retrain/` at the start stands for the state
 * directory, wherever that is: `state:registry`.
 */
function registryUri(uri: string, folder: string): string {
  const address = registryAddress(uri);
  if (address.kind === "server") return address.url;
  if (address.kind === "refused") return uri;
  const { path } = address;
  if (path.startsWith(".retrain/")) return `state:${path.slice(".retrain/".length)}`;
  return `file:${resolve(folder, path)}`;
}

const textsOf = (secrets: ReturnType<typeof writtenSecrets>): string[] =>
  secrets.flatMap(({ values }) => values);

/** A copy in which values from the environment are replaced by what was written and a digest of the value. */
function withoutSecrets(value: unknown, hidden: readonly EnvironmentValue[], depth: number): Json {
  const copy = structuredClone(value) as Json;
  for (const { path, written } of hidden) {
    let parent: unknown = copy;
    for (const part of path.slice(depth, -1))
      parent = (parent as Record<string | number, unknown> | undefined)?.[part];
    const key = path.at(-1)!;
    const current = (parent as Record<string | number, unknown> | undefined)?.[key];
    if (current === undefined) continue;
    (parent as Record<string | number, unknown>)[key] =
      `${written} = sha256:${sha256(String(current)).slice(0, 16)}`;
  }
  return copy;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A value whose variable is not set is of no type at all; one diagnostic is enough. */
function withoutUnset(
  diagnostics: readonly Diagnostic[],
  unset: readonly Diagnostic[],
): readonly Diagnostic[] {
  const paths = new Set(unset.map(({ path }) => path));
  return diagnostics.filter((one) => unset.includes(one) || !paths.has(one.path));
}

function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const line = (d: Diagnostic) => d.span?.line ?? 0;
  const column = (d: Diagnostic) => d.span?.column ?? 0;
  const seen = new Set<string>();
  return diagnostics
    .filter((d) => {
      const key = `${d.code} ${d.path} ${d.message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => line(a) - line(b) || column(a) - column(b));
}

/** Where texts with a NUL character stand: `"\0"` in quotes makes one. */
function nulPaths(value: unknown, path: RunbookPath): RunbookPath[] {
  if (typeof value === "string") return value.includes("\0") ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const inside = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return inside.flatMap(([key, item]) =>
    String(key).includes("\0") ? [path] : nulPaths(item, [...path, key]),
  );
}
