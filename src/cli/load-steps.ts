import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { isArtifactKind } from "../kit/artifact.js";
import type { AnyStepType } from "../kit/step.js";
import { wholeRecord } from "../kit/whole-record.js";
import { shellWord } from "../report/commands.js";
import type { LoadedModule, LoadedModules } from "../runbook/step-module.js";
import { keepProgramsOffStandardOutput } from "./keep-programs-off.js";
import { installed } from "./version.js";

/**
 * Loads the modules that a runbook's steps come from. What is wrong with one is an answer, not an exception: the runbook's check says it where
 * the runbook names the module.
 * @param runbook path of the runbook; modules are relative to its folder
 */
export async function loadSteps(
  modules: readonly string[],
  runbook: string,
  builtIn: readonly AnyStepType[],
): Promise<LoadedModules> {
  const loaded = new Map<string, LoadedModule>();
  const owners = new Map(builtIn.map(({ type }) => [type, "retrain itself"]));
  for (const uses of modules) {
    const module = await loadModule(resolve(dirname(resolve(runbook)), uses));
    const owner = module.ok ? owners.get(module.type.type) : undefined;
    loaded.set(uses, owner === undefined || !module.ok ? module : clash(uses, module.type.type, owner));
    if (module.ok && owner === undefined) owners.set(module.type.type, uses);
  }
  return loaded;
}

const clash = (uses: string, type: string, owner: string): LoadedModule => ({
  ok: false,
  message: `${uses} calls its step type "${type}", and so does ${owner}`,
  suggestion: "give it a `type` of its own",
});

async function loadModule(path: string): Promise<LoadedModule> {
  keepProgramsOffStandardOutput();
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    const why =
      errno === "ENOENT" ? "there is no such file" : errno === "EISDIR" ? "it is a folder" : String(errno);
    return { ok: false, message: `cannot read the module ${path}: ${why}`, suggestion: null };
  }
  let exports: { readonly default?: unknown; readonly step?: unknown };
  try {
    exports = (await import(pathToFileURL(path).href)) as typeof exports;
  } catch (error) {
    return importFailed(path, error);
  }
  const given = exports.default ?? exports.step;
  if (given === undefined) {
    const message = `${path} exports no step type`;
    return { ok: false, message, suggestion: "`export default defineStep({ … })`, or export it as `step`" };
  }
  const checked = StepShape.safeParse(given);
  if (!checked.success) {
    const lacks = checked.error.issues.map(({ path: at, message: what }) =>
      at.length === 0 ? what : `${at.join(".")}: ${what}`,
    );
    return {
      ok: false,
      message: `what ${path} exports is no step type: ${lacks.join("; ")}`,
      suggestion: "docs/custom-steps.md has one to start from",
    };
  }
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ok: true, type: withModuleHash(given as AnyStepType, sha256) };
}

/** An edited module is another step type, whatever its `version` says. */
function withModuleHash(type: AnyStepType, sha256: string): AnyStepType {
  return {
    ...type,
    external: async (context) => ({ module: sha256, state: (await type.external?.(context)) ?? null }),
  };
}

function importFailed(path: string, error: unknown): LoadedModule {
  const { message = "", code = "" } = error as NodeJS.ErrnoException;
  const isTypeScript = /^\.[cm]?ts$/.test(extname(path));
  const suggestion =
    isTypeScript && code === "ERR_UNKNOWN_FILE_EXTENSION"
      ? "this version of Node does not read TypeScript: compile it to .mjs, or use Node 22.18 or later"
      : code === "ERR_MODULE_NOT_FOUND" && /'retrain'/.test(message)
        ? `install retrain in the runbook's project: npm install --save-dev ${shellWord(installed("."))}`
        : null;
  const why = String(error);
  return { ok: false, message: `cannot import ${path}: ${why.split("\n")[0]}`, suggestion };
}

const kind = z.string().refine(isArtifactKind, {
  error: "expected an artifact kind of docs/steps.md, or custom/NAME",
});
const callable = z.custom((value) => typeof value === "function", "expected a function");
const schema = z.custom(
  (value) => typeof (value as z.ZodType | null)?.safeParse === "function" && "_zod" in (value as object),
  "expected a schema of zod 4, e.g. z.strictObject({})",
);

/** What the contract of a step type asks for, as far as it can be seen without running it. */
const StepShape = z
  .object(
    {
      type: z
        .string("expected text")
        .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "expected lower-case words with hyphens"),
      version: z.int("expected a whole number from 1").min(1, "expected a whole number from 1"),
      summary: z.string("expected a sentence").min(1, "expected a sentence"),
      params: schema,
      inputs: wholeRecord(
        z.string(),
        z.union([kind, z.object({ kind, optional: z.literal(true) })], {
          error: "expected an artifact kind of docs/steps.md, or custom/NAME",
        }),
        "expected ports with their kinds, or {}",
      ),
      outputs: wholeRecord(z.string(), kind, "expected ports with their kinds, or {}"),
      metrics: wholeRecord(z.string(), z.string(), "expected names with their meanings, or {}"),
      effect: z.enum(["pure", "external"], 'expected "pure" or "external"'),
      run: callable,
      reports: callable.optional(),
      ports: callable.optional(),
      check: callable.optional(),
      external: callable.optional(),
      holds: callable.optional(),
    },
    "expected an object",
  )
  .refine(({ effect, holds }) => effect === "pure" || holds !== undefined, {
    path: ["holds"],
    error: "expected a function, because its effect is external",
  });
