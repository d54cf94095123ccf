import { mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { ArtifactWriter } from "../../../src/kit/artifact.js";
import { type Failure, FailureError } from "../../../src/kit/failure.js";
import type { DataSpec } from "../../../src/kit/specs.js";

/** A folder that goes away with the test file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "retrain-panel-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function writerInto(folder: string): ArtifactWriter {
  const path = (name: string) => join(folder, name);
  return {
    path,
    writeText: (name, text) => writeFile(path(name), text),
    writeBytes: (name, bytes) => writeFile(path(name), bytes),
    writeJson: (name, value) => writeFile(path(name), `${JSON.stringify(value, null, 2)}\n`),
  };
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("expected a failure");
}

/** The mapping of the files in fixtures/broken/data. */
export const ROOMS: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: {
    series: "property_id",
    time: "month",
    target: "rooms",
    attributes: ["region"],
    known: [],
    observed: ["price"],
  },
};
