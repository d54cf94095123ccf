import { join } from "node:path";
import type { DurableFiles } from "../../kit/files.js";
import type { RegistryFile } from "../../kit/registry.js";
import { withTemporaryFolder } from "../../kit/temporary-folder.js";

/** A folder for files between the registry that they are read from and the one that they are put into. */
export interface Staging {
  add(path: string, content: Uint8Array): Promise<RegistryFile>;
}

/** The folder is gone when `use` is over. */
export async function withStaging<T>(files: DurableFiles, use: (staging: Staging) => Promise<T>): Promise<T> {
  return withTemporaryFolder("transfer", (folder) => {
    let count = 0;
    const add = async (path: string, content: Uint8Array) => {
      const source = join(folder, String(count++));
      await files.writeUnsynced(source, content);
      return { path, source };
    };
    return use({ add });
  });
}
