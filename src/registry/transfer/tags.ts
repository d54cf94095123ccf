import { COPY_TAGS, parseNumbers } from "../../kit/copied.js";
import type { ModelVersion, RegistryRun } from "../../kit/registry.js";
import { TRAIL_TAG } from "../../kit/trail.js";

/** So many of the newest numbers fit any registry's limit on the length of a tag, and a run's files mention only recent ones. */
const MAX_NUMBERS = 200;

const NONE = "0";

/** What a version is called on both sides. */
export interface Numbering {
  /** Versions of the source. */
  readonly versions: readonly ModelVersion[];
  /** Their numbers → the numbers of the same versions in the target. */
  readonly numbers: ReadonlyMap<string, string>;
  /** The tag of a run whose value is a version number. */
  readonly versionTag: string;
}

/** Tags that `copy` should have when it is whole. */
export function copiedTags(
  run: RegistryRun,
  copy: RegistryRun,
  { versions, numbers, versionTag }: Numbering,
): Record<string, string> {
  const { [COPY_TAGS.numbers]: before, [COPY_TAGS.state]: _, [COPY_TAGS.origin]: __, ...said } = run.tags;
  const tags = ofAnyRegistry(said);
  const own = tags[versionTag];
  const renumbered = renumberedTag(parseNumbers(before), versions, numbers);
  const hasNumbers = renumbered !== "" || COPY_TAGS.numbers in copy.tags;
  return {
    ...tags,
    ...(own === undefined ? {} : { [versionTag]: numbers.get(own) ?? NONE }),
    ...(hasNumbers ? { [COPY_TAGS.numbers]: renumbered } : {}),
  };
}

/** What a run says that is not about the registry that it is in: the record of moves of another has other ends. */
export function ofAnyRegistry(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { [TRAIL_TAG]: _, ...others } = tags;
  return others;
}

/** The numbers in the files of a copy were translated when it came to the source; they are translated once more. */
function renumberedTag(
  before: ReadonlyMap<string, string>,
  versions: readonly ModelVersion[],
  numbers: ReadonlyMap<string, string>,
): string {
  const mentioned = new Set([...before.keys(), ...versions.map(({ version }) => version)]);
  return [...mentioned]
    .sort((a, b) => Number(b) - Number(a))
    .map((number) => [number, numbers.get(before.get(number) ?? number) ?? NONE] as const)
    .filter(([number, there]) => number !== there)
    .slice(0, MAX_NUMBERS)
    .map((pair) => pair.join("="))
    .join(" ");
}

/** Whether `tags` has all of `wanted`, apart from those named. */
export function hasTags(
  tags: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  apart: readonly string[],
): boolean {
  return Object.entries(wanted).every(([name, value]) => apart.includes(name) || tags[name] === value);
}
