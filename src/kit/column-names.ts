import type { ParameterProblem, Upstream } from "./step.js";
import { nearest } from "./suggest.js";

/** Columns of the panel by what a parameter may name them for. */
type Columns = Upstream["columns"];

/** Where a name stands inside `with:`; `isKey` where it is the key of a mapping. */
interface Named {
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly isKey?: true;
}

/** Names in a list, with their places. */
export const listed = (names: readonly string[], path: readonly (string | number)[]): Named[] =>
  names.map((name, index) => ({ name, path: [...path, index] }));

/** Keys of a mapping, with their places. */
export const keysOf = (
  mapping: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): Named[] => Object.keys(mapping).map((name) => ({ name, path: [...path, name], isKey: true }));

/** Names that `data.columns.attributes` does not list. */
export function unknownAttributes(named: readonly Named[], columns: Columns): ParameterProblem[] {
  if (columns === undefined) return [];
  const others = [...columns.known, ...columns.observed, columns.target];
  return problems(named, columns.attributes, (name) =>
    others.includes(name)
      ? `${name} is no attribute: \`data.columns\` lists it as ${roleOf(name, columns)}`
      : `the panel has no attribute ${name}`,
  );
}

/** Names that are neither the target nor a known or observed feature. */
export const unknownFeatures = (named: readonly Named[], columns: Columns): ParameterProblem[] =>
  columns === undefined
    ? []
    : problems(named, featuresOf(columns), (name) =>
        columns.attributes.includes(name)
          ? `${name} is no feature: \`data.columns\` lists it as an attribute, and this takes numbers`
          : `the panel has no feature ${name}`,
      );

/** Names that are no column of the panel at all. */
export const unknownColumns = (named: readonly Named[], columns: Columns): ParameterProblem[] =>
  columns === undefined
    ? []
    : problems(
        named,
        [...featuresOf(columns), ...columns.attributes],
        (name) => `the panel has no column ${name}`,
      );

const featuresOf = ({ target, known, observed }: NonNullable<Columns>): readonly string[] => [
  ...new Set(["target", target, ...known, ...observed]),
];

function problems(
  named: readonly Named[],
  known: readonly string[],
  message: (name: string) => string,
): ParameterProblem[] {
  return named
    .filter(({ name }) => !known.includes(name))
    .map(({ name, path, isKey }) => {
      const near = nearest(name, known);
      const there =
        known.length === 0
          ? "none is listed in `data.columns`"
          : `there are ${known.join(", ")}; a column counts once \`data.columns\` lists it`;
      return {
        path,
        ...(isKey === undefined ? {} : { isKey }),
        message: message(name),
        suggestion: near === null ? there : `did you mean "${near}"? ${there}`,
      };
    });
}

const roleOf = (name: string, { target, known }: NonNullable<Columns>): string =>
  name === target ? "the target" : known.includes(name) ? "a known feature" : "an observed feature";
