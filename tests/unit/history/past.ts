import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { RUN_TAGS } from "../../../src/history/run-tags.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";

/** A registry of one model `demand` whose past is told run by run. */
export interface Past {
  readonly folder: string;
  readonly registry: ModelRegistry;
  /** Writes the files and a version; answers the run id. */
  run(
    quarter: string,
    options?: {
      readonly files?: Readonly<Record<string, string | Uint8Array>>;
      readonly closed?: boolean;
      readonly tags?: Readonly<Record<string, string>>;
    },
  ): Promise<{ runId: string; version: string }>;
  move(alias: string, to: string, key?: string): Promise<void>;
  /** ISO instant of what comes next. */
  setClock(now: string): void;
}

export async function openPast(): Promise<Past> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-history-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let now = "2025-07-01T00:00:00Z";
  const clock = { now: () => now, monotonic: () => 0 };
  const place = { folder: join(folder, "registry"), files: nodeFiles(), clock };
  const registry = embeddedRegistry(place, "file:registry");
  let count = 0;
  return {
    folder,
    registry,
    async run(quarter, { files = {}, closed = true, tags = {} } = {}) {
      const key = `key ${++count}`;
      const { cutoff } = parseQuarter(quarter)!;
      const { runId } = await registry.ensureRun({
        key,
        model: "demand",
        name: key,
        quarter,
        cutoff,
        tags,
      });
      const spec = { name: "demand", key, runId, description: "", tags: {} };
      const { version } = await registry.ensureVersion(spec);
      const put = Object.entries(files).map(async ([path, content], index) => {
        const source = join(folder, `source ${count} ${index}`);
        await writeFile(source, content);
        return { path, source };
      });
      await registry.putArtifacts(runId, await Promise.all(put));
      if (closed) await registry.closeRun(runId, { [RUN_TAGS.version]: version });
      return { runId, version };
    },
    async move(alias, to, key = `move ${++count}`) {
      await registry.moveAlias({ name: "demand", alias, to, by: "test", reason: "", decision: null, key });
    },
    setClock(instant) {
      now = instant;
    },
  };
}
