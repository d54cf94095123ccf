import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { ownValue } from "../kit/own-value.js";

/**
 * Makes the strings absolute whose schema says `.meta({ path: true })`, relative to the runbook's folder. The fingerprint keeps them as written,
 * so that a checkout can move.
 */
export function resolvePaths(schema: z.core.$ZodType, value: unknown, folder: string): unknown {
  if (value === undefined || value === null) return value;
  if (isPath(schema)) {
    const absolute = (text: unknown) =>
      typeof text === "string" && !isAbsolute(text) && !text.includes("://") ? resolve(folder, text) : text;
    return Array.isArray(value) ? value.map(absolute) : absolute(value);
  }
  const def = schema._zod.def as {
    type: string;
    innerType?: z.core.$ZodType;
    in?: z.core.$ZodType;
    options?: z.core.$ZodType[];
    element?: z.core.$ZodType;
    shape?: Record<string, z.core.$ZodType>;
  };
  if (def.innerType) return resolvePaths(def.innerType, value, folder);
  if (def.in) return resolvePaths(def.in, value, folder);
  if (def.options) {
    const option = def.options.find((candidate) => z.safeParse(candidate, value).success);
    return option ? resolvePaths(option, value, folder) : value;
  }
  if (def.type === "array" && def.element && Array.isArray(value)) {
    return value.map((item) => resolvePaths(def.element!, item, folder));
  }
  if (def.type === "object" && def.shape && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        const child = ownValue(def.shape!, key);
        return [key, child ? resolvePaths(child, member, folder) : member];
      }),
    );
  }
  return value;
}

const isPath = (schema: z.core.$ZodType): boolean => z.globalRegistry.get(schema)?.path === true;
