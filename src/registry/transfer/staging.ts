import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DurableFiles } from "../../kit/files.js";
import type { RegistryFile } from "../../kit/registry.js";

/** A folder for files between the registry that they are read from and the one that they are put into. */
export interface Staging {
  add(path: string, content: Uint8Array): Promise<RegistryFile>;
}

/** The folder is gone when `use` is over. */
export async function withStaging<T>(files: DurableFiles, use: (staging: Staging) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "retrain-transfer-"));
  let count = 0;
  const add = async (path: string, content: Uint8Array) => {
    const source = join(folder, String(count++));
    await files.writeUnsynced(source, content);
    return { path, source };
  };
  try {
    return await use({ add });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
