import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../kit/diagnostic.js";
import { canonicalJson } from "../kit/json.js";
import { registryAddress } from "../kit/registry-address.js";
import type { AnyStepType } from "../kit/step.js";
import { withoutAttempts } from "./attempts.js";
import { dataSpec } from "./data-columns.js";
import { type Interpolated, interpolate } from "./environment.js";
import { diagnose } from "./issues.js";
import { legibleRunbook } from "./legible.js";
import { checkNames } from "./names.js";
import { channelSpec } from "./notify.js";
import { applyOverrides } from "./overrides.js";
import { sha256, withoutSecrets } from "./recorded.js";
import { recover } from "./recover.js";
import type { Runbook, RunbookResult, RunbookStep } from "./runbook.js";
import { RunbookFile } from "./schema.js";
import { hideSecrets, secretsOfAddress, secretsOfChannels, writtenSecrets } from "./secrets.js";
import { parseSource, type RunbookPath, type RunbookSource } from "./source.js";
import { type LoadedModules, usedModules } from "./step-module.js";
import { checkSteps, type StepTypes } from "./steps.js";

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
  const recovered = isUsable ? null : recover(text, file);
  if (!isUsable && recovered === null)
    return { modules: [], check: () => ({ ok: false, diagnostics, legible: null }) };
  const given: Given = {
    file,
    folder: dirname(resolve(file)),
    source: recovered?.source ?? source,
    lost: recovered?.sections ?? new Set(),
    lacksSteps: recovered?.steps ?? false,
  };
  const overridden = applyOverrides(given.source, options.overrides);
  // One may be about what is broken.
  if (isUsable) diagnostics.push(...overridden);
  const environment = interpolate(given.source, options.env);
  diagnostics.push(...environment.diagnostics);

  const raw: unknown = given.source.document.toJS();
  return {
    modules: usedModules(raw),
    check: (modules) => checkRunbook(raw, given, { ...options, modules }, environment, [...diagnostics]),
  };
}

interface Given {
  readonly file: string;
  readonly folder: string;
  readonly source: RunbookSource;
  /** Sections, and whether steps, that are no YAML and were left out. */
  readonly lost: ReadonlySet<string>;
  readonly lacksSteps: boolean;
}

function checkRunbook(
  raw: unknown,
  given: Given,
  types: StepTypes,
  environment: Interpolated,
  diagnostics: Diagnostic[],
): RunbookResult {
  const { file, folder, source, lost } = given;
  const parsed = RunbookFile.safeParse(raw);
  if (!parsed.success) {
    const found = diagnose(parsed.error, RunbookFile, source, []);
    diagnostics.push(...found.filter(({ code, path }) => code !== "runbook.missing-key" || !lost.has(path)));
  }
  diagnostics.push(...checkNames(raw, source));
  for (const path of nulPaths(raw, [])) {
    const place = source.at(path);
    // A name has rules of its own, which say it too.
    if (diagnostics.some((one) => one.path === place.path)) continue;
    const message = "there is a NUL character in it, which no name and no path may have";
    diagnostics.push({ code: "runbook.invalid-value", message, ...place, suggestion: null });
  }
  const checked = checkSteps(raw, source, folder, environment, types, diagnostics);
  if (!parsed.success || diagnostics.length > 0) {
    const secrets = [...environment.secrets, ...textsOf(writtenSecrets(raw))];
    const told = withoutUnset(diagnostics, environment.diagnostics);
    const legible = legibleRunbook(
      raw,
      source,
      folder,
      checked,
      { ...environment, secrets },
      given.lacksSteps || lost.has("steps"),
    );
    return { ok: false, diagnostics: inFileOrder(hideSecrets(told, secrets)), legible };
  }
  return { ok: true, runbook: assemble(parsed.data, raw, source, file, folder, checked.steps, environment) };
}

function assemble(
  file: RunbookFile,
  raw: unknown,
  source: RunbookSource,
  name: string,
  folder: string,
  steps: readonly RunbookStep[],
  environment: Pick<Interpolated, "values" | "secrets">,
): Runbook {
  const channels = (file.escalation?.notify ?? []).map((item) => channelSpec(item, folder));
  return {
    file: name,
    folder,
    name: file.name,
    data: dataSpec(file.data, folder),
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
    place: source.at,
    keyPlace: source.atKey,
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

/** A value whose variable is not set is of no type at all; one diagnostic is enough. */
function withoutUnset(
  diagnostics: readonly Diagnostic[],
  unset: readonly Diagnostic[],
): readonly Diagnostic[] {
  const paths = new Set(unset.map(({ path }) => path));
  return diagnostics.filter((one) => unset.includes(one) || !paths.has(one.path));
}

/** As a reader of the file comes to them, each once. */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
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
