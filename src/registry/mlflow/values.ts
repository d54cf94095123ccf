import { sha256 } from "../../durable/hash.js";
import { fail } from "../../kit/failure.js";
import { readFile, VALUES_FOLDER } from "./artifacts.js";
import { encodePath, isReserved, keyOf, nameOf, OWN } from "./keys.js";
import type { Run } from "./schemas.js";
import type { Store } from "./store.js";
import { tagsOf } from "./tracking.js";

/** Characters that MLflow keeps of a value; it cuts the rest off and says nothing. */
const LONGEST = { param: 6000, tag: 8000 } as const;
type Kind = keyof typeof LONGEST;

/** Where the whole of a long value is. */
interface Whole {
  readonly kind: Kind;
  readonly key: string;
  readonly path: string;
  readonly sha256: string;
}

/** What must be written so that a run has the values that it was given. */
export interface Writes {
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  /** Whole long values by artifact path. */
  readonly files: Map<string, string>;
}

type Texts = Readonly<Record<string, string>>;

/**
 * Params and tags in the form in which MLflow keeps them. What the run has already is left out.
 * @param own bookkeeping tags, by the key that they have
 */
export function writesFor(run: Run, params: Texts, tags: Texts, own: Texts): Writes {
  const stored = { tags: tagsOf(run), params: paramsOf(run) };
  const writes: Writes = { params: new Map(), tags: new Map(), files: new Map() };
  const setTag = (key: string, value: string) => {
    if (stored.tags.get(key) !== value) writes.tags.set(key, value);
  };
  /** What goes into MLflow's own field: the value, or the beginning of a long one. */
  const shortened = (kind: Kind, key: string, value: string): string => {
    const marker = markerOf(kind, key);
    if (value.length <= LONGEST[kind]) {
      if ((stored.tags.get(marker) ?? "") !== "") setTag(marker, "");
      return value;
    }
    const path = pathOf(kind, key);
    const whole: Whole = { kind, key, path, sha256: sha256(value) };
    writes.files.set(path, value);
    setTag(marker, JSON.stringify(whole));
    return value.slice(0, LONGEST.param / 2).replace(/[\uD800-\uDBFF]$/, "");
  };
  const keyed = (name: string): string => {
    const { key, tag } = keyOf(name);
    if (tag !== null) setTag(...tag);
    return key;
  };
  for (const [name, value] of Object.entries(params)) {
    const key = keyed(name);
    const text = shortened("param", key, value);
    const before = stored.params.get(key);
    if (before === undefined) writes.params.set(key, text);
    else if ((stored.tags.get(OWN.param + key) ?? before) !== text) writes.tags.set(OWN.param + key, text);
  }
  for (const [name, value] of Object.entries(tags)) {
    const key = keyed(name);
    setTag(key, shortened("tag", key, value));
  }
  for (const [key, value] of Object.entries(own)) setTag(key, shortened("tag", key, value));
  return writes;
}

/** Everything that a run has in text, whole, by the names that it was given. */
export interface Values {
  readonly params: Texts;
  readonly tags: Texts;
  /** A bookkeeping tag. */
  own(key: string): string | undefined;
  /** Bookkeeping tags with a prefix: what comes after it, and the value. */
  ownBelow(prefix: string): readonly (readonly [string, string])[];
}

export async function valuesOf(store: Store, run: Run): Promise<Values> {
  const tags = tagsOf(run);
  const wholes = await wholesOf(store, run);
  const whole = (kind: Kind, key: string) => wholes.get(`${kind} ${key}`);
  const own = (key: string) => whole("tag", key) ?? tags.get(key);
  const params = [...paramsOf(run)]
    .filter(([key]) => !isReserved(key))
    .map(([key, value]): [string, string] => [
      nameOf(key, tags),
      whole("param", key) ?? tags.get(OWN.param + key) ?? value,
    ]);
  const shown = [...tags.keys()]
    .filter((key) => !isReserved(key))
    .map((key): [string, string] => [nameOf(key, tags), own(key)!]);
  return {
    params: Object.fromEntries(params.sort(byName)),
    tags: Object.fromEntries(shown.sort(byName)),
    own,
    ownBelow: (prefix) =>
      [...tags.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => [nameOf(key.slice(prefix.length), tags), own(key)!] as const),
  };
}

const byName = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
  a < b ? -1 : a > b ? 1 : 0;

const paramsOf = (run: Run): ReadonlyMap<string, string> =>
  new Map(run.data.params.map(({ key, value }) => [key, value]));

const markerOf = (kind: Kind, key: string): string => OWN.whole + sha256(`${kind} ${key}`).slice(0, 32);

function pathOf(kind: Kind, key: string): string {
  const name = encodePath(key).replaceAll("/", "_x2f_");
  return `${VALUES_FOLDER}/${kind}/${Buffer.byteLength(name) > 200 ? sha256(key) : name}.txt`;
}

async function wholesOf(store: Store, run: Run): Promise<ReadonlyMap<string, string>> {
  const markers = run.data.tags.filter(({ key, value }) => key.startsWith(OWN.whole) && value !== "");
  const entries = markers.map(async ({ value }): Promise<[string, string]> => {
    const whole = JSON.parse(value) as Whole;
    return [`${whole.kind} ${whole.key}`, await textOf(store, run, whole)];
  });
  return new Map(await Promise.all(entries));
}

function textOf(store: Store, run: Run, { path, sha256: expected }: Whole): Promise<string> {
  const known = store.texts.get(expected);
  if (known !== undefined) return known;
  const text = readWhole(store, run, path, expected);
  store.texts.set(expected, text);
  text.catch(() => store.texts.delete(expected));
  return text;
}

async function readWhole(store: Store, { info }: Run, path: string, expected: string): Promise<string> {
  const owner = `run ${info.run_id}`;
  const bytes = await readFile(store, info.artifact_uri, path);
  if (bytes === null) return fail({ code: "registry.file-missing", retryable: false, owner, path });
  if (sha256(bytes) === expected) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const detail = `sha256 is ${sha256(bytes)}, recorded was ${expected}`;
  return fail({ code: "registry.corrupt", retryable: false, path: `${owner}: ${path}`, detail });
}
