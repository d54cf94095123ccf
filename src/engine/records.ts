import { join } from "node:path";
import { z } from "zod";
import { digest } from "../durable/hash.js";
import { type Artifact, type ArtifactKind, isArtifactKind } from "../kit/artifact.js";
import type { DurableFiles } from "../kit/files.js";
import { canonicalJson, type Json } from "../kit/json.js";
import { wholeRecord } from "../kit/whole-record.js";
import { type FingerprintComponents, fingerprint as fingerprintOf } from "../plan/fingerprint.js";

const StoredArtifact = z.object({
  kind: z.custom<ArtifactKind>((kind) => typeof kind === "string" && isArtifactKind(kind)),
  hash: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.number() })),
});

const Components = z.object({
  format: z.number(),
  step: z.object({ type: z.string(), version: z.number() }),
  params: z.custom<Json>((value) => value !== undefined),
  inputs: wholeRecord(z.string(), z.string().nullable()),
  scope: z.custom<Json>((value) => value !== undefined),
  external: z.custom<Json>((value) => value !== undefined),
  tools: wholeRecord(z.string(), z.string()),
}) satisfies z.ZodType<FingerprintComponents>;

/** What is kept of a step that succeeded: enough to reuse it, and to say later why it went stale. */
export const StepRecord = z.object({
  fingerprint: z.string(),
  components: Components,
  outputs: wholeRecord(z.string(), StoredArtifact),
  summary: z.string(),
  metrics: wholeRecord(
    z.string(),
    z.object({
      value: z.number().nullable(),
      n: z.number().exactOptional(),
      why: z.string().exactOptional(),
    }),
  ),
  warnings: z.array(z.string()),
  seconds: z.number(),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** Step records by fingerprint. Written last, after everything they point to is on the disk. */
export class StepRecords {
  constructor(
    private readonly folder: string,
    private readonly files: DurableFiles,
  ) {}

  /** `damaged` for a file that is no record of this fingerprint. */
  async find(fingerprint: string): Promise<StepRecord | "damaged" | null> {
    const text = await this.files.readText(this.pathOf(fingerprint));
    if (text === null) return null;
    const record = parseRecord(text);
    return record !== null && fingerprintOf(record.components) === fingerprint ? record : "damaged";
  }

  /** An artifact by its hash, from whichever record tells of it; null when none does. Reads every record until then. */
  async artifact(hash: string): Promise<Artifact | null> {
    for (const folder of await this.files.list(this.folder)) {
      for (const name of await this.files.list(join(this.folder, folder))) {
        const record = parseRecord(await this.files.readText(join(this.folder, folder, name)));
        const found = Object.values(record?.outputs ?? {}).find((artifact) => artifact.hash === hash);
        if (found !== undefined) return found;
      }
    }
    return null;
  }

  async commit(record: StepRecord): Promise<void> {
    await this.files.writeAtomic(this.pathOf(record.fingerprint), recordText(record));
  }

  /** Before an effect is made: what an earlier record says of it, from a dry run perhaps, no longer counts. */
  async forget(fingerprint: string): Promise<void> {
    await this.files.remove(this.pathOf(fingerprint));
  }

  private pathOf(fingerprint: string): string {
    const hex = fingerprint.replace("sha256:", "");
    return join(this.folder, hex.slice(0, 2), `${hex.slice(2)}.json`);
  }
}

/** A record as it is stored: with a hash over itself, since later steps and the gate rely on its metrics. */
export function recordText(record: StepRecord): string {
  const sha256 = digest(canonicalJson(record));
  return `${JSON.stringify({ ...record, sha256 }, null, 2)}\n`;
}

/** A record that cannot be read (another format, a damaged disk, an edit) counts as no record: the step runs again. */
export function parseRecord(text: string | null): StepRecord | null {
  if (text === null) return null;
  try {
    const { sha256, ...record } = JSON.parse(text) as Record<string, Json>;
    const parsed = StepRecord.safeParse(record);
    return parsed.success && sha256 === digest(canonicalJson(record)) ? parsed.data : null;
  } catch {
    return null;
  }
}
