import type { z } from "zod";

type Schema = z.core.$ZodType;

/** The parts of a zod definition that lead to other schemas. */
interface Def {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly items?: readonly Schema[];
  readonly valueType?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
}

const defOf = (schema: Schema): Def => schema._zod.def as unknown as Def;

/** The keys that a schema knows at a path, for "did you mean". */
export function keysAt(schema: Schema, path: readonly (string | number)[]): string[] {
  const schemas = schemasAt(schema, path).flatMap(alternativesOf);
  return [...new Set(schemas.flatMap((candidate) => Object.keys(defOf(candidate).shape ?? {})))];
}

/** The options of the union at a path that has so many of them, in their order. */
export function unionAt(
  schema: Schema,
  path: readonly (string | number)[],
  options: number,
): readonly Schema[] | null {
  const unions = schemasAt(schema, path).map((candidate) => defOf(seeThrough(candidate)).options);
  return unions.find((union) => union?.length === options) ?? null;
}

function schemasAt(schema: Schema, path: readonly (string | number)[]): Schema[] {
  let schemas: Schema[] = [schema];
  for (const part of path) schemas = schemas.flatMap((candidate) => childrenOf(candidate, part));
  return schemas;
}

function childrenOf(schema: Schema, part: string | number): Schema[] {
  return alternativesOf(schema).flatMap((candidate) => {
    const { element, items, valueType, shape } = defOf(candidate);
    const name = String(part);
    const child =
      element ??
      valueType ??
      items?.[Number(part)] ??
      (shape && Object.hasOwn(shape, name) ? shape[name] : null);
    return child ? [child] : [];
  });
}

/** Sees through optional, default, nullable and pipe. */
function seeThrough(schema: Schema): Schema {
  const { innerType, in: input } = defOf(schema);
  const next = innerType ?? input;
  return next === undefined ? schema : seeThrough(next);
}

/** The same, and every option of a union. */
function alternativesOf(schema: Schema): Schema[] {
  const seen = seeThrough(schema);
  return defOf(seen).options?.flatMap(alternativesOf) ?? [seen];
}
