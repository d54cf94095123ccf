import { sha256 } from "../../durable/hash.js";

/** What MLflow and its own client use; and ours, which says what a tag of the interface cannot. */
const RESERVED = ["mlflow.", "retrain.registry."];

/** Longest name that is used as it is: MLflow takes 250 characters, and some names get one of our prefixes. */
const MAX_KEY = 200;

/** Bookkeeping of ours, beside the tags of the interface. */
export const OWN = {
  key: "retrain.registry.key",
  /** Hash of key and model: found by a filter without quoting. */
  id: "retrain.registry.id",
  /** What a listing asks for: the runs of a model, or the parts of a run. */
  group: "retrain.registry.group",
  model: "retrain.registry.model",
  quarter: "retrain.registry.quarter",
  cutoff: "retrain.registry.cutoff",
  parent: "retrain.registry.parent",
  closed: "retrain.registry.closed",
  /** Time of the original, of what was copied from another registry. */
  created: "retrain.registry.created",
  /** Milliseconds; orders what has one creation time. */
  order: "retrain.registry.order",
  /** A param, which MLflow writes once: whether the run counts among all of its id. */
  counts: "retrain.registry.counts",
  /** Names of the metrics that have points. */
  points: "retrain.registry.points",
  /** + name of an input: all that was said about it. */
  input: "retrain.registry.input.",
  /** + name of a param: its value, where it is not the first one, which MLflow never changes. */
  param: "retrain.registry.param.",
  /** + hash: which artifact holds the whole of a long value. */
  whole: "retrain.registry.whole.",
  /** Name of a run that is too long for MLflow's own field. */
  title: "retrain.registry.title",
  /** + hash: a name that is too long to be a key. */
  name: "retrain.registry.name.",
  /** Id of the logged model of a version. */
  loggedModel: "retrain.registry.logged-model",
  digest: "retrain.registry.digest",
} as const;

export const isReserved = (key: string): boolean => RESERVED.some((prefix) => key.startsWith(prefix));

const escaped = (sign: string): string => `_x${sign.codePointAt(0)!.toString(16)}_`;

/**
 * A name of any kind as a key that MLflow takes (`[/\w.\- :]`, and no path that normalises to another one): other signs
 * become `_x…_` with their code point in hex.
 */
export function encodeKey(name: string): string {
  if (name === "") return "_x_";
  const plain = name
    // Also before a sign that becomes `_x…_`, a slash among them: together they would look like another one.
    .replace(/_(?=x[\da-f]*[^\p{L}\p{N}.\-: ])/gu, escaped)
    .replace(/[^\p{L}\p{N}_.\-/: ]/gu, escaped)
    .replace(/(^|\/)(\.{1,2})(?=\/|$)/g, (_, before, dots) => before + [...dots].map(escaped).join(""))
    .replace(/^\/|\/$|(?<=\/)\//g, escaped);
  return isReserved(plain) ? escaped(plain[0]!) + plain.slice(1) : plain;
}

/** The key of a name, and for a long name the tag that holds the name itself. */
export function keyOf(name: string): {
  readonly key: string;
  readonly tag: readonly [string, string] | null;
} {
  const key = encodeKey(name);
  if (key.length <= MAX_KEY) return { key, tag: null };
  const hash = sha256(name).slice(0, 32);
  return { key: `${[...key].slice(0, 120).join("")}_h${hash}_`, tag: [OWN.name + hash, name] };
}

/** @param tags of the run, where the names of long keys stand */
export function nameOf(key: string, tags: ReadonlyMap<string, string>): string {
  const hash = key.length > MAX_KEY - 100 ? /_h([\da-f]{32})_$/.exec(key)?.[1] : undefined;
  return (hash === undefined ? undefined : tags.get(OWN.name + hash)) ?? decodeKey(key);
}

/** Undoes `encodeKey` and `encodePath`. */
export const decodeKey = (key: string): string =>
  key.replace(/_x([\da-f]*)_/g, (_, hex) =>
    hex === "" ? "" : String.fromCodePoint(Number.parseInt(hex, 16)),
  );

/** A path whose parts the artifact proxy takes: it refuses e.g. `#` and `?` even when they are percent-encoded. */
export const encodePath = (path: string): string =>
  path
    .replace(/_(?=x[\da-f]*[^\p{L}\p{N}.\-/ @+=,()~!])/gu, escaped)
    .replace(/[^\p{L}\p{N}_.\-/ @+=,()~!]/gu, escaped);
