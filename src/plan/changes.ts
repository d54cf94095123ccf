import { CHANGE_AREAS, type Change } from "../kit/explanation.js";
import type { Json } from "../kit/json.js";
import { ownValue } from "../kit/own-value.js";
import { type Difference, differences, type FingerprintComponents } from "./fingerprint.js";

type Area = Change["area"];

/** What differs between the last time that a step ran and now, field by field, the most telling first. */
export function changesOf(before: FingerprintComponents, after: FingerprintComponents): Change[] {
  const changes = [
    ...leaves("format", before.format, after.format, () => "fingerprint format"),
    ...leaves("parameter", before.params, after.params, (name) => `parameter ${name}`.trimEnd()),
    ...differences(before.inputs, after.inputs).map(inputChange),
    ...externalChanges(membersOf(before.external), membersOf(after.external)),
    ...leaves("scope", before.scope, after.scope, (name) => name),
    ...programChanges(before, after),
  ];
  const rank = ({ area }: Change) => CHANGE_AREAS.indexOf(area);
  return changes
    .map((change, index) => ({ change, index }))
    .sort((a, b) => rank(a.change) - rank(b.change) || a.index - b.index)
    .map(({ change }) => change);
}

/** One short line of the most telling changes; empty when there are none. */
export function changesLine(changes: readonly Change[]): string {
  const shown = changes
    .slice(0, 3)
    .map(({ text }) => text)
    .join(", ");
  return changes.length > 3 ? `${shown} and ${changes.length - 3} more` : shown;
}

function leaves(area: Area, before: unknown, after: unknown, label: (name: string) => string): Change[] {
  return differences(before, after).map(({ path, before: from, after: to }) =>
    change(area, path, from, to, `${label(path)} ${move(from, to)}`),
  );
}

function inputChange({ path, before, after }: Difference): Change {
  const what = (before ?? null) === null ? "is new" : (after ?? null) === null ? "is gone" : "changed";
  return change("input", path, before, after, `input ${path} ${what}`);
}

function externalChanges(before: Members, after: Members): Change[] {
  const [metricsBefore, metricsAfter] = [membersOf(before.metrics), membersOf(after.metrics)];
  return [
    ...stateChanges("", before.state, after.state),
    // A metric's own name has dots, so it is no path to walk along.
    ...keysOf(metricsBefore, metricsAfter).flatMap((name) => {
      const [from, to] = [ownValue(metricsBefore, name), ownValue(metricsAfter, name)];
      if (differences(from, to).length === 0) return [];
      const [was, is] = [metricValue(from), metricValue(to)];
      const words = was === is ? "has other counts" : move(was, is);
      return [change("metric", name, was, is, `metric ${name} ${words}`)];
    }),
    ...leaves("registry", before.registry, after.registry, () => "registry"),
    ...differences(before.lineage, after.lineage).map(({ path, before: from, after: to }) =>
      change("lineage", path, from, to, path === "runbook" ? "runbook changed" : `${path} ${move(from, to)}`),
    ),
  ];
}

/** Names that a reader would not understand as they stand. */
const STATE_WORDS: Readonly<Record<string, string>> = {
  "": "state outside the inputs",
  previous: "what an earlier quarter left",
};

/** State that a step read itself: files with their hashes, the champion, or whatever else it named. */
function stateChanges(path: string, before: Json | undefined, after: Json | undefined): Change[] {
  const files = [fileHashes(before), fileHashes(after)] as const;
  if (files[0] !== null && files[1] !== null) return fileChanges(files[0], files[1]);
  if (isMembers(before) && isMembers(after)) {
    const moved = differences(before.champion, after.champion).length > 0;
    return keysOf(before, after)
      .filter((key) => !(moved && key === "digest"))
      .flatMap((key) =>
        stateChanges(path === "" ? key : `${path}.${key}`, ownValue(before, key), ownValue(after, key)),
      );
  }
  if (differences(before, after).length === 0) return [];
  if (path === "champion")
    return [change("champion", path, before, after, `champion moved ${move(before, after)}`)];
  const name = ownValue(STATE_WORDS, path) ?? path;
  const words =
    isPlainScalar(before) && isPlainScalar(after) ? `${name} ${move(before, after)}` : `${name} changed`;
  return [change("state", path, before, after, words)];
}

function fileChanges(before: Map<string, string>, after: Map<string, string>): Change[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [from, to] = [before.get(name), after.get(name)];
    if (from === to) return [];
    const what = from === undefined ? "is new" : to === undefined ? "is gone" : "changed";
    return [change("file", name, from, to, `source file ${name} ${what}`)];
  });
}

/** A newer program and the newer step type that came with it are one change. */
function programChanges(before: FingerprintComponents, after: FingerprintComponents): Change[] {
  const program = differences(before.tools.retrain, after.tools.retrain)[0];
  const version = differences(before.step.version, after.step.version)[0];
  const stepWords = version === undefined ? "" : `step version ${move(version.before, version.after)}`;
  const type = leaves(
    "step",
    { type: before.step.type },
    { type: after.step.type },
    (name) => `step ${name}`,
  );
  const merged =
    version === undefined
      ? []
      : [
          change(
            "step",
            "version",
            version.before,
            version.after,
            program === undefined
              ? stepWords
              : `retrain ${move(program.before, program.after)} (${stepWords})`,
          ),
        ];
  const tools = leaves("tool", before.tools, after.tools, (name) => name);
  return [...type, ...merged, ...tools.filter(({ name }) => version === undefined || name !== "retrain")];
}

const change = (
  area: Area,
  name: string,
  before: Json | undefined,
  after: Json | undefined,
  text: string,
): Change => ({ area, name, before, after, text });

type Members = Readonly<Record<string, Json>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const membersOf = (value: unknown): Members => (isMembers(value) ? value : {});

const keysOf = (a: Members, b: Members): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();

const metricValue = (metric: Json | undefined): Json | undefined =>
  isMembers(metric) ? metric.value : metric;

/** File → sha256 of a list of `{ file, sha256 }`; null for anything else. */
function fileHashes(value: Json | undefined): Map<string, string> | null {
  if (!Array.isArray(value)) return null;
  const hashes = new Map<string, string>();
  for (const entry of value as readonly Json[]) {
    if (!isMembers(entry)) return null;
    const { file, sha256 } = entry;
    if (typeof file !== "string" || typeof sha256 !== "string") return null;
    hashes.set(file, sha256);
  }
  return hashes;
}

/** A number, a word or nothing, but not a hash: two hashes side by side tell a reader nothing. */
const isPlainScalar = (value: Json | undefined): boolean =>
  value === undefined || value === null || (typeof value !== "object" && !/[0-9a-f]{32}/.test(String(value)));

const move = (before: Json | undefined, after: Json | undefined): string =>
  `${show(before)} → ${show(after)}`;

function show(value: Json | undefined): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}
