import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import type { ArtifactKind, ArtifactReader } from "../../../src/kit/artifact.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import type { AnyStepType } from "../../../src/kit/step.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { NO_WORKSPACE } from "../../support/workspace.js";
import { readerAt, testFolder, writerAt } from "../forecast/forecaster/support.js";

/** A real registry in a temp folder, and contexts around it for the steps that register and promote. */
export interface ReleaseBench {
  readonly root: string;
  readonly registry: ModelRegistry;
  /** An artifact with these files; objects that are no bytes are written as JSON. */
  artifact(kind: ArtifactKind, files: Readonly<Record<string, unknown>>): ArtifactReader;
  /** Runs the step; answers its outputs and what it warned of. */
  run(
    step: AnyStepType,
    inputs: Readonly<Record<string, ArtifactReader>>,
    options?: {
      readonly registry?: ModelRegistry;
      readonly key?: string;
      readonly quarter?: string;
      readonly params?: unknown;
      readonly sources?: readonly string[];
    },
  ): Promise<StepRun>;
}

export interface StepRun {
  readonly summary: string;
  readonly metrics: unknown;
  readonly warnings: readonly string[];
  readonly outputs: Readonly<Record<string, ArtifactReader>>;
  /** Asks `holds` with these outputs. */
  holds(registry?: ModelRegistry): Promise<string | null>;
}

const clock = { now: () => "2025-07-03T00:00:00.000Z", monotonic: () => 0 };

export function openRelease(): ReleaseBench {
  const root = testFolder();
  let folders = 0;
  const folder = () => join(root, `artifact-${++folders}`);
  const registry = embeddedRegistry(
    { folder: join(root, "registry"), files: nodeFiles(), clock },
    "file:registry",
  );
  return {
    root,
    registry,
    artifact(kind, files) {
      const at = folder();
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(at, path)), { recursive: true });
        const isRaw = typeof content === "string" || content instanceof Uint8Array;
        writeFileSync(join(at, path), isRaw ? content : JSON.stringify(content));
      }
      return readerAt(kind, at);
    },
    async run(step, inputs, options = {}) {
      const ports = Object.fromEntries(Object.keys(step.inputs).map((port) => [port, inputs[port] ?? null]));
      const outputs = Object.fromEntries(Object.keys(step.outputs).map((port) => [port, folder()]));
      const warnings: string[] = [];
      const context = {
        quarter: parseQuarter(options.quarter ?? "2025Q2")!,
        data: {
          sources: options.sources ?? [],
          frequency: "month" as const,
          columns: { series: "id", time: "month", target: "y", attributes: [], known: [], observed: [] },
          delimiter: null,
        },
        model: { name: "demand", alias: "best", horizon: 6, firstRelease: "promote" as const },
        fiscalYearStart: 1,
        params: step.params.parse(options.params ?? {}),
        inputs: ports,
        services: {
          registry: options.registry ?? registry,
          clock,
          memo: <T>(_key: string, load: () => Promise<T>) => load(),
        },
      };
      const result = await step.run({
        ...context,
        outputs: Object.fromEntries(Object.entries(outputs).map(([port, at]) => [port, writerAt(at)])),
        run: { id: "2025Q2-1", dryRun: false, step: step.type },
        lineage: { code: { retrain: "0.1.0", git: "abc123" }, runbook: "sha256:runbook" },
        workspace: NO_WORKSPACE,
        idempotencyKey: options.key ?? "key",
        signal: new AbortController().signal,
        metrics: {},
        progress: () => undefined,
        warn: (message: string) => void warnings.push(message),
      });
      const readers = Object.fromEntries(
        Object.entries(outputs).map(([port, at]) => [port, readerAt(step.outputs[port]!, at)]),
      );
      return {
        summary: result.summary,
        metrics: result.metrics,
        warnings,
        outputs: readers,
        holds: (other = context.services.registry) =>
          step.holds!({ ...context, services: { ...context.services, registry: other } }, readers),
      };
    },
  };
}

/** Thrown by a registry that `diesAt` a change. */
export class Killed extends Error {}

const CHANGES = [
  "ensureRun",
  "logRun",
  "putArtifacts",
  "closeRun",
  "ensureVersion",
  "attachModel",
  "moveAlias",
] as const;

/** The process dies at change number `at` (from 0), before the registry does it or after. */
export function diesAt(registry: ModelRegistry, at: number, when: "before" | "after"): ModelRegistry {
  let count = 0;
  const dying = { ...registry } as Record<string, unknown>;
  for (const name of CHANGES) {
    dying[name] = async (...args: unknown[]) => {
      const isLast = count++ === at;
      if (isLast && when === "before") throw new Killed();
      const result = await (registry[name] as (...args: unknown[]) => Promise<unknown>)(...args);
      if (isLast) throw new Killed();
      return result;
    };
  }
  return dying as unknown as ModelRegistry;
}

/** Everything that a registry holds about the model `demand`. */
export async function stateOf(registry: ModelRegistry): Promise<unknown> {
  const runs = await registry.listRuns("demand");
  const artifacts = runs.map(async ({ runId }) => {
    const paths = await registry.listArtifacts(runId);
    const hashed = paths.map(async (path) => [path, hash(await registry.readArtifact(runId, path))] as const);
    return Promise.all(hashed);
  });
  return {
    runs,
    details: await Promise.all(runs.map(({ runId }) => registry.runDetails(runId))),
    artifacts: await Promise.all(artifacts),
    versions: await registry.listVersions("demand"),
    aliases: await registry.aliasHistory("demand"),
  };
}

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
